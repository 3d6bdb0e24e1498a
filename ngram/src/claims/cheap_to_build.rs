//! Claim: Stupid Backoff is far cheaper to build.

use std::time::Instant;

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::mean;
use super::{claim, finding};
use crate::config::{Config, Smoothing};
use crate::error::Error;

/// Compares the training times of both on the same text, each the minimum of three runs.
pub(super) struct CheapToBuild;

/// Halvings of the smaller text, which shows whether the ratio grows.
const SMALLER: u32 = 4;

impl Experiment for CheapToBuild {
    fn claim(&self) -> Claim {
        claim(
            "cheap-to-build",
            "Stupid Backoff is far cheaper to build than Kneser-Ney.",
            "8 hours against 2 days for 31 G tokens; one day for 1.8 T tokens, on which Kneser-Ney was not run (times \
             unverified). Kneser-Ney needs three more steps.",
            "sections 5 and 7, table 2 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let (mut ratios, mut smaller, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            let Some([backoff, kneser_ney]) = build_times(&data, seed, 0, progress)? else {
                let measured =
                    "Kneser-Ney's discounts cannot be estimated from this text.".to_owned();
                return Ok(finding(
                    self.claim(),
                    decide(&[], 1.0),
                    measured,
                    Vec::new(),
                ));
            };
            ratios.push(kneser_ney / backoff);
            seconds.push(backoff);
            if let Some([backoff, kneser_ney]) = build_times(&data, seed, SMALLER, progress)? {
                smaller.push(kneser_ney / backoff);
            }
        }
        let on_smaller = match smaller.is_empty() {
            true => String::new(),
            false => format!(
                ", on {} tokens {:.2} times",
                data.length(SMALLER),
                mean(&smaller)
            ),
        };
        let decision = decide(&ratios, 1.0);
        let measured = format!(
            "On {} tokens Kneser-Ney takes {:.2} ± {:.2} times as long as Stupid Backoff ({:.2} s){on_smaller}: \
             it sorts the n-grams twice, forwards and backwards, instead of once. (One machine, in memory; \
             normalisers are computed on demand and not included.)",
            data.length(0),
            decision.mean,
            decision.margin,
            mean(&seconds),
        );
        Ok(finding(self.claim(), decision, measured, ratios))
    }
}

/// Training times of Stupid Backoff and Kneser-Ney in seconds; `None` if Kneser-Ney's discounts cannot be estimated.
fn build_times(
    data: &ExperimentData,
    seed: u64,
    halvings: u32,
    progress: &mut dyn Progress,
) -> Result<Option<[f64; 2]>> {
    let text = data.text(seed, halvings);
    let mut minimum = [f64::INFINITY; 2];
    // Alternating, so that other load on the machine slows both.
    for _ in 0..3 {
        let smoothings = [Smoothing::StupidBackoff, Smoothing::KneserNey];
        for (minimum, smoothing) in minimum.iter_mut().zip(smoothings) {
            let config = Config {
                smoothing,
                ..Config::default()
            };
            let start = Instant::now();
            let model = data.train_on(&config, &text, progress);
            *minimum = minimum.min(start.elapsed().as_secs_f64());
            match model {
                Err(Error::Discount { .. }) => return Ok(None),
                model => drop(model.map_err(into_harness)?),
            }
        }
    }
    Ok(Some(minimum))
}
