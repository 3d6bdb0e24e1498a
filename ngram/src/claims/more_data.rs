//! Claim: quality keeps improving with the logarithm of the text size.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{DOUBLINGS, ExperimentData, into_harness};
use super::summary_statistics::{comma_separated, fit, mean_by_size};
use super::{claim, finding};
use crate::config::Config;

/// Trains Stupid Backoff 5-grams at nine sizes. The verdict tests the last doubling, because a slope over all of them would hide a
/// plateau at the end.
pub(super) struct MoreData;

impl Experiment for MoreData {
    fn claim(&self) -> Claim {
        claim(
            "more-data",
            "The model keeps improving with the logarithm of the text size.",
            "BLEU rises by 0.15 to 0.70 points per doubling, up to two trillion tokens (unverified); Kneser-Ney's \
             perplexity falls almost linearly, from 352 to 211 on 5 G tokens of news (r^2 = 0.987).",
            "section 7, figures 4 and 5 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let mut losses = Vec::new();
        for &seed in context.seeds {
            let mut row = Vec::new();
            for halvings in ExperimentData::sizes() {
                let model = data.train(&Config::default(), seed, halvings, progress);
                row.push(data.loss(&model.map_err(into_harness)?)?);
            }
            losses.push(row);
        }
        let last = DOUBLINGS as usize;
        let gains: Vec<f64> = losses.iter().map(|row| row[last - 1] - row[last]).collect();
        let decision = decide(&gains, 0.0);
        let curve = mean_by_size(&losses);
        let log_tokens =
            ExperimentData::sizes().map(|halvings| (data.length(halvings) as f64).log2());
        let line = fit(&log_tokens.zip(curve.iter().copied()).collect::<Vec<_>>());
        let measured = format!(
            "From {} to {} tokens each of {DOUBLINGS} doublings improves the loss by {:.3} nats per token (linear fit of loss \
             against log2 of the tokens, r^2 = {:.3}), the last one by {:.3} ± {:.3}. Losses: {}. (5-grams, renormalised; the \
             paper reports BLEU.)",
            data.length(DOUBLINGS),
            data.length(0),
            -line.slope,
            line.r_squared,
            decision.mean,
            decision.margin,
            comma_separated(&curve, 3),
        );
        Ok(finding(self.claim(), decision, measured, gains))
    }
}
