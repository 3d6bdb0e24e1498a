//! Networks that read a sentence and write its translation: trained, asked, judged, saved and opened in one way for all
//! eras.

mod batches;
pub mod bench;
mod ensemble;
mod model;
mod pairs;
mod search;
mod task;

use std::fmt::Debug;

use corpus::{Corpus, TokenId, Vocab};
use harness::{Check, Training, require};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::Tensor;

use crate::device::Settings;
use crate::error::Result;
use crate::objective::Output;
use crate::parameters::{Layout, Parameters, Weights};
use crate::trainer::Recipe;

pub use batches::{Alike, PairBatches, padded, sentences};
pub use ensemble::{Candidates, Ensemble};
pub use model::TranslationModel;
pub use pairs::{OwnedPair, Pair, PairBatch, pairs_of, score_pairs};
pub use search::{Looking, Reading};
pub use task::Translating;

/// A network that reads a sentence and writes its translation.
pub trait EncoderDecoder: Debug + Send + Sync + Sized {
    /// Its settings.
    type Config: TranslatorConfig<Network = Self>;
    /// What is known in the middle of some translations, a row for each.
    type Memory;

    /// Asks for the parameters of a network between these vocabularies.
    fn new(config: &Self::Config, sides: Sides, layout: &mut Layout) -> Self;

    /// Its settings.
    fn config(&self) -> &Self::Config;

    /// The vocabularies of both sides.
    fn sides(&self) -> Sides;

    /// From hidden states to target words.
    fn output(&self) -> &Output;

    /// Gives parameters the numbers that are not drawn; `counts` says how often each target word occurs.
    fn begin(&self, parameters: &mut Parameters, counts: &[u64]);

    /// Hidden states `[targets, D]` of all that a batch is to predict.
    fn hidden(&self, weights: &Weights, batch: &PairBatch<'_>, train: bool) -> Tensor;

    /// Reads sources of one length, without their ends.
    fn read(&self, weights: &Weights, sources: &[&[TokenId]]) -> Self::Memory;

    /// Each row writes one more token `[rows]`: hidden states `[rows, D]` of what follows.
    fn write(&self, weights: &Weights, tokens: &Tensor, memory: &mut Self::Memory) -> Tensor;

    /// From now on row i is what row `rows[i]` was, `[rows]`.
    fn select(memory: &mut Self::Memory, rows: &Tensor);

    /// Numbers that a source token and a target token are multiplied with in training.
    fn multiplying(&self) -> [u64; 2];

    /// Numbers that a pair of tokens, one on each side, needs in training on the way there and back.
    fn held(&self) -> u64;
}

/// Settings of a translator.
pub trait TranslatorConfig: Debug + Clone + Serialize + DeserializeOwned {
    /// What they are for.
    type Network: EncoderDecoder<Config = Self>;
    /// The era, as records name it.
    const ERA: &'static str;

    /// How records name what these settings make.
    fn variant(&self) -> &'static str;

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    fn validate(&self) -> Result<()>;

    /// The same in all that a trained network depends on, and the default in all else.
    fn lasting(&self) -> Self;

    /// What all translators are told.
    fn common(&self) -> Common<'_>;

    /// Learns to translate the pairs of two corpora, as [`Corpus::pairs`] gives them.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`harness::Error::Corrupt`] if there are no pairs, [`crate::Error`],
    /// [`crate::Error::Harness`] when interrupted.
    fn train(
        &self,
        source: &Corpus,
        target: &Corpus,
        training: &mut Training<'_>,
    ) -> Result<TranslationModel<Self::Network>> {
        task::train(self, [source, target], training)
    }
}

/// What all translators are told.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    /// Where to compute, and with which numbers.
    pub compute: &'a Settings,
    /// How to train.
    pub training: &'a Recipe,
    /// Which pairs are read together.
    pub alike: Alike,
    /// Tokens of sources, and of targets, that are read in a step at most, what rows are filled up with included.
    pub batch_tokens: usize,
    /// The longest sentence that is read, its end included; none: any.
    pub longest: Option<usize>,
    /// The share of probability that is spread over all words in training.
    pub smoothing: f64,
    /// How translations are looked for.
    pub beam: Reading,
}

impl Common<'_> {
    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[
            Check::share("smoothing", self.smoothing),
            Check::new(
                (1..=1 << 20).contains(&self.batch_tokens),
                "batch_tokens",
                self.batch_tokens,
                "must be from 1 to 1048576",
            ),
        ])?;
        self.beam.validate()?;
        self.training.validate()?;
        self.compute.validate()
    }
}

/// The vocabularies of both sides of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// Words on each side, the source first.
    pub words: [usize; 2],
    /// The ends of sentences on each side.
    pub ends: [TokenId; 2],
    /// Whether both sides have the same vocabulary.
    pub is_joint: bool,
}

impl Sides {
    /// Of these vocabularies.
    pub fn of(sides: [&Vocab; 2]) -> Sides {
        Sides {
            words: sides.map(Vocab::len),
            ends: sides.map(Vocab::eos),
            is_joint: sides[0].to_text() == sides[1].to_text(),
        }
    }

    /// The end of a target.
    pub fn end(&self) -> TokenId {
        self.ends[1]
    }
}
