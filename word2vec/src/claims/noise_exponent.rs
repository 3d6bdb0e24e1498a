//! Claim: 3/4 is the best exponent of the noise distribution.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{ExperimentData, Outcome, TrainingCache, accuracies, settings};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// Compares exponents from 0 (the uniform distribution) to 1 (the unigram distribution). The verdict compares 3/4 with the better
/// of these two.
pub(super) struct NoiseExponent(pub(super) TrainingCache);

const EXPONENTS: [f64; 4] = [0.0, 0.5, 0.75, 1.0];

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
        let data = ExperimentData::open(context, &self.0)?;
        let (mut by_exponent, mut leads) = (vec![Vec::new(); EXPONENTS.len()], Vec::new());
        for &seed in context.seeds {
            let mut own = Vec::new();
            for (outcomes, noise_exponent) in by_exponent.iter_mut().zip(EXPONENTS) {
                let config = Config {
                    noise_exponent,
                    ..settings(Architecture::SkipGram)
                };
                let outcome = data.outcome(&config, seed, progress)?;
                own.push(outcome.total);
                outcomes.push(outcome);
            }
            leads.push(own[2] - own[0].max(own[3]));
        }
        let decision = decide(&leads, 0.0);
        let describe = |(exponent, outcomes): (f64, &Vec<Outcome>)| {
            format!("{exponent}: {}", accuracies(outcomes))
        };
        let rows: Vec<String> = (EXPONENTS.into_iter().zip(&by_exponent))
            .map(describe)
            .collect();
        let measured = format!(
            "3/4 is {:.2} ± {:.2} percentage points better than the better of 0 and 1 (negative: worse). Accuracies by exponent: \
             {}. (Skip-gram, {} tokens.)",
            decision.mean,
            decision.margin,
            rows.join("; "),
            data.length(0),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}
