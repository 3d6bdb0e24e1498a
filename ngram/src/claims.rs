//! The paper's claims that Stupid Backoff alone can test, each with its miniature.

use corpus::{Corpus, Split, TokenId};
use harness::{
    Budget, Claim, Experiment, Finding, Laboratory, LanguageModel, Progress, Result, Scale, Silent,
    Training, decide,
};

use crate::config::Config;
use crate::model::Model;

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    vec![
        Box::new(MoreData),
        Box::new(AnyAlpha),
        Box::new(HigherOrders),
    ]
}

/// Perplexity falls with every doubling of the text.
struct MoreData;

/// Any alpha near 0.4 will do.
struct AnyAlpha;

/// Longer n-grams pay only when there is enough text.
struct HigherOrders;

const PAPER: &str = "Brants et al. 2007";

impl Experiment for MoreData {
    fn claim(&self) -> Claim {
        Claim {
            id: "more-data".to_owned(),
            statement: "The model keeps getting better with the logarithm of the amount of text."
                .to_owned(),
            evidence: "BLEU and coverage rise with each doubling, up to two trillion tokens."
                .to_owned(),
            source: format!("{PAPER}, section 7, figures 3 to 5"),
        }
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(laboratory)?;
        let (mut last_gains, mut slopes) = (Vec::new(), Vec::new());
        for &seed in laboratory.seeds {
            let mut losses = Vec::new();
            for halvings in (0..DOUBLINGS).rev() {
                let model = bench.train(&Config::default(), seed, halvings, progress)?;
                losses.push(bench.loss(&model)?);
            }
            last_gains.push(losses[losses.len() - 2] - losses[losses.len() - 1]);
            slopes.push((losses[0] - losses[losses.len() - 1]) / (losses.len() - 1) as f64);
        }
        let decision = decide(&last_gains, 0.0);
        let slope = slopes.iter().sum::<f64>() / slopes.len() as f64;
        let measured = format!(
            "Each of {} doublings saves {slope:.3} nats per token on average, the last one {:.3} ± {:.3}.",
            DOUBLINGS - 1,
            decision.mean,
            decision.margin
        );
        Ok(Finding {
            claim: self.claim(),
            verdict: decision.verdict,
            measured,
            values: last_gains,
        })
    }
}

impl Experiment for AnyAlpha {
    fn claim(&self) -> Claim {
        Claim {
            id: "any-alpha".to_owned(),
            statement: "The backoff factor needs no tuning: 0.4 for every order does.".to_owned(),
            evidence: "One value, chosen by hand, serves all experiments.".to_owned(),
            source: format!("{PAPER}, section 4"),
        }
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        // "Needs no tuning" is taken as: the best factor of the sweep saves less than a twentieth of a nat per token.
        const ENOUGH: f64 = 0.05;
        let bench = Bench::open(laboratory)?;
        let mut spare = Vec::new();
        let mut best_alphas = Vec::new();
        for &seed in laboratory.seeds {
            // The counts do not depend on alpha: they are made once.
            let mut counted = bench.train(&Config::default(), seed, 1, progress)?;
            let own = bench.loss(&counted)?;
            let mut best = (own, Config::default().alpha);
            for alpha in [0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9] {
                counted = counted.with_alpha(alpha).map_err(into_harness)?;
                let other = bench.loss(&counted)?;
                if other < best.0 {
                    best = (other, alpha);
                }
            }
            spare.push(ENOUGH - (own - best.0));
            best_alphas.push(best.1);
        }
        let decision = decide(&spare, 0.0);
        let measured = format!(
            "The best factor ({best_alphas:?} by seed) saves {:.3} ± {:.3} nats per token over 0.4; allowed are {ENOUGH}. \
             (The paper's measure is BLEU, of scores that nobody renormalised.)",
            ENOUGH - decision.mean,
            decision.margin
        );
        Ok(Finding {
            claim: self.claim(),
            verdict: decision.verdict,
            measured,
            values: spare,
        })
    }
}

