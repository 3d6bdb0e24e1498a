//! Claim: the backoff factor needs no tuning.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::{comma_separated, mean_by_size};
use super::{claim, finding};
use crate::config::Config;

/// Backoff factors compared, the paper's 0.4 among them.
const SWEEP: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The claim holds if the best factor of the sweep improves the loss by less than this, in nats per token.
const TOLERANCE: f64 = 0.05;

/// Compares factors from 0.1 to 0.9 on the same counts.
pub(super) struct AnyAlpha;

impl Experiment for AnyAlpha {
    fn claim(&self) -> Claim {
        claim(
            "any-alpha",
            "The backoff factor needs no tuning: 0.4 suffices for every order.",
            "All experiments use one value, chosen by hand.",
            "section 4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let (mut losses, mut margins, mut best_alphas) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            // The counts do not depend on the factor, so each seed counts once. Half of the text is used so that seeds differ.
            let mut model = data
                .train(&Config::default(), seed, 1, progress)
                .map_err(into_harness)?;
            let own = data.loss(&model)?;
            let (mut row, mut best) = (Vec::new(), (own, Config::default().alpha));
            for alpha in SWEEP {
                if progress.tick("reproducing", 0, None).is_break() {
                    return Err(harness::Error::Interrupted);
                }
                model = model.with_alpha(alpha).map_err(into_harness)?;
                let loss = data.loss(&model)?;
                row.push(loss);
                if loss < best.0 {
                    best = (loss, alpha);
                }
            }
            losses.push(row);
            margins.push(TOLERANCE - (own - best.0));
            best_alphas.push(best.1);
        }
        let decision = decide(&margins, 0.0);
        let measured = format!(
            "The best factor ({} by seed) improves the loss of 0.4 by {:.3} ± {:.3} nats per token; the claim allows {TOLERANCE}. \
             Losses for 0.1, 0.2, … 0.9: {}. (The paper reports BLEU with raw scores.)",
            comma_separated(&best_alphas, 1),
            (TOLERANCE - decision.mean).max(0.0),
            decision.margin,
            comma_separated(&mean_by_size(&losses), 3),
        );
        Ok(finding(self.claim(), decision, measured, margins))
    }
}
