//! The share of n-grams of new text that were seen.

use corpus::TokenId;
use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, DOUBLINGS, into_harness};
use super::statistics::{by_size, fit, series, steps};
use super::{claim, finding};
use crate::config::Config;
use crate::model::Model;

/// How many validation 5-grams occur in training, at nine sizes. Each text holds all smaller ones, so that the share
/// cannot fall; what can fail is that it rises with every doubling.
pub(super) struct Coverage;

impl Experiment for Coverage {
    fn claim(&self) -> Claim {
        claim(
            "coverage",
            "The share of n-grams of new text that were seen in training rises with each doubling of the text.",
            "The share of seen 5-grams of the test text rises about linearly with the logarithm of the training text, by \
             a few percentage points for each doubling (unverified).",
            "section 7, figure 4 (place unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let (mut shares, mut least_rises) = (Vec::new(), Vec::new());
        for &seed in context.seeds {
            let mut row = Vec::new();
            for halvings in Bench::sizes() {
                let model = bench.train(&Config::default(), seed, halvings, progress);
                let share = coverage(&model.map_err(into_harness)?, &bench.valid, bench.eos)?;
                row.push(100.0 * share);
            }
            least_rises.push(steps(&row).fold(f64::INFINITY, f64::min));
            shares.push(row);
        }
        let decision = decide(&least_rises, 0.0);
        let curve = by_size(&shares);
        let log_tokens = Bench::sizes().map(|halvings| (bench.length(halvings) as f64).log2());
        let line = fit(&log_tokens.zip(curve.iter().copied()).collect::<Vec<_>>());
        let measured = format!(
            "From {} to {} tokens the share of seen 5-grams is {} %: {:.2} points for each doubling (line, r^2 = {:.3}), \
             the last {:.2}, the least of all {:.3} ± {:.3}. (Each text holds the smaller ones: the share cannot fall.)",
            bench.length(DOUBLINGS),
            bench.length(0),
            series(&curve, 2),
            line.slope,
            line.r_squared,
            steps(&curve).last().unwrap_or(f64::NAN),
            decision.mean,
            decision.margin,
        );
        Ok(finding(self.claim(), decision, measured, least_rises))
    }
}

/// The share of a text's 5-grams that the model has seen. The mark before a line and the end of it are words of
/// n-grams, and none runs from a line into the next.
pub(super) fn coverage(model: &Model, text: &[TokenId], eos: TokenId) -> Result<f64> {
    // Words since the beginning of the line, its mark included.
    let (mut words, mut ngrams, mut seen) = (1, 0_u64, 0_u64);
    let visit = &mut |token, answer: crate::model::Answer| {
        words += 1;
        ngrams += u64::from(words >= 5);
        seen += u64::from(answer.matched >= 5);
        if token == eos {
            words = 1;
        }
    };
    model.query(text, visit).map_err(into_harness)?;
    Ok(seen as f64 / ngrams as f64)
}
