//! The claim about bucketing.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use neural::TrainingConfig;

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::{Batching, Config};
use neural::experiments::{finding, mean};

/// Bucketing speeds up training.
pub(super) struct Bucketing;

/// Required speed-up; the paper's is 2.
const ENOUGH: f64 = 1.5;

impl Experiment for Bucketing {
    fn claim(&self) -> Claim {
        claim(
            "bucketing",
            "Bucketing by sentence length doubles the training speed",
            "a speed-up of 2",
            "section 3.4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        // The cache is not shared, because speed must be measured anew in each repetition.
        let cache = TrainingCache::default();
        let bench = TranslationExperiment::open(context, &cache)?;
        let mut rates = [Vec::new(), Vec::new()];
        for &seed in context.seeds {
            for (rates, batching) in rates.iter_mut().zip([Batching::Length, Batching::Random]) {
                let config = config(&bench);
                let config = Config {
                    batching,
                    training: TrainingConfig {
                        epochs: 0.5,
                        ..config.training
                    },
                    ..config
                };
                let outcome = bench.train(&config, seed, progress)?;
                rates.push(outcome.tokens() as f64 / outcome.seconds());
            }
        }
        let [alike, mixed] = &rates;
        let ratios: Vec<f64> = alike.iter().zip(mixed).map(|(a, b)| a / b).collect();
        let measured = format!(
            "{:.0} target words/s with bucketing, {:.0} without: {:.2} times as fast",
            mean(alike),
            mean(mixed),
            mean(&ratios)
        );
        let verdict = decide(&ratios, ENOUGH).verdict;
        Ok(finding(self.claim(), verdict, measured, ratios))
    }
}
