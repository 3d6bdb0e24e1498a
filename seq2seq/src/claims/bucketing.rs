//! The claim about bucketing.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::TrainingConfig;
use neural::experiments::{column, mean};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::{Batching, Config};

/// Bucketing speeds up training.
pub(super) struct Bucketing;

/// Required speed-up, the paper's.
const ENOUGH: f64 = 2.0;

/// Share of the training that is timed.
const TIMED: f64 = 0.125;

impl Experiment for Bucketing {
    fn claim(&self) -> Claim {
        claim(
            "bucketing",
            "Bucketing by sentence length more than doubles the training speed",
            "a speed-up of 2",
            "section 3.4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        // The cache is not shared, because speed must be measured anew in each repetition.
        let cache = TrainingCache::default();
        let mut measured = Vec::new();
        for bench in TranslationExperiment::all(context, &cache)? {
            let mut rate = |batching| -> Result<f64> {
                let config = config(&bench);
                let config = Config {
                    batching,
                    training: TrainingConfig {
                        epochs: config.training.epochs * TIMED,
                        ..config.training
                    },
                    ..config
                };
                let outcome = bench.train(&config, progress)?;
                Ok(outcome.tokens() as f64 / outcome.seconds())
            };
            measured.push([rate(Batching::Length)?, rate(Batching::Random)?]);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from target words per second with and without bucketing.
pub(super) fn finding(claim: Claim, measured: &[[f64; 2]]) -> Finding {
    let ratios = column(measured, |[bucketed, random]| bucketed / random);
    let ratio = Criterion::above("speed with / without bucketing", ratios, ENOUGH);
    let sentence = format!(
        "{:.0} target words/s with bucketing, {:.0} without: {ratio} times as fast",
        mean(&column(measured, |rates| rates[0])),
        mean(&column(measured, |rates| rates[1])),
    );
    Finding::new(claim, sentence, vec![ratio])
}
