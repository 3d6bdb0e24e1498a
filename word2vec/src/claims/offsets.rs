//! Relations between words are differences of their vectors.

use harness::{
    AnalogySection, Claim, Experiment, ExperimentContext, Finding, MOST_FREQUENT, Progress, Result,
    Vectors, decide, judge_analogies,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::bench::{Bench, Notebook, accuracies, accuracy, mean, mean_of, settings};
use super::{claim, finding};
use crate::config::Architecture;

/// The accuracy of trained vectors, and what is reached without: by chance, by random vectors, by no offset.
pub(super) struct Offsets(pub(super) Notebook);

/// "Far" is taken as: more than so many times the larger of chance and what random vectors reach.
const FAR: f64 = 10.0;

impl Experiment for Offsets {
    fn claim(&self) -> Claim {
        claim(
            "offsets",
            "Relations between words are differences of their vectors: analogies are answered far more often than by chance.",
            "53.3 % with skip-gram in 300 dimensions on 783 M words, 65.6 % in 1000 on 6 G; with vectors of others 2.1 to \
             24.6 %.",
            "2013a, tables 4 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let config = settings(Architecture::SkipGram);
        let (mut outcomes, mut above) = (Vec::new(), Vec::new());
        let (mut chances, mut randoms, mut nearest) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            let (outcome, vectors) = bench.examine(&config, seed, progress)?;
            let questions = bench.questions()?;
            let chance = 100.0 / vectors.len().min(MOST_FREQUENT) as f64;
            let random = ask(&random(&vectors, seed)?, questions)?;
            nearest.push(ask(&vectors, &without_offset(questions))?);
            above.push(outcome.total - FAR * chance.max(random));
            outcomes.push(outcome);
            chances.push(chance);
            randoms.push(random);
        }
        let decision = decide(&above, 0.0);
        let measured = format!(
            "{} of the questions are answered; {:.3} % with random vectors, {:.3} % by chance, {:.2} % with the word nearest \
             to c, whatever a and b are. That is {:.2} ± {:.2} percentage points more than {FAR} times the larger of the \
             first two; {:.1} % of the questions asked. (Skip-gram, {} dimensions, {} tokens, {} passes.)",
            accuracies(&outcomes),
            mean(&randoms),
            mean(&chances),
            mean(&nearest),
            decision.mean,
            decision.margin,
            mean_of(&outcomes, |outcome| outcome.coverage),
            config.dimension,
            bench.length(0),
            config.epochs,
        );
        Ok(finding(self.claim(), decision, measured, above))
    }
}

fn ask(vectors: &Vectors, questions: &[AnalogySection]) -> Result<f64> {
    accuracy(&judge_analogies(vectors, questions, MOST_FREQUENT).total)
}

/// Random vectors of the same words.
fn random(vectors: &Vectors, seed: u64) -> Result<Vectors> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let values = vectors.values().iter();
    let values = values.map(|_| random.random_range(-0.5..0.5_f32)).collect();
    Vectors::new(vectors.words().to_vec(), vectors.dimension(), values)
}

/// Questions with b for a: the offset is nothing, and what is asked for is the word nearest to c.
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
