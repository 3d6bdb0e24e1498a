//! 2014: sequence to sequence, with deep LSTMs.
//!
//! Sutskever, Vinyals, Le: *Sequence to Sequence Learning with Neural Networks*, 2014
//! (<https://arxiv.org/abs/1409.3215>).
//!
//! *The idea*: a recurrent network that keeps what matters in gated cells (an LSTM) reads a sentence word by word into one
//! vector; a second one, which begins with that vector, writes the translation word by word. Nothing is said about words,
//! phrases or grammar, and sentences may be of any length. Read backwards, a sentence ends with its first words, which are
//! wanted first: that made the difference.
//!
//! ```
//! use harness::{Budget, LanguageModel, Silent, Training};
//! use seq2seq::LmConfig;
//!
//! let text: Vec<u32> = (0..600).map(|at| at * at % 5).collect();
//! let mut silent = Silent;
//! let mut training = Training::new(&mut silent);
//! training.budget = Budget::Epochs(2.0);
//! let config = LmConfig { width: 8, hidden: 16, window: 10, ..LmConfig::default() };
//! let model = config.train(&text[..], 5, 0, &mut training)?;
//! assert_eq!(model.score(&text[..20])?.len(), 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | paper | here |
//! |---|---|
//! | LSTM, layers, cells | `lstm::Lstm`, [`Config::layers`], [`Config::hidden`] |
//! | v, the vector of a sentence | `lstm::State`, [`sentence_vectors`] |
//! | reversed source | [`Config::source_order`] |
//! | uniform initialisation | [`Config::init`] |
//! | beam of width B, ensembles | [`Config::beam`], [`Ensemble`] |
//! | attention, of the year after (Bahdanau et al. 2015) | `translation::attention`, [`Config::attention`] |
//!
//! | module | holds |
//! |---|---|
//! | `lstm` | the cells |
//! | `decoder` | words to cells to words |
//! | `language_model` | the decoder alone, which predicts a text: [`Lm`] |
//! | `translation` | both halves, which translate, with attention between them if wanted: [`Translator`] |
//! | `claims` | the paper put to the test |
//!
//! *Departures*
//! - A loss is the mean over target words, the paper's the sum over words by sentences of a batch: a learning rate here is the
//!   paper's times the words of a sentence, and the bound of a gradient the paper's divided by them.
//! - The gates that keep memory begin open ([`Config::forget_bias`]), but for the presets of papers.
//! - The output layer's bias begins with the words' frequencies, in all presets ([`Config::bias`]).
//! - Adam in place of gradient descent, but for the presets of papers.
//! - Sentences of a batch have all the same number of source words, so that no source is filled up ([`Config::batching`]).
//! - With attention, encoder and cells stay those of the paper: Bahdanau's read in both directions, and their cells are GRUs.
//! - Translations hold no `<unk>`: of the words that are known, the most probable stands in its place.

mod claims;
mod decoder;
mod entries;
#[cfg(test)]
mod golden_tests;
mod language_model;
mod lstm;
mod translation;

pub use claims::{config as config_of_experiments, experiments};
pub use entries::{ERA, Seq2seq, YEAR};
pub use language_model::{LM_PRESETS, LM_VARIANT, Lm, LmConfig, Network as LmNetwork};
pub use lstm::{Lstm, Mode, State};
pub use neural::{Error, Result};
pub use translation::{
    Batching, Config, Ensemble, Memory, Network, PRESETS, SourceOrder, Translator, sentence_vectors,
};

/// The name of the paper's translator.
pub const VARIANT: &str = "reversed";
/// The name of the translator that looks back at its source.
pub const ATTENTION: &str = "attention";
