//! What the experiments work with.

use std::ops::ControlFlow;

use corpus::{Corpus, Split, TokenId};
use harness::{CurvePoint, ExperimentContext, LanguageModel, Progress, Scale, Training};
use rand::{RngExt, SeedableRng};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::model::Model;

/// How often the training text is halved: its sizes are 1, 1/2, … 1/256.
pub(crate) const DOUBLINGS: u32 = 8;

/// Tokens that the small scale works with.
const SMALL_TRAIN: usize = 2_000_000;
const SMALL_VALID: usize = 100_000;

/// Training text that can be cut, and text to measure on.
pub(crate) struct Bench {
    pub(crate) train: Vec<TokenId>,
    pub(crate) valid: Vec<TokenId>,
    pub(crate) vocab_size: usize,
    pub(crate) eos: TokenId,
}

impl Bench {
    pub(crate) fn open(context: &ExperimentContext<'_>) -> harness::Result<Bench> {
        let read = |corpus: &Corpus, split, small: usize| -> harness::Result<Vec<TokenId>> {
            let stream = corpus.split(split)?;
            let length = match context.scale {
                Scale::Full => stream.len(),
                Scale::Small => small.min(stream.len()),
            };
            Ok(stream.read(0..length))
        };
        Ok(Bench {
            train: read(context.corpus, Split::Train, SMALL_TRAIN)?,
            valid: read(context.corpus, Split::Valid, SMALL_VALID)?,
            vocab_size: context.corpus.vocab().len(),
            eos: context.corpus.vocab().eos(),
        })
    }

    /// Halvings of the training text, the smallest text first.
    pub(crate) fn sizes() -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator {
        (0..DOUBLINGS + 1).rev()
    }

    /// Tokens that are left after so many halvings.
    pub(crate) fn length(&self, halvings: u32) -> usize {
        self.train.len() >> halvings
    }

    /// 1 / 2^halvings of the text, begun at a place that the seed draws. A smaller text is the beginning of a larger.
    pub(crate) fn text(&self, seed: u64, halvings: u32) -> Vec<TokenId> {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let start = random.random_range(0..self.train.len().max(1));
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
        // A small text is counted without a tick.
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

    /// Mean negative ln p on the validation text.
    pub(crate) fn loss(&self, model: &Model) -> harness::Result<f64> {
        Ok(-model.score(&self.valid)?.iter().sum::<f64>() / self.valid.len() as f64)
    }
}

/// Passes signs of life on, but no points: no curve is drawn of dozens of models.
struct Ticks<'a>(&'a mut dyn Progress);

impl Progress for Ticks<'_> {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.0.tick(what, done, total)
    }
}

/// The harness knows no errors of an era but in words.
pub(crate) fn into_harness(error: Error) -> harness::Error {
    match error {
        Error::Harness(error) => error,
        error => harness::Error::Model {
            model: crate::ERA.to_owned(),
            what: error.to_string(),
        },
    }
}
