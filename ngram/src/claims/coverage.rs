//! Claim: n-gram coverage rises with the size of the training text.

use corpus::TokenId;
use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::{Curve, comma_separated, differences};
use crate::config::Config;
use crate::model::Model;

/// Measures the share of validation 5-grams that occur in training, at nine sizes. Each text contains the smaller ones, so the
/// share cannot fall; the claim requires a rise of one percentage point with every doubling.
pub(super) struct Coverage;

/// The required rise with each doubling, in percentage points.
const RISE: f64 = 1.0;

impl Experiment for Coverage {
    fn claim(&self) -> Claim {
        claim(
            "coverage",
            "The share of test 5-grams that occur in training rises by more than one percentage point with each doubling of the \
             training text.",
            "The coverage of 5-grams of the test text rises about linearly with the logarithm of the training text, by \
             a few percentage points per doubling (unverified).",
            "section 7, figure 4 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Curve::default();
        for (_, data) in ExperimentData::all(context)? {
            let mut row = Vec::new();
            for halvings in ExperimentData::sizes() {
                let model = data.train(&Config::default(), halvings, progress);
                let share = coverage(&model.map_err(into_harness)?, &data.valid, data.eos)?;
                row.push((data.length(halvings) as f64, 100.0 * share));
            }
            measured.0.push(row);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the coverage in percent at each size, the smallest first.
pub(super) fn finding(claim: Claim, measured: &Curve) -> Finding {
    let (tokens, shares, line) = (measured.sizes(), measured.means(), measured.fit());
    let rises = measured
        .differences()
        .into_iter()
        .enumerate()
        .map(|(at, rises)| {
            let quantity = format!(
                "rise of the coverage with doubling {}, percentage points",
                at + 1
            );
            Criterion::above(&quantity, rises, RISE)
        });
    let sentence = format!(
        "With {} tokens the coverage of 5-grams is {} %. It rises by {:.2} points per doubling (linear fit, r^2 = {:.3}), by {:.2} at \
         the last one. (Each text contains the smaller ones, so coverage cannot fall.)",
        comma_separated(&tokens, 0),
        comma_separated(&shares, 2),
        line.slope,
        line.r_squared,
        differences(&shares).last().unwrap_or(f64::NAN),
    );
    Finding::new(claim, sentence, rises.collect())
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
