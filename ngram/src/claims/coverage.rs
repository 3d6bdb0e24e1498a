//! Claim: n-gram coverage rises with the size of the training text.

use corpus::TokenId;
use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{DOUBLINGS, ExperimentData, into_harness};
use super::summary_statistics::{comma_separated, differences, fit, mean_by_size};
use super::{claim, finding};
use crate::config::Config;
use crate::model::Model;

/// Measures the share of validation 5-grams that occur in training, at nine sizes. Each text contains the smaller ones, so the
/// share cannot fall; the claim fails if it does not rise with every doubling.
pub(super) struct Coverage;

impl Experiment for Coverage {
    fn claim(&self) -> Claim {
        claim(
            "coverage",
            "The share of test n-grams that occur in training rises with each doubling of the training text.",
            "The coverage of 5-grams of the test text rises about linearly with the logarithm of the training text, by \
             a few percentage points per doubling (unverified).",
            "section 7, figure 4 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let (mut shares, mut smallest_rises) = (Vec::new(), Vec::new());
        for &seed in context.seeds {
            let mut row = Vec::new();
            for halvings in ExperimentData::sizes() {
                let model = data.train(&Config::default(), seed, halvings, progress);
                let share = coverage(&model.map_err(into_harness)?, &data.valid, data.eos)?;
                row.push(100.0 * share);
            }
            smallest_rises.push(differences(&row).fold(f64::INFINITY, f64::min));
            shares.push(row);
        }
        let decision = decide(&smallest_rises, 0.0);
        let curve = mean_by_size(&shares);
        let log_tokens =
            ExperimentData::sizes().map(|halvings| (data.length(halvings) as f64).log2());
        let line = fit(&log_tokens.zip(curve.iter().copied()).collect::<Vec<_>>());
        let measured = format!(
            "From {} to {} tokens the coverage of 5-grams is {} %. It rises by {:.2} points per doubling (linear fit, \
             r^2 = {:.3}), by {:.2} at the last one and by {:.3} ± {:.3} at the smallest. (Each text contains the smaller \
             ones, so coverage cannot fall.)",
            data.length(DOUBLINGS),
            data.length(0),
            comma_separated(&curve, 2),
            line.slope,
            line.r_squared,
            differences(&curve).last().unwrap_or(f64::NAN),
            decision.mean,
            decision.margin,
        );
        Ok(finding(self.claim(), decision, measured, smallest_rises))
    }
}

/// The share of a text's 5-grams that the model has stored. `<s>` and `<eos>` are part of n-grams, which do not cross lines.
pub(super) fn coverage(model: &Model, text: &[TokenId], eos: TokenId) -> Result<f64> {
    // Words since the beginning of the line, with <s>.
    let (mut words, mut ngrams, mut covered) = (1, 0_u64, 0_u64);
    let visit = &mut |token, score: crate::model::TokenScore| {
        words += 1;
        ngrams += u64::from(words >= 5);
        covered += u64::from(score.matched >= 5);
        if token == eos {
            words = 1;
        }
    };
    model.query(text, visit).map_err(into_harness)?;
    Ok(covered as f64 / ngrams as f64)
}
