//! Claim: raw scores rank candidates as well as renormalised ones.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::experiment_data::{ExperimentData, into_harness};
use super::rerank::{candidates, choose};
use super::summary_statistics::mean;
use super::{claim, finding};
use crate::config::{Config, Scores};

/// Reranks sentences among corrupted copies. In one context raw and renormalised scores rank words alike, because they differ by a
/// factor; but a decoder compares whole sentences, which have many contexts.
pub(super) struct RawIsEnough;

/// Number of sentences per seed.
const SENTENCES: usize = 500;
/// The claim holds if both choose the same candidate for at least this share of the sentences.
const MIN_AGREEMENT: f64 = 0.95;

impl Experiment for RawIsEnough {
    fn claim(&self) -> Claim {
        claim(
            "raw-is-enough",
            "Raw scores choose the same candidate as renormalised scores.",
            "BLEU is comparable to that of Kneser-Ney's probabilities; a decoder needs only relative values.",
            "sections 4 and 7",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let (mut same, mut raw_right, mut right) = (Vec::new(), Vec::new(), Vec::new());
        let mut sentences = 0;
        for &seed in context.seeds {
            let text = data.text(seed, 1);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let candidates = candidates(&data.valid, data.eos, &text, SENTENCES, &mut rng);
            let mut choices = |scores| {
                let config = Config {
                    scores,
                    ..Config::default()
                };
                let model = data.train_on(&config, &text, progress)?;
                choose(&model, &candidates)
            };
            let raw = choices(Scores::Raw).map_err(into_harness)?;
            let renormalised = choices(Scores::Renormalised).map_err(into_harness)?;
            let share = |count: usize| count as f64 / candidates.len() as f64;
            let pairs = raw.iter().zip(&renormalised);
            same.push(share(pairs.filter(|(raw, other)| raw == other).count()));
            raw_right.push(share(raw.iter().filter(|&&choice| choice == 0).count()));
            right.push(share(
                renormalised.iter().filter(|&&choice| choice == 0).count(),
            ));
            sentences = candidates.len();
        }
        let decision = decide(&same, MIN_AGREEMENT);
        let measured = format!(
            "With {sentences} sentences and nine corrupted candidates each, both choose the same candidate in {:.1} ± {:.1} % \
             of the sentences (required: {:.0} %). Raw scores choose the original in {:.1} %, renormalised ones in {:.1} %.",
            100.0 * decision.mean,
            100.0 * decision.margin,
            100.0 * MIN_AGREEMENT,
            100.0 * mean(&raw_right),
            100.0 * mean(&right),
        );
        Ok(finding(self.claim(), decision, measured, same))
    }
}
