//! Claim: quality keeps improving with the size of the text.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::{Curve, comma_separated, differences};
use crate::config::Config;

/// Trains Stupid Backoff 5-grams at nine sizes. The claim requires an improvement with every doubling, because a slope over all of
/// them would hide a plateau at the end.
pub(super) struct MoreData;

impl Experiment for MoreData {
    fn claim(&self) -> Claim {
        claim(
            "more-data",
            "The model improves with every doubling of the text; there is no plateau.",
            "BLEU rises by 0.15 to 0.70 points per doubling, up to two trillion tokens (unverified); Kneser-Ney's \
             perplexity falls almost linearly, from 352 to 211 on 5 G tokens of news (r^2 = 0.987).",
            "section 7, figures 4 and 5 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Curve::default();
        for (_, data) in ExperimentData::all(context)? {
            let mut row = Vec::new();
            for halvings in ExperimentData::sizes() {
                let model = data.train(&Config::default(), halvings, progress);
                let loss = data.loss(&model.map_err(into_harness)?)?;
                row.push((data.length(halvings) as f64, loss));
            }
            measured.0.push(row);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the losses in nats per token at each size, the smallest first.
pub(super) fn finding(claim: Claim, measured: &Curve) -> Finding {
    let (tokens, losses, line) = (measured.sizes(), measured.means(), measured.fit());
    let changes = measured
        .differences()
        .into_iter()
        .enumerate()
        .map(|(at, changes)| {
            let quantity = format!(
                "change of the loss with doubling {}, nats per token",
                at + 1
            );
            Criterion::below(&quantity, changes, 0.0)
        });
    let sentence = format!(
        "With {} tokens the losses are {}. Each doubling improves the loss by {:.3} nats per token (linear fit of loss against log2 \
         of the tokens, r^2 = {:.3}), the last one by {:.3}. (5-grams, renormalised; the paper reports BLEU.)",
        comma_separated(&tokens, 0),
        comma_separated(&losses, 3),
        -line.slope,
        line.r_squared,
        -differences(&losses).last().unwrap_or(f64::NAN),
    );
    Finding::new(claim, sentence, changes.collect())
}
