//! Claim: relations between words are differences of their vectors.

use harness::{
    AnalogySection, Claim, Criterion, Experiment, ExperimentContext, Finding, MOST_FREQUENT,
    Progress, Result, Vectors, judge_analogies,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::claim;
use super::experiment_data::{ExperimentData, Outcome, TrainingCache, accuracy};
use super::summary_statistics::{accuracies, mean_of};
use crate::config::Architecture;

/// Compares the accuracy of trained vectors with chance, with random vectors and with the word nearest to c.
pub(super) struct Offsets(pub(super) TrainingCache);

/// The required multiple of chance, and of the accuracy of random vectors.
const MIN_FACTOR: f64 = 10.0;

/// The accuracies of a repetition in percent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accuracies {
    pub(super) trained: Outcome,
    /// Of a guess.
    pub(super) chance: f64,
    /// Of random vectors.
    pub(super) random: f64,
    /// Of the word nearest to c, thus without the offset.
    pub(super) nearest: f64,
}

impl Experiment for Offsets {
    fn claim(&self) -> Claim {
        claim(
            "offsets",
            "Relations between words are differences of their vectors: analogies are answered more than ten times as often as by chance, \
             and more often than by the word nearest to c.",
            "Skip-gram reaches 53.3 % in 300 dimensions on 783 M words and 65.6 % in 1000 on 6 G; earlier vectors reach 2.1 to \
             24.6 %.",
            "2013a, tables 4 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for data in ExperimentData::all(context, &self.0)? {
            let config = data.settings(Architecture::SkipGram);
            let (trained, vectors) = data.train_and_evaluate(&config, progress)?;
            let questions = data.questions()?;
            let random = random_vectors(&vectors, data.repetition.seed)?;
            measured.push(Accuracies {
                trained,
                chance: 100.0 / vectors.len().min(MOST_FREQUENT) as f64,
                random: analogy_accuracy(&random, questions)?,
                nearest: analogy_accuracy(&vectors, &without_offset(questions))?,
            });
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the accuracies of each repetition.
pub(super) fn finding(claim: Claim, measured: &[Accuracies]) -> Finding {
    let column =
        |of: &dyn Fn(&Accuracies) -> f64| -> Vec<f64> { measured.iter().map(of).collect() };
    let mean = |of: &dyn Fn(&Accuracies) -> f64| super::summary_statistics::mean(&column(of));
    let above_chance = Criterion::above(
        "accuracy less ten times that of chance or random vectors, percentage points",
        column(&|own| own.trained.total - MIN_FACTOR * own.chance.max(own.random)),
        0.0,
    );
    let above_nearest = Criterion::above(
        "lead over the word nearest to c, percentage points",
        column(&|own| own.trained.total - own.nearest),
        0.0,
    );
    let outcomes: Vec<Outcome> = measured.iter().map(|own| own.trained).collect();
    let sentence = format!(
        "The accuracy is {}; random vectors reach {:.3} %, chance is {:.3} %, and the word nearest to c gives {:.2} %. The accuracy \
         exceeds {MIN_FACTOR} times the larger of chance and random vectors by {above_chance} percentage points; coverage {:.1} %. \
         (Skip-gram, {:.0} tokens.)",
        accuracies(&outcomes),
        mean(&|own| own.random),
        mean(&|own| own.chance),
        mean(&|own| own.nearest),
        mean_of(&outcomes, |outcome| outcome.coverage),
        mean_of(&outcomes, |outcome| outcome.tokens),
    );
    Finding::new(claim, sentence, vec![above_chance, above_nearest])
}

fn analogy_accuracy(vectors: &Vectors, questions: &[AnalogySection]) -> Result<f64> {
    accuracy(&judge_analogies(vectors, questions, MOST_FREQUENT).total)
}

/// Random vectors for the same words.
fn random_vectors(vectors: &Vectors, seed: u64) -> Result<Vectors> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = vectors.values().iter();
    let values = values.map(|_| rng.random_range(-0.5..0.5_f32)).collect();
    Vectors::new(vectors.words().to_vec(), vectors.dimension(), values)
}

/// The questions with a replaced by b, so that the offset is 0 and the answer is the word nearest to c.
fn without_offset(questions: &[AnalogySection]) -> Vec<AnalogySection> {
    let mut questions = questions.to_vec();
    for question in questions
        .iter_mut()
        .flat_map(|section| &mut section.questions)
    {
        question[0] = question[1].clone();
    }
    questions
}
