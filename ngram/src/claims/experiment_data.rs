//! Training and validation text of a repetition.

use std::ops::ControlFlow;

use corpus::{Corpus, Split, TokenId};
use harness::{
    CurvePoint, ExperimentContext, LanguageModel, Progress, Repetition, Scale, Training,
};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::model::Model;

/// Number of doublings: the sizes of the training text are 1/256, 1/128, … 1.
pub(crate) const DOUBLINGS: u32 = 8;

/// Maximum number of tokens of a repetition at the small scale.
const SMALL_TRAIN: usize = 1_000_000;
const SMALL_VALID: usize = 50_000;

/// The training text of a repetition, from which smaller texts are cut, and its validation text.
pub(crate) struct ExperimentData {
    pub(crate) train: Vec<TokenId>,
    pub(crate) valid: Vec<TokenId>,
    pub(crate) vocab_size: usize,
    pub(crate) eos: TokenId,
}

impl ExperimentData {
    /// The data of all repetitions.
    pub(crate) fn all(
        context: &ExperimentContext<'_>,
    ) -> harness::Result<Vec<(Repetition, ExperimentData)>> {
        let open = |own: Repetition| Ok((own.clone(), ExperimentData::open(context.scale, &own)?));
        context.repetitions()?.into_iter().map(open).collect()
    }

    /// Reads the splits of a repetition, at the small scale their beginnings.
    fn open(scale: Scale, repetition: &Repetition) -> harness::Result<ExperimentData> {
        let read = |corpus: &Corpus, split, small: usize| -> harness::Result<Vec<TokenId>> {
            let stream = corpus.split(split)?;
            let length = match scale {
                Scale::Full => stream.len(),
                Scale::Small => small.min(stream.len()),
            };
            Ok(stream.read(0..length))
        };
        let corpus = &repetition.corpus;
        Ok(ExperimentData {
            train: read(corpus, Split::Train, SMALL_TRAIN)?,
            valid: read(corpus, Split::Valid, SMALL_VALID)?,
            vocab_size: corpus.vocab().len(),
            eos: corpus.vocab().eos(),
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

    /// The first 1 / 2^halvings of the training text: larger texts contain the smaller ones.
    pub(crate) fn text(&self, halvings: u32) -> Vec<TokenId> {
        self.train[..self.length(halvings)].to_vec()
    }

    /// Trains on such a text.
    pub(crate) fn train(
        &self,
        config: &Config,
        halvings: u32,
        progress: &mut dyn Progress,
    ) -> Result<Model> {
        self.train_on(config, &self.text(halvings), progress)
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
        Ok(loss_on(&model.score(&self.valid)?))
    }
}

/// The mean of negative log-probabilities.
pub(crate) fn loss_on(log_probs: &[f64]) -> f64 {
    -log_probs.iter().sum::<f64>() / log_probs.len() as f64
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
