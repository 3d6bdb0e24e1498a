//! 2017: the Transformer, attention and nothing else.
//!
//! Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin: *Attention Is All You Need*, 2017
//! (<https://arxiv.org/abs/1706.03762>): an encoder and a decoder that translate; and the decoder alone, as a language model
//! (Liu et al. 2018; Radford et al. 2018).
//!
//! *The idea*: an LSTM hands what it knows from word to word, and what was said forty words ago has passed through forty
//! hands. Let each word look at all words at once, and choose by content which of them matter: one step between any two
//! words, and all words of a text in parallel.
//!
//! | paper | here |
//! |---|---|
//! | Attention(Q, K, V), MultiHead, h, d_k | `attention`, [`Config::heads`], [`Config::key_width`] |
//! | FFN, d_ff | `block::FeedForward`, [`Config::feed_forward`] |
//! | d_model, N | [`Config::width`], [`Config::layers`] |
//! | PE | `positions::sinusoids`, [`Config::positions`] |
//! | LayerNorm(x + Sublayer(x)) | `block::Block`, [`Config::norm`] |
//! | P_drop, epsilon_ls | [`Config::dropout`], [`Config::smoothing`] |
//! | one matrix for both embeddings and the output, times sqrt(d_model) | [`Config::shared`], `embedding` |
//! | learning rate, warmup_steps | [`neural::Schedule::Noam`], [`neural::Recipe::warmup`] |
//! | average of the last checkpoints | [`neural::Recipe::average`] |
//! | beam of 4, alpha = 0.6 | [`Config::beam`] |
//! | figures 3 to 5 | [`looks`] |
//!
//! | module | holds |
//! |---|---|
//! | `shape` | sizes and kinds of a stack of layers |
//! | `attention`, `cache`, `mixture` | how places look at others, and what need not be computed again |
//! | `block` | a layer |
//! | `embedding`, `positions` | words and places as vectors |
//! | `language_model` | the decoder alone, which predicts a text: [`Lm`] |
//! | `translation` | both halves, which translate: [`Translator`] |
//! | `claims` | the paper put to the test |
//!
//! *Departures of the translator*, none in presets `base` and `big` but the last three
//! - Smaller models on less text: a higher learning rate, fewer steps of warm-up, more dropout, clipped gradients.
//! - Both sides share one embedding only where they have one vocabulary (subwords).
//! - A loss is the mean over the tokens of a batch, and learning rates are given by their peak.
//! - Translations hold no `<unk>`: of the words that are known, the most probable stands in its place.
//! - Attention weights are not dropped out; the sub-layers' outputs and the embeddings are.
//!
//! *Departures of the language model*
//! - Layers normalise what they read, not what they write (`norm = "pre"`), which needs no long warm-up; `norm = "post"` is
//!   the paper's.
//! - Positions are rotary (Su et al. 2021) or learnt and the activation is GELU, as in its descendants;
//!   `positions = "sinusoidal"` and `activation = "relu"` are the paper's.
//! - Keys are mixed with those of the place before in the presets for the village ([`LmConfig::mixed_keys`]).

mod attention;
mod block;
mod cache;
mod claims;
mod embedding;
mod entries;
#[cfg(test)]
mod golden_tests;
mod language_model;
mod mixture;
mod positions;
mod shape;
mod translation;

pub use claims::experiments;
pub use entries::{ERA, Transformer, YEAR};
pub use language_model::{LM_PRESETS, Lm, LmConfig, Network as LmNetwork, attention};
pub use neural::{Error, Result};
pub use shape::{Activation, Norm, Positions};
pub use translation::{Config, Ensemble, Looks, Memory, Network, PRESETS, Translator, looks};

/// The name of the language model.
pub const LM_VARIANT: &str = "decoder";
/// The name of the paper's translator.
pub const VARIANT: &str = "encoder-decoder";
