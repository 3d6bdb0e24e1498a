//! Wrong words are best drawn by their counts to the power of 3/4.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, Notebook, Outcome, accuracies, settings};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// Exponents from 0, all words alike, to 1, as in the text. The verdict is made from what 3/4 is ahead of the better of
/// those two.
pub(super) struct NoiseExponent(pub(super) Notebook);

const EXPONENTS: [f64; 4] = [0.0, 0.5, 0.75, 1.0];

impl Experiment for NoiseExponent {
    fn claim(&self) -> Claim {
        claim(
            "noise-exponent",
            "Wrong words drawn by their counts to the power of 3/4 serve better than drawn by their counts, or all alike.",
            "Said to hold significantly for every task tried; without numbers.",
            "2013b, section 2.2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let (mut by_exponent, mut leads) = (vec![Vec::new(); EXPONENTS.len()], Vec::new());
        for &seed in context.seeds {
            let mut own = Vec::new();
            for (outcomes, noise_exponent) in by_exponent.iter_mut().zip(EXPONENTS) {
                let config = Config {
                    noise_exponent,
                    ..settings(Architecture::SkipGram)
                };
                let outcome = bench.outcome(&config, seed, progress)?;
                own.push(outcome.total);
                outcomes.push(outcome);
            }
            leads.push(own[2] - own[0].max(own[3]));
        }
        let decision = decide(&leads, 0.0);
        let described = |(exponent, outcomes): (f64, &Vec<Outcome>)| {
            format!("{exponent}: {}", accuracies(outcomes))
        };
        let rows: Vec<String> = (EXPONENTS.into_iter().zip(&by_exponent))
            .map(described)
            .collect();
        let measured = format!(
            "3/4 is {:.2} ± {:.2} percentage points ahead of the better of 0 and 1 (below 0: behind). Accuracies by exponent: \
             {}. (Skip-gram, {} tokens.)",
            decision.mean,
            decision.margin,
            rows.join("; "),
            bench.length(0),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}
