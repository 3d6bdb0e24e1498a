//! Quality keeps growing with the logarithm of the text.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, DOUBLINGS, into_harness};
use super::statistics::{by_size, fit, series};
use super::{claim, finding};
use crate::config::Config;

/// 5-grams of Stupid Backoff at nine sizes. The verdict is made from the last doubling: a slope over all of them would
/// hide a plateau at its end.
pub(super) struct MoreData;

impl Experiment for MoreData {
    fn claim(&self) -> Claim {
        claim(
            "more-data",
            "The model keeps getting better with the logarithm of the amount of text.",
            "BLEU rises by 0.15 to 0.70 points for each doubling, up to two trillion tokens (unverified); Kneser-Ney's \
             perplexity falls almost in a line, from 352 to 211 on 5 G tokens of news (r^2 = 0.987).",
            "section 7, figures 4 and 5 (place unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let mut losses = Vec::new();
        for &seed in context.seeds {
            let mut row = Vec::new();
            for halvings in Bench::sizes() {
                let model = bench.train(&Config::default(), seed, halvings, progress);
                row.push(bench.loss(&model.map_err(into_harness)?)?);
            }
            losses.push(row);
        }
        let last = DOUBLINGS as usize;
        let gains: Vec<f64> = losses.iter().map(|row| row[last - 1] - row[last]).collect();
        let decision = decide(&gains, 0.0);
        let curve = by_size(&losses);
        let log_tokens = Bench::sizes().map(|halvings| (bench.length(halvings) as f64).log2());
        let line = fit(&log_tokens.zip(curve.iter().copied()).collect::<Vec<_>>());
        let measured = format!(
            "From {} to {} tokens each of {DOUBLINGS} doublings saves {:.3} nats per token (line of loss against log2 of \
             the tokens, r^2 = {:.3}), the last one {:.3} ± {:.3}; losses: {}. (5-grams, renormalised; the paper's \
             measure is BLEU.)",
            bench.length(DOUBLINGS),
            bench.length(0),
            -line.slope,
            line.r_squared,
            decision.mean,
            decision.margin,
            series(&curve, 3),
        );
        Ok(finding(self.claim(), decision, measured, gains))
    }
}
