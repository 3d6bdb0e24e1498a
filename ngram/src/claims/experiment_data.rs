//! Training and validation text of the experiments.

use std::ops::ControlFlow;

use corpus::{Corpus, Split, TokenId};
use harness::{CurvePoint, ExperimentContext, LanguageModel, Progress, Scale, Training};
use rand::{RngExt, SeedableRng};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::model::Model;

/// Number of doublings: the sizes of the training text are 1/256, 1/128, … 1.
pub(crate) const DOUBLINGS: u32 = 8;

/// Tokens used at the small scale.
const SMALL_TRAIN: usize = 2_000_000;
const SMALL_VALID: usize = 100_000;

/// Training text, from which smaller texts are cut, and validation text.
pub(crate) struct ExperimentData {
    pub(crate) train: Vec<TokenId>,
    pub(crate) valid: Vec<TokenId>,
    pub(crate) vocab_size: usize,
    pub(crate) eos: TokenId,
}

impl ExperimentData {
    /// Reads the splits of the corpus, at the small scale their beginnings.
    pub(crate) fn open(context: &ExperimentContext<'_>) -> harness::Result<ExperimentData> {
        let read = |corpus: &Corpus, split, small: usize| -> harness::Result<Vec<TokenId>> {
            let stream = corpus.split(split)?;
            let length = match context.scale {
                Scale::Full => stream.len(),
                Scale::Small => small.min(stream.len()),
            };
            Ok(stream.read(0..length))
        };
        Ok(ExperimentData {
            train: read(context.corpus, Split::Train, SMALL_TRAIN)?,
            valid: read(context.corpus, Split::Valid, SMALL_VALID)?,
            vocab_size: context.corpus.vocab().len(),
            eos: context.corpus.vocab().eos(),
        })
    }

    /// The numbers of halvings, which give the sizes of the text, the smallest first.
    pub(crate) fn sizes() -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator {
        (0..DOUBLINGS + 1).rev()
    }

    /// Number of training tokens after `halvings`.
    pub(crate) fn length(&self, halvings: u32) -> usize {
        self.train.len() >> halvings
    }

    /// 1 / 2^halvings of the training text, from a random position. For one seed, smaller texts are prefixes of larger ones.
    pub(crate) fn text(&self, seed: u64, halvings: u32) -> Vec<TokenId> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let start = rng.random_range(0..self.train.len().max(1));
        let text = self.train[start..].iter().chain(&self.train);
        text.take(self.length(halvings)).copied().collect()
    }

    /// Trains on such a text.
    pub(crate) fn train(
        &self,
        config: &Config,
        seed: u64,
        halvings: u32,
        progress: &mut dyn Progress,
    ) -> Result<Model> {
        self.train_on(config, &self.text(seed, halvings), progress)
    }

    /// Trains on any text.
    pub(crate) fn train_on(
        &self,
        config: &Config,
        text: &Vec<TokenId>,
        progress: &mut dyn Progress,
    ) -> Result<Model> {
        // Counting a small text may not tick.
        if progress.tick("reproducing", 0, None).is_break() {
            return Err(harness::Error::Interrupted.into());
        }
        let mut ticks = Ticks(progress);
        config.train(
            text,
            self.vocab_size,
            self.eos,
            &mut Training::new(&mut ticks),
        )
    }

    /// Mean negative ln p per token of the validation text.
    pub(crate) fn loss(&self, model: &Model) -> harness::Result<f64> {
        Ok(-model.score(&self.valid)?.iter().sum::<f64>() / self.valid.len() as f64)
    }
}

/// Forwards ticks, but not the points of learning curves.
struct Ticks<'a>(&'a mut dyn Progress);

impl Progress for Ticks<'_> {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.0.tick(what, done, total)
    }
}

/// Converts errors of this crate to those of the harness.
pub(crate) fn into_harness(error: Error) -> harness::Error {
    match error {
        Error::Harness(error) => error,
        error => harness::Error::Model {
            model: crate::ERA.to_owned(),
            what: error.to_string(),
        },
    }
}
