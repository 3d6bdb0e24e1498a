//! Stupid Backoff is far cheaper to build.

use std::time::Instant;

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, into_harness};
use super::statistics::mean;
use super::{claim, finding};
use crate::config::{Config, Smoothing};
use crate::error::Error;

/// The time that counting takes, for both smoothings on the same text, the least of three runs each.
pub(super) struct CheapToBuild;

/// The smaller text, so that it shows whether the ratio grows.
const SMALLER: u32 = 4;

impl Experiment for CheapToBuild {
    fn claim(&self) -> Claim {
        claim(
            "cheap-to-build",
            "Stupid Backoff is far cheaper to build than Kneser-Ney.",
            "8 hours against 2 days for 31 G tokens; 1.8 T tokens in a day, where Kneser-Ney was not tried (times \
             unverified). Kneser-Ney takes three steps more.",
            "sections 5 and 7, table 2 (place unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let (mut ratios, mut smaller, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            let Some([backoff, kneser_ney]) = times(&bench, seed, 0, progress)? else {
                let measured = "Kneser-Ney has no discounts for this text.".to_owned();
                return Ok(finding(
                    self.claim(),
                    decide(&[], 1.0),
                    measured,
                    Vec::new(),
                ));
            };
            ratios.push(kneser_ney / backoff);
            seconds.push(backoff);
            if let Some([backoff, kneser_ney]) = times(&bench, seed, SMALLER, progress)? {
                smaller.push(kneser_ney / backoff);
            }
        }
        let on_smaller = match smaller.is_empty() {
            true => String::new(),
            false => format!(
                ", on {} tokens {:.2} times",
                bench.length(SMALLER),
                mean(&smaller)
            ),
        };
        let decision = decide(&ratios, 1.0);
        let measured = format!(
            "On {} tokens Kneser-Ney takes {:.2} ± {:.2} times as long as Stupid Backoff ({:.2} s){on_smaller}: \
             its n-grams are sorted twice, forwards and backwards, instead of once. (One machine, in memory; \
             what renormalises the scores is computed when it is asked for, and not part of it.)",
            bench.length(0),
            decision.mean,
            decision.margin,
            mean(&seconds),
        );
        Ok(finding(self.claim(), decision, measured, ratios))
    }
}

/// Seconds that Stupid Backoff and Kneser-Ney take. None where Kneser-Ney has no discounts.
fn times(
    bench: &Bench,
    seed: u64,
    halvings: u32,
    progress: &mut dyn Progress,
) -> Result<Option<[f64; 2]>> {
    let text = bench.text(seed, halvings);
    let mut least = [f64::INFINITY; 2];
    // By turns, so that a machine that is busy for a while slows both.
    for _ in 0..3 {
        let smoothings = [Smoothing::StupidBackoff, Smoothing::KneserNey];
        for (least, smoothing) in least.iter_mut().zip(smoothings) {
            let config = Config {
                smoothing,
                ..Config::default()
            };
            let began = Instant::now();
            let model = bench.train_on(&config, &text, progress);
            *least = least.min(began.elapsed().as_secs_f64());
            match model {
                Err(Error::Discount { .. }) => return Ok(None),
                model => drop(model.map_err(into_harness)?),
            }
        }
    }
    Ok(Some(least))
}
