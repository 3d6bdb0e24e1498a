//! The claim about depth.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::{column, mean};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::Config;

/// A second layer lowers perplexity.
pub(super) struct Depth(pub(super) TrainingCache);

/// Required relative decrease in percent: "nearly 10 %".
const ENOUGH: f64 = 8.0;

impl Experiment for Depth {
    fn claim(&self) -> Claim {
        claim(
            "depth",
            "A second layer lowers perplexity by nearly 10 %: by more than 8 %",
            "nearly 10 %, stated for each of four layers",
            "section 3.4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for bench in TranslationExperiment::all(context, &self.0)? {
            let mut perplexity = |num_layers| -> Result<f64> {
                let config = Config {
                    num_layers,
                    ..config(&bench)
                };
                let outcome = bench.train(&config, progress)?;
                Ok(outcome.evaluation.perplexity.unwrap_or(f64::NAN))
            };
            measured.push([perplexity(1)?, perplexity(2)?]);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the perplexities with one and with two layers.
pub(super) fn finding(claim: Claim, measured: &[[f64; 2]]) -> Finding {
    let falls = column(measured, |[one, two]| 100.0 * (1.0 - two / one));
    let fall = Criterion::above("fall of the perplexity, percent", falls, ENOUGH);
    let sentence = format!(
        "perplexity {:.3} with one layer, {:.3} with two after the same number of steps: {fall:.1} % lower",
        mean(&column(measured, |perplexities| perplexities[0])),
        mean(&column(measured, |perplexities| perplexities[1])),
    );
    Finding::new(claim, sentence, vec![fall])
}
