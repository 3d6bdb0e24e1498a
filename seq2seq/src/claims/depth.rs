//! More layers.

use harness::{Claim, Experiment, Finding, Laboratory, Progress, Result, decide};

use super::claim;
use super::{Bench, Notebook, config};
use crate::translation::Config;
use neural::bench::{finding, mean};

/// A second layer lowers perplexity.
pub(super) struct Depth(pub(super) Notebook);

/// How much lower it is to be: half of what the paper says.
const ENOUGH: f64 = 0.05;

impl Experiment for Depth {
    fn claim(&self) -> Claim {
        claim(
            "depth",
            "A further layer lowers perplexity by nearly a tenth",
            "stated, for each of four layers",
            "section 3.4",
        )
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(laboratory, &self.0)?;
        let mut by_layers = [Vec::new(), Vec::new()];
        for &seed in laboratory.seeds {
            for (at, perplexities) in by_layers.iter_mut().enumerate() {
                let config = Config {
                    layers: at + 1,
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
            "perplexity {:.3} with one layer, {:.3} with two, by steps alike: {:.1} % lower",
            mean(one),
            mean(two),
            100.0 * mean(&falls)
        );
        let verdict = decide(&falls, ENOUGH).verdict;
        Ok(finding(self.claim(), verdict, measured, falls))
    }
}