impl Experiment for HigherOrders {
    fn claim(&self) -> Claim {
        Claim {
            id: "higher-orders".to_owned(),
            statement: "Longer n-grams help only when there is enough text.".to_owned(),
            evidence: "5-grams are used because the text is large.".to_owned(),
            source: format!("{PAPER}, sections 1 and 7"),
        }
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(laboratory)?;
        let mut differences = Vec::new();
        for &seed in laboratory.seeds {
            let mut gain = |halvings: u32| {
                let mut loss = |order: usize| {
                    let config = Config {
                        order,
                        ..Config::default()
                    };
                    bench.loss(&bench.train(&config, seed, halvings, progress)?)
                };
                Ok::<f64, harness::Error>(loss(2)? - loss(5)?)
            };
            differences.push(gain(0)? - gain(DOUBLINGS - 1)?);
        }
        let decision = decide(&differences, 0.0);
        let measured = format!(
            "What 5-grams save over bigrams is {:.3} ± {:.3} nats per token larger on all of the text than on 1/{}.",
            decision.mean,
            decision.margin,
            1 << (DOUBLINGS - 1)
        );
        Ok(Finding {
            claim: self.claim(),
            verdict: decision.verdict,
            measured,
            values: differences,
        })
    }
}

/// Sizes of training text: 1, 1/2, … 1/64.
const DOUBLINGS: u32 = 7;

/// Training text that can be cut, and text to measure on.
struct Bench {
    train: Vec<TokenId>,
    valid: Vec<TokenId>,
    vocab_size: usize,
    eos: TokenId,
}

/// Tokens that the small scale works with.
const SMALL_TRAIN: usize = 2_000_000;
const SMALL_VALID: usize = 100_000;

impl Bench {
    fn open(laboratory: &Laboratory<'_>) -> Result<Bench> {
        let read = |corpus: &Corpus, split, small: usize| -> Result<Vec<TokenId>> {
            let stream = corpus.split(split)?;
            let length = if laboratory.scale == Scale::Full {
                stream.len()
            } else {
                small.min(stream.len())
            };
            Ok(stream.read(0..length))
        };
        Ok(Bench {
            train: read(laboratory.corpus, Split::Train, SMALL_TRAIN)?,
            valid: read(laboratory.corpus, Split::Valid, SMALL_VALID)?,
            vocab_size: laboratory.corpus.vocab().len(),
            eos: laboratory.corpus.vocab().eos(),
        })
    }

    /// Trains on 1 / 2^halvings of the text, begun at a place that the seed draws.
    fn train(
        &self,
        config: &Config,
        seed: u64,
        halvings: u32,
        progress: &mut dyn Progress,
    ) -> Result<Model> {
        if progress.tick("reproducing", 0, None).is_break() {
            return Err(harness::Error::Interrupted);
        }
        use rand::{RngExt, SeedableRng};
        let start = rand_chacha::ChaCha8Rng::seed_from_u64(seed).random_range(0..self.train.len());
        let length = self.train.len() >> halvings;
        let tokens: Vec<TokenId> = self.train[start..]
            .iter()
            .chain(&self.train)
            .take(length)
            .copied()
            .collect();
        let mut silent = Silent;
        let mut training = Training {
            budget: Budget::EraDefault,
            ..Training::new(&mut silent)
        };
        config
            .train(&tokens, self.vocab_size, self.eos, &mut training)
            .map_err(into_harness)
    }

    /// Mean negative ln p on the validation text.
    fn loss(&self, model: &Model) -> Result<f64> {
        Ok(-model.score(&self.valid)?.iter().sum::<f64>() / self.valid.len() as f64)
    }
}

fn into_harness(error: crate::Error) -> harness::Error {
    match error {
        crate::Error::Harness(error) => error,
        error => harness::Error::Model {
            model: crate::ERA.to_owned(),
            what: error.to_string(),
        },
    }
}
