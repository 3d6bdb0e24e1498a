//! Claim: Stupid Backoff approaches Kneser-Ney as the text grows.

use harness::metrics::top_k_credit;
use harness::{
    Claim, Criterion, Experiment, ExperimentContext, Finding, LanguageModel, Progress, Result,
};
use rayon::prelude::*;

use super::claim;
use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::{comma_separated, fit, mean_by_size};
use crate::config::{Config, Smoothing};
use crate::error::Error;
use crate::model::Model;

/// Trains both at nine sizes of the text. The claim requires that Stupid Backoff is behind on the smallest text, and that the gap
/// in nats per token has a negative slope over all sizes. Accuracy is reported, too.
pub(super) struct BackoffCatchesUp;

/// Number of validation tokens for accuracy.
const SAMPLE: usize = 2_000;

/// How much worse Stupid Backoff is than Kneser-Ney.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    /// Length of the training text in tokens.
    pub(super) tokens: usize,
    /// Difference of the losses in nats per token.
    pub(super) loss: f64,
    /// Difference of the accuracies in percentage points.
    pub(super) accuracy: f64,
}

impl Experiment for BackoffCatchesUp {
    fn claim(&self) -> Claim {
        claim(
            "backoff-catches-up",
            "With little text Stupid Backoff is behind Kneser-Ney, and the gap shrinks as the text grows.",
            "With the smallest text it is 0.85 BLEU points behind; the curves meet at about 8 G tokens (both unverified).",
            "section 7, figure 5 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for (_, data) in ExperimentData::all(context)? {
            let gap = |halvings| gap(&data, halvings, progress);
            let gaps: Vec<Option<Gap>> = ExperimentData::sizes().map(gap).collect::<Result<_>>()?;
            measured.push(gaps);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the gaps of each repetition at all sizes, the smallest first. Sizes at which Kneser-Ney's discounts cannot be
/// estimated in some repetition are left out.
pub(super) fn finding(claim: Claim, measured: &[Vec<Option<Gap>>]) -> Finding {
    let sizes = measured.iter().map(Vec::len).min().unwrap_or(0);
    let is_complete = |&size: &usize| measured.iter().all(|gaps| gaps[size].is_some());
    let sizes: Vec<usize> = (0..sizes).filter(is_complete).collect();
    if sizes.len() < 2 {
        let reason =
            "Kneser-Ney's discounts can be estimated at fewer than two sizes of this text.";
        return Finding::untested(claim, reason);
    }
    let row = |of: fn(&Gap) -> f64| -> Vec<Vec<f64>> {
        let of_repetition = |gaps: &Vec<Option<Gap>>| {
            let known = sizes.iter().filter_map(|&size| gaps[size].as_ref());
            known.map(of).collect()
        };
        measured.iter().map(of_repetition).collect()
    };
    let (tokens, losses) = (row(|gap| gap.tokens as f64), row(|gap| gap.loss));
    let slope = |(tokens, losses): (&Vec<f64>, &Vec<f64>)| {
        let points = tokens.iter().map(|tokens| tokens.log2());
        fit(&points.zip(losses.iter().copied()).collect::<Vec<_>>()).slope
    };
    let slopes = tokens.iter().zip(&losses).map(slope).collect();
    let first = losses.iter().map(|losses| losses[0]).collect();
    let behind = Criterion::above("gap on the smallest text, nats per token", first, 0.0);
    let slope = Criterion::below(
        "change of the gap per doubling, nats per token",
        slopes,
        0.0,
    );
    let sentence = format!(
        "The gap to Kneser-Ney changes by {slope:.3} nats per token with each doubling. With {} tokens it is {} nats per token and \
         {} percentage points of top-1 accuracy ({SAMPLE} validation tokens). (5-grams, renormalised; the paper reports BLEU.)",
        comma_separated(&mean_by_size(&tokens), 0),
        comma_separated(&mean_by_size(&losses), 3),
        comma_separated(&mean_by_size(&row(|gap| gap.accuracy)), 1),
    );
    Finding::new(claim, sentence, vec![behind, slope])
}

/// The gap at one size; `None` if Kneser-Ney's discounts cannot be estimated.
fn gap(data: &ExperimentData, halvings: u32, progress: &mut dyn Progress) -> Result<Option<Gap>> {
    let kneser_ney = Config {
        smoothing: Smoothing::KneserNey,
        ..Config::default()
    };
    let kneser_ney = match data.train(&kneser_ney, halvings, progress) {
        Err(Error::Discount { .. }) => return Ok(None),
        model => model.map_err(into_harness)?,
    };
    let backoff = data.train(&Config::default(), halvings, progress);
    let backoff = backoff.map_err(into_harness)?;
    Ok(Some(Gap {
        tokens: data.length(halvings),
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
