//! Claim: relations between words are differences of their vectors.

use harness::{
    AnalogySection, Claim, Experiment, ExperimentContext, Finding, MOST_FREQUENT, Progress, Result,
    Vectors, decide, judge_analogies,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::experiment_data::{
    ExperimentData, TrainingCache, accuracies, accuracy, mean, mean_of, settings,
};
use super::{claim, finding};
use crate::config::Architecture;

/// Compares the accuracy of trained vectors with chance, with random vectors and with the word nearest to c.
pub(super) struct Offsets(pub(super) TrainingCache);

/// The claim holds if the accuracy exceeds this multiple of chance and of the accuracy of random vectors.
const MIN_FACTOR: f64 = 10.0;

impl Experiment for Offsets {
    fn claim(&self) -> Claim {
        claim(
            "offsets",
            "Relations between words are differences of their vectors: analogies are answered far more often than by chance.",
            "Skip-gram reaches 53.3 % in 300 dimensions on 783 M words and 65.6 % in 1000 on 6 G; earlier vectors reach 2.1 to \
             24.6 %.",
            "2013a, tables 4 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context, &self.0)?;
        let config = settings(Architecture::SkipGram);
        let (mut outcomes, mut above) = (Vec::new(), Vec::new());
        let (mut chances, mut randoms, mut nearest) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            let (outcome, vectors) = data.train_and_evaluate(&config, seed, progress)?;
            let questions = data.questions()?;
            let chance = 100.0 / vectors.len().min(MOST_FREQUENT) as f64;
            let random = analogy_accuracy(&random_vectors(&vectors, seed)?, questions)?;
            nearest.push(analogy_accuracy(&vectors, &without_offset(questions))?);
            above.push(outcome.total - MIN_FACTOR * chance.max(random));
            outcomes.push(outcome);
            chances.push(chance);
            randoms.push(random);
        }
        let decision = decide(&above, 0.0);
        let measured = format!(
            "The accuracy is {}; random vectors reach {:.3} %, chance is {:.3} %, and the word nearest to c gives {:.2} %. The \
             accuracy exceeds {MIN_FACTOR} times the larger of chance and random vectors by {:.2} ± {:.2} percentage points; \
             coverage {:.1} %. (Skip-gram, {} dimensions, {} tokens, {} epochs.)",
            accuracies(&outcomes),
            mean(&randoms),
            mean(&chances),
            mean(&nearest),
            decision.mean,
            decision.margin,
            mean_of(&outcomes, |outcome| outcome.coverage),
            config.dimension,
            data.length(0),
            config.epochs,
        );
        Ok(finding(self.claim(), decision, measured, above))
    }
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
