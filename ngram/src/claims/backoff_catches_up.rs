//! Claim: Stupid Backoff approaches Kneser-Ney as the text grows.

use harness::metrics::top_k_credit;
use harness::{
    Claim, Experiment, ExperimentContext, Finding, LanguageModel, Progress, Result, decide,
};
use rayon::prelude::*;

use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::{comma_separated, mean_by_size};
use super::{claim, finding};
use crate::config::{Config, Smoothing};
use crate::error::Error;
use crate::model::Model;

/// Trains both at nine sizes of the text. The verdict tests whether the gap in nats per token is smaller on the whole text than on
/// the smallest. Accuracy is reported, too.
pub(super) struct BackoffCatchesUp;

/// Number of validation tokens for accuracy.
const SAMPLE: usize = 2_000;

/// How much worse Stupid Backoff is than Kneser-Ney.
struct Gap {
    /// Difference of the losses in nats per token.
    loss: f64,
    /// Difference of the accuracies in percentage points.
    accuracy: f64,
}

impl Experiment for BackoffCatchesUp {
    fn claim(&self) -> Claim {
        claim(
            "backoff-catches-up",
            "Stupid Backoff approaches Kneser-Ney as the text grows.",
            "With the smallest text it is 0.85 BLEU points behind; the curves meet at about 8 G tokens (both unverified).",
            "section 7, figure 5 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let (mut losses, mut accuracies) = (vec![Vec::new(); context.seeds.len()], Vec::new());
        accuracies.clone_from(&losses);
        let mut sizes = Vec::new();
        for halvings in ExperimentData::sizes() {
            let gap = |&seed: &u64| gap(&data, seed, halvings, progress);
            let gaps: Vec<Option<Gap>> = context.seeds.iter().map(gap).collect::<Result<_>>()?;
            // Sizes at which Kneser-Ney's discounts cannot be estimated are skipped.
            let Some(gaps) = gaps.into_iter().collect::<Option<Vec<Gap>>>() else {
                continue;
            };
            sizes.push(data.length(halvings) as f64);
            for (at, gap) in gaps.into_iter().enumerate() {
                losses[at].push(gap.loss);
                accuracies[at].push(gap.accuracy);
            }
        }
        if sizes.len() < 2 {
            let measured =
                "Kneser-Ney's discounts can be estimated at fewer than two sizes of this text."
                    .to_owned();
            return Ok(finding(
                self.claim(),
                decide(&[], 0.0),
                measured,
                Vec::new(),
            ));
        }
        let last = sizes.len() - 1;
        let shrunk: Vec<f64> = losses.iter().map(|row| row[0] - row[last]).collect();
        let decision = decide(&shrunk, 0.0);
        let measured = format!(
            "From {} to {} tokens the gap to Kneser-Ney shrinks by {:.3} ± {:.3} nats per token (negative: it grows). \
             With {} tokens the gap is {} nats per token and {} percentage points of top-1 accuracy ({SAMPLE} validation tokens). \
             (5-grams, renormalised; the paper reports BLEU.)",
            sizes[0],
            sizes[last],
            decision.mean,
            decision.margin,
            comma_separated(&sizes, 0),
            comma_separated(&mean_by_size(&losses), 3),
            comma_separated(&mean_by_size(&accuracies), 1),
        );
        Ok(finding(self.claim(), decision, measured, shrunk))
    }
}

/// The gap at one size; `None` if Kneser-Ney's discounts cannot be estimated.
fn gap(
    data: &ExperimentData,
    seed: u64,
    halvings: u32,
    progress: &mut dyn Progress,
) -> Result<Option<Gap>> {
    let kneser_ney = Config {
        smoothing: Smoothing::KneserNey,
        ..Config::default()
    };
    let kneser_ney = match data.train(&kneser_ney, seed, halvings, progress) {
        Err(Error::Discount { .. }) => return Ok(None),
        model => model.map_err(into_harness)?,
    };
    let backoff = data.train(&Config::default(), seed, halvings, progress);
    let backoff = backoff.map_err(into_harness)?;
    Ok(Some(Gap {
        loss: data.loss(&backoff)? - data.loss(&kneser_ney)?,
        accuracy: 100.0 * (accuracy(data, &kneser_ney)? - accuracy(data, &backoff)?),
    }))
}

/// Top-1 accuracy on equally spaced tokens of the validation text.
fn accuracy(data: &ExperimentData, model: &Model) -> Result<f64> {
    // The context has one token more than any n-gram uses, so that no context is taken for the beginning of the text.
    let order = model.config().order;
    let stride = (data.valid.len() / SAMPLE).max(1);
    let positions: Vec<usize> = (order..data.valid.len()).step_by(stride).collect();
    let credit = |&at: &usize| -> Result<f64> {
        let log_probs = model.next(&data.valid[at - order..at])?;
        Ok(top_k_credit(&log_probs, data.valid[at] as usize, 1))
    };
    let credits: Vec<f64> = positions.par_iter().map(credit).collect::<Result<_>>()?;
    Ok(credits.iter().sum::<f64>() / credits.len() as f64)
}
