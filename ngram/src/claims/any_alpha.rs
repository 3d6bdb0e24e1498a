//! Any backoff factor near 0.4 will do.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, into_harness};
use super::statistics::{by_size, series};
use super::{claim, finding};
use crate::config::Config;

/// Factors that are tried, the paper's among them.
const SWEEP: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// "Needs no tuning" is taken as: the best factor of the sweep saves less than this, in nats per token.
const ENOUGH: f64 = 0.05;

/// Factors from 0.1 to 0.9 on the same counts.
pub(super) struct AnyAlpha;

impl Experiment for AnyAlpha {
    fn claim(&self) -> Claim {
        claim(
            "any-alpha",
            "The backoff factor needs no tuning: 0.4 for every order does.",
            "One value, chosen by hand, serves all experiments.",
            "section 4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let (mut losses, mut spare, mut best_alphas) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            // The counts do not depend on the factor: they are made once. Half of the text, so that seeds differ.
            let mut model = bench
                .train(&Config::default(), seed, 1, progress)
                .map_err(into_harness)?;
            let own = bench.loss(&model)?;
            let (mut row, mut best) = (Vec::new(), (own, Config::default().alpha));
            for alpha in SWEEP {
                if progress.tick("reproducing", 0, None).is_break() {
                    return Err(harness::Error::Interrupted);
                }
                model = model.with_alpha(alpha).map_err(into_harness)?;
                let loss = bench.loss(&model)?;
                row.push(loss);
                if loss < best.0 {
                    best = (loss, alpha);
                }
            }
            losses.push(row);
            spare.push(ENOUGH - (own - best.0));
            best_alphas.push(best.1);
        }
        let decision = decide(&spare, 0.0);
        let measured = format!(
            "The best factor ({} by seed) saves {:.3} ± {:.3} nats per token over 0.4; allowed are {ENOUGH}. Losses \
             with 0.1, 0.2, … 0.9: {}. (The paper's measure is BLEU, of scores that nobody renormalised.)",
            series(&best_alphas, 1),
            (ENOUGH - decision.mean).max(0.0),
            decision.margin,
            series(&by_size(&losses), 3),
        );
        Ok(finding(self.claim(), decision, measured, spare))
    }
}
