//! Scores that nobody renormalised are good enough to choose by.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::bench::{Bench, into_harness};
use super::rerank::{candidates, choose};
use super::statistics::mean;
use super::{claim, finding};
use crate::config::{Config, Scores};

/// In one context raw and renormalised scores rank words alike, as they differ by a factor. A decoder compares whole
/// sentences, of many contexts: here hundreds of sentences, each among corrupted ones.
pub(super) struct RawIsEnough;

/// Sentences for each seed.
const SENTENCES: usize = 500;
/// The claim is taken as: in so many of them both choose the same candidate.
const ENOUGH: f64 = 0.95;

impl Experiment for RawIsEnough {
    fn claim(&self) -> Claim {
        claim(
            "raw-is-enough",
            "To choose the best of several texts by raw scores is to choose as by renormalised ones.",
            "BLEU with them is comparable to that with Kneser-Ney's probabilities; only relative values matter to a \
             decoder.",
            "sections 4 and 7",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let (mut same, mut raw_right, mut right) = (Vec::new(), Vec::new(), Vec::new());
        let mut sentences = 0;
        for &seed in context.seeds {
            let text = bench.text(seed, 1);
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let candidates = candidates(&bench.valid, bench.eos, &text, SENTENCES, &mut random);
            let mut choices = |scores| {
                let config = Config {
                    scores,
                    ..Config::default()
                };
                let model = bench.train_on(&config, &text, progress)?;
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
        let decision = decide(&same, ENOUGH);
        let measured = format!(
            "Of {sentences} sentences with nine corrupted candidates each, both choose the same in {:.1} ± {:.1} % (asked \
             for: {:.0} %); raw scores choose the true one in {:.1} %, renormalised ones in {:.1} %.",
            100.0 * decision.mean,
            100.0 * decision.margin,
            100.0 * ENOUGH,
            100.0 * mean(&raw_right),
            100.0 * mean(&right),
        );
        Ok(finding(self.claim(), decision, measured, same))
    }
}
