//! 2014: sequence to sequence learning with deep LSTMs.
//!
//! Sutskever, Vinyals, Le: *Sequence to Sequence Learning with Neural Networks*, 2014 (<https://arxiv.org/abs/1409.3215>). With
//! attention: Bahdanau, Cho, Bengio 2015 (<https://arxiv.org/abs/1409.0473>).
//!
//! # The idea
//! An LSTM, a recurrent network with gated memory cells, encodes a sentence word by word into one vector. A second LSTM starts
//! from that vector and generates the translation word by word. The model has no notion of phrases or grammar and accepts
//! sentences of any length. Reversing the source, which moves its first words close to the first words of the translation,
//! was the decisive improvement.
//!
//! # Example
//! ```
//! use harness::{Budget, LanguageModel, Silent, Training};
//! use seq2seq::LmConfig;
//!
//! let text: Vec<u32> = (0..600).map(|at| at * at % 5).collect();
//! let mut silent = Silent;
//! let mut training = Training::new(&mut silent);
//! training.budget = Budget::Epochs(2.0);
//! let config = LmConfig { embedding_size: 8, hidden_size: 16, bptt_length: 10, ..LmConfig::default() };
//! let model = config.train(&text[..], 5, 0, &mut training)?;
//! assert_eq!(model.score(&text[..20])?.len(), 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Symbols
//! | paper | here |
//! |---|---|
//! | LSTM, layers, cells | `lstm::Lstm`, [`Config::num_layers`], [`Config::hidden_size`] |
//! | v, the vector of a sentence | `lstm::State`, [`sentence_vectors`] |
//! | reversed source | [`Config::source_order`] |
//! | uniform initialisation | [`Config::init_scale`] |
//! | beam of size B, ensembles | [`Config::beam`], [`Ensemble`] |
//! | e_ij, alpha_ij, c_i (Bahdanau et al. 2015) | `translation::attention`, [`Config::attention`] |
//!
//! Axes of tensors: `[batch, time, D]`; D is the embedding size, H the hidden size, V the vocabulary size.
//!
//! # Departures from the paper
//! - The loss is the mean over target words; in the paper it is the sum over words divided by the number of sentences in the
//!   batch. In the presets of papers, learning rates are therefore multiplied by the mean sentence length, and gradient norms
//!   divided by it.
//! - [`Config::tuned_preset`] and [`Config::preset_with_attention`] borrow ideas of later papers, which `translation::ideas` and
//!   `language_model::ideas` list with their years; [`Config::preset`] borrows none.
//! - The small presets have one or two layers instead of four.
//! - All sources of a batch have the same length, so that no padding is needed ([`Config::batching`]).
//! - With attention, the encoder stays unidirectional and the cells stay LSTMs; Bahdanau et al. use a bidirectional encoder
//!   and GRUs.
//! - Translations never contain `<unk>`; the most probable known word replaces it.
//!
//! # Reproduced here
//! The paper's corpus (WMT 2014 English to French; BLEU 30.6 for one model with beam 12) is not reproduced. `docs/results.md` has what
//! small models reach, and training speed beside PyTorch's; `eras reproduce seq2seq` tests the paper's claims.

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
pub use language_model::{LM_PRESETS, LM_TUNED_PRESETS, Lm, LmConfig, Network as LmNetwork};
pub use lstm::{Lstm, State};
pub use neural::{Error, Result};
pub use translation::{
    Batching, Config, DecoderState, Ensemble, Network, PRESETS, SourceOrder, TUNED_PRESETS,
    Translator, sentence_vectors,
};

/// The variant of the language model.
pub const LM_VARIANT: &str = "lstm";
/// The variant of the language model with borrowed ideas.
pub const LM_TUNED_VARIANT: &str = "lstm-tuned";
/// The variant of the paper's translator.
pub const VARIANT: &str = "reversed";
/// The variant of the paper's translator with borrowed ideas.
pub const TUNED_VARIANT: &str = "reversed-tuned";
/// The variant of the translator with attention.
pub const ATTENTION: &str = "attention";
