//! Stupid Backoff approaches Kneser-Ney as the text grows.

use harness::metrics::top_k_credit;
use harness::{
    Claim, Experiment, ExperimentContext, Finding, LanguageModel, Progress, Result, decide,
};
use rayon::prelude::*;

use super::bench::{Bench, into_harness};
use super::statistics::{by_size, series};
use super::{claim, finding};
use crate::config::{Config, Smoothing};
use crate::error::Error;
use crate::model::Model;

/// Both at nine sizes. The verdict is made from the gap in nats per token: smaller on all of the text than on the least?
/// Accuracy is told beside it.
pub(super) struct BackoffCatchesUp;

/// Validation words whose prediction is looked at.
const SAMPLE: usize = 2_000;

/// How far Stupid Backoff is behind.
struct Gap {
    /// Its loss less that of Kneser-Ney, in nats per token.
    loss: f64,
    /// Accuracy of Kneser-Ney less its own, in percentage points.
    accuracy: f64,
}

impl Experiment for BackoffCatchesUp {
    fn claim(&self) -> Claim {
        claim(
            "backoff-catches-up",
            "Stupid Backoff approaches Kneser-Ney as the text grows.",
            "On the least text it is 0.85 BLEU points behind; the curves meet at about 8 G tokens (both unverified).",
            "section 7, figure 5 (place unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let (mut losses, mut accuracies) = (vec![Vec::new(); context.seeds.len()], Vec::new());
        accuracies.clone_from(&losses);
        let mut sizes = Vec::new();
        for halvings in Bench::sizes() {
            let gap = |&seed: &u64| gap(&bench, seed, halvings, progress);
            let gaps: Vec<Option<Gap>> = context.seeds.iter().map(gap).collect::<Result<_>>()?;
            // A text so small that Kneser-Ney has no discounts for it is no size to compare at.
            let Some(gaps) = gaps.into_iter().collect::<Option<Vec<Gap>>>() else {
                continue;
            };
            sizes.push(bench.length(halvings) as f64);
            for (at, gap) in gaps.into_iter().enumerate() {
                losses[at].push(gap.loss);
                accuracies[at].push(gap.accuracy);
            }
        }
        if sizes.len() < 2 {
            let measured =
                "Kneser-Ney has discounts at fewer than two sizes of this text.".to_owned();
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
            "From {} to {} tokens the gap to Kneser-Ney shrinks by {:.3} ± {:.3} nats per token (below 0: it grows); \
             on {} tokens it is {}; in accuracy of the next word, on {SAMPLE} of them, {} percentage points. \
             (5-grams, renormalised; the paper's measure is BLEU.)",
            sizes[0],
            sizes[last],
            decision.mean,
            decision.margin,
            series(&sizes, 0),
            series(&by_size(&losses), 3),
            series(&by_size(&accuracies), 1),
        );
        Ok(finding(self.claim(), decision, measured, shrunk))
    }
}

/// None where Kneser-Ney has no discounts.
fn gap(
    bench: &Bench,
    seed: u64,
    halvings: u32,
    progress: &mut dyn Progress,
) -> Result<Option<Gap>> {
    let kneser_ney = Config {
        smoothing: Smoothing::KneserNey,
        ..Config::default()
    };
    let kneser_ney = match bench.train(&kneser_ney, seed, halvings, progress) {
        Err(Error::Discount { .. }) => return Ok(None),
        model => model.map_err(into_harness)?,
    };
    let backoff = bench.train(&Config::default(), seed, halvings, progress);
    let backoff = backoff.map_err(into_harness)?;
    Ok(Some(Gap {
        loss: bench.loss(&backoff)? - bench.loss(&kneser_ney)?,
        accuracy: 100.0 * (accuracy(bench, &kneser_ney)? - accuracy(bench, &backoff)?),
    }))
}

/// How often the word that came is the most probable one, on words at equal distances in the validation text.
fn accuracy(bench: &Bench, model: &Model) -> Result<f64> {
    // One word more than any n-gram reaches back, so that no context looks like the beginning of the text.
    let order = model.config().order;
    let stride = (bench.valid.len() / SAMPLE).max(1);
    let places: Vec<usize> = (order..bench.valid.len()).step_by(stride).collect();
    let credit = |&at: &usize| -> Result<f64> {
        let log_probs = model.next(&bench.valid[at - order..at])?;
        Ok(top_k_credit(&log_probs, bench.valid[at] as usize, 1))
    };
    let credits: Vec<f64> = places.par_iter().map(credit).collect::<Result<_>>()?;
    Ok(credits.iter().sum::<f64>() / credits.len() as f64)
}
