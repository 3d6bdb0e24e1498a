//! The claim about depth.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::Config;
use neural::experiments::{finding, mean};

/// A second layer lowers perplexity.
pub(super) struct Depth(pub(super) TrainingCache);

/// Required relative decrease: half of the paper's.
const ENOUGH: f64 = 0.05;

impl Experiment for Depth {
    fn claim(&self) -> Claim {
        claim(
            "depth",
            "Each additional layer lowers perplexity by nearly 10 %",
            "stated for each of four layers",
            "section 3.4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let mut by_layers = [Vec::new(), Vec::new()];
        for &seed in context.seeds {
            for (at, perplexities) in by_layers.iter_mut().enumerate() {
                let config = Config {
                    num_layers: at + 1,
                    ..config(&bench)
                };
                let outcome = bench.train(&config, seed, progress)?;
                perplexities.push(outcome.evaluation.perplexity.unwrap_or(f64::NAN));
            }
        }
        let [one, two] = &by_layers;
        let falls: Vec<f64> = one
            .iter()
            .zip(two)
            .map(|(one, two)| 1.0 - two / one)
            .collect();
        let measured = format!(
            "perplexity {:.3} with one layer, {:.3} with two after the same number of steps: {:.1} % lower",
            mean(one),
            mean(two),
            100.0 * mean(&falls)
        );
        let verdict = decide(&falls, ENOUGH).verdict;
        Ok(finding(self.claim(), verdict, measured, falls))
    }
}
