//! Sentences of like lengths together.

use harness::{Claim, Experiment, Finding, Laboratory, Progress, Result, decide};
use neural::Recipe;

use super::claim;
use super::{Bench, Notebook, config};
use crate::translation::{Batching, Config};
use neural::bench::{finding, mean};

/// Batches of sentences of one length train faster.
pub(super) struct Bucketing;

/// How many times as fast it is to be: the paper's is 2.
const ENOUGH: f64 = 1.5;

impl Experiment for Bucketing {
    fn claim(&self) -> Claim {
        claim(
            "bucketing",
            "Batches of sentences of like lengths train twice as fast",
            "a speed-up of 2",
            "section 3.4",
        )
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        // Measured anew in each repetition, by turns.
        let notebook = Notebook::default();
        let bench = Bench::open(laboratory, &notebook)?;
        let mut rates = [Vec::new(), Vec::new()];
        for &seed in laboratory.seeds {
            for (rates, batching) in rates.iter_mut().zip([Batching::Length, Batching::Random]) {
                let config = config(&bench);
                let config = Config {
                    batching,
                    training: Recipe {
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
            "{:.0} target words/s with sources of one length, {:.0} as they come: {:.2} times as fast",
            mean(alike),
            mean(mixed),
            mean(&ratios)
        );
        let verdict = decide(&ratios, ENOUGH).verdict;
        Ok(finding(self.claim(), verdict, measured, ratios))
    }
}
