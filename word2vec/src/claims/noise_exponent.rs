//! Claim: 3/4 is the best exponent of the noise distribution.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, Outcome, TrainingCache};
use super::summary_statistics::{accuracies, column, differences};
use crate::config::{Architecture, Config};

/// Compares exponents from 0 (the uniform distribution) to 1 (the unigram distribution). The claim requires that 3/4 is better than
/// either of these two.
pub(super) struct NoiseExponent(pub(super) TrainingCache);

const EXPONENTS: [f64; 4] = [0.0, 0.5, 0.75, 1.0];

/// The outcomes with each exponent, by repetition.
pub(super) type Outcomes = [Vec<Outcome>; EXPONENTS.len()];

impl Experiment for NoiseExponent {
    fn claim(&self) -> Claim {
        claim(
            "noise-exponent",
            "A noise distribution proportional to count^(3/4) is better than the unigram and the uniform distribution.",
            "The paper states a significant advantage on every task tried, without numbers.",
            "2013b, section 2.2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Outcomes::default();
        for data in ExperimentData::all(context, &self.0)? {
            for (outcomes, noise_exponent) in measured.iter_mut().zip(EXPONENTS) {
                let config = Config {
                    noise_exponent,
                    ..data.settings(Architecture::SkipGram)
                };
                outcomes.push(data.outcome(&config, progress)?);
            }
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the outcomes with each exponent.
pub(super) fn finding(claim: Claim, measured: &Outcomes) -> Finding {
    let totals = |at: usize| column(&measured[at], |outcome| outcome.total);
    let lead = |quantity: &str, other: usize| {
        Criterion::above(quantity, differences(&totals(2), &totals(other)), 0.0)
    };
    let over_uniform = lead("lead over the uniform distribution, percentage points", 0);
    let over_unigram = lead("lead over the unigram distribution, percentage points", 3);
    let describe = |(exponent, outcomes): (f64, &Vec<Outcome>)| {
        format!("{exponent}: {}", accuracies(outcomes))
    };
    let rows: Vec<String> = EXPONENTS.into_iter().zip(measured).map(describe).collect();
    let sentence = format!(
        "3/4 is {over_uniform} percentage points better than 0 and {over_unigram} better than 1 (negative: worse). Accuracies by \
         exponent: {}. (Skip-gram.)",
        rows.join("; "),
    );
    Finding::new(claim, sentence, vec![over_uniform, over_unigram])
}
