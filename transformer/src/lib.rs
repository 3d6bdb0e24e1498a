//! 2017: the Transformer.
//!
//! Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin: *Attention Is All You Need*, 2017
//! (<https://arxiv.org/abs/1706.03762>). As a language model, the decoder alone: Liu et al. 2018; Radford et al. 2018.
//!
//! # The idea
//! An LSTM passes information from word to word, so a word forty positions back has gone through forty updates. In the
//! Transformer every position attends directly to all others and selects relevant ones by content: any two positions are one
//! step apart, and all positions of a sequence are computed in parallel.
//!
//! # Example
//! ```
//! use harness::{Budget, LanguageModel, Silent, Training};
//! use transformer::LmConfig;
//!
//! let text: Vec<u32> = (0..600).map(|at| at * at % 5).collect();
//! let mut silent = Silent;
//! let mut training = Training::new(&mut silent);
//! training.budget = Budget::Epochs(1.0);
//! let config = LmConfig { d_model: 8, num_heads: 2, d_ff: 16, context_length: 10, ..LmConfig::default() };
//! let model = config.train(&text[..], 5, 0, &mut training)?;
//! assert_eq!(model.score(&text[..20])?.len(), 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Symbols
//! | paper | here |
//! |---|---|
//! | N, d_model, h, d_k, d_ff | [`Config::num_layers`], [`Config::d_model`], [`Config::num_heads`], [`Config::d_k`], [`Config::d_ff`] |
//! | Attention(Q, K, V), MultiHead | `attention::attend`, `attention::SelfAttention`, `attention::CrossAttention` |
//! | FFN; LayerNorm(x + Sublayer(x)) | `block::FeedForward`; `block::Block`, [`Config::norm`] |
//! | PE | `positions::sinusoids`, [`Config::positions`] |
//! | P_drop, epsilon_ls | [`Config::dropout`], [`Config::label_smoothing`] |
//! | one matrix for both embeddings and the output, times sqrt(d_model) | [`Config::share_embeddings`], `embedding` |
//! | learning rate, warmup_steps | [`neural::Schedule::Noam`], [`neural::TrainingConfig::warmup_steps`] |
//! | average of the last checkpoints | [`neural::TrainingConfig::averaged_checkpoints`] |
//! | beam size 4, alpha = 0.6 | [`Config::beam`] |
//! | figures 3 to 5 | [`attention_maps`] |
//!
//! Axes of tensors: `[batch, time, D]`, `[batch, heads, time, key_time]`; D is d_model, V the vocabulary size.
//!
//! # Departures from the paper
//! [`Config::tuned_preset`] and [`LmConfig::tuned_preset`] borrow ideas of later papers, which `translation::ideas` and
//! `language_model::ideas` list with their years; [`Config::preset`] and [`LmConfig::preset`] borrow none.
//!
//! Translator (only the last three apply to the presets `base` and `big`):
//! - Smaller models on less text: higher learning rate, shorter warm-up, more dropout.
//! - Source and target share an embedding only if they share a vocabulary (subwords).
//! - The loss is the mean over the tokens of a batch, and learning rates are given by their peak.
//! - Translations never contain `<unk>`; the most probable known word replaces it.
//! - No dropout on attention weights; sub-layer outputs and embeddings have it.
//!
//! Language model:
//! - The paper has none. It is the paper's decoder without cross-attention, as in Liu et al. 2018.
//! - No label smoothing, because it hurts perplexity (section 5.4).
//!
//! # Reproduced here
//! The paper's corpus (WMT 2014; BLEU 27.3 for the base model, English to German) is not reproduced. `docs/results.md` has what small
//! models reach, and training speed beside PyTorch's; `eras reproduce transformer` tests the paper's claims.

mod attention;
mod attention_map;
mod block;
mod claims;
mod embedding;
mod entries;
mod forward_context;
#[cfg(test)]
mod golden_tests;
mod ideas;
mod key_mixing;
mod kv_cache;
mod language_model;
mod positions;
mod stack_config;
mod translation;

pub use attention_map::AttentionMap;
pub use claims::experiments;
pub use entries::{ERA, Transformer, YEAR};
pub use language_model::{
    LM_PRESETS, LM_TUNED_PRESETS, Lm, LmConfig, Network as LmNetwork, lm_attention_maps,
};
pub use neural::{Error, Result};
pub use stack_config::{Activation, Norm, Positions};
pub use translation::{
    AttentionMaps, Config, DecoderState, Ensemble, Network, PRESETS, TUNED_PRESETS, Translator,
    attention_maps,
};

/// The variant of the language model.
pub const LM_VARIANT: &str = "decoder";
/// The variant of the language model with borrowed ideas.
pub const LM_TUNED_VARIANT: &str = "decoder-tuned";
/// The variant of the paper's translator.
pub const VARIANT: &str = "encoder-decoder";
/// The variant of the translator with borrowed ideas.
pub const TUNED_VARIANT: &str = "encoder-decoder-tuned";
