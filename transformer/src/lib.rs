//! 2017: the Transformer, attention and nothing else.
//!
//! Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin: *Attention Is All You Need*, 2017
//! (<https://arxiv.org/abs/1706.03762>). Here is its decoder alone, as a language model (Liu et al. 2018; Radford et al.
//! 2018).
//!
//! *The idea*: an LSTM hands what it knows from word to word, and what was said forty words ago has passed through forty
//! hands. Let each word look at all words before it at once, and choose by content which of them matter: one step between
//! any two words, and all words of a text in parallel.
//!
//! | paper | here |
//! |---|---|
//! | Attention(Q, K, V), MultiHead, h, d_k | `attention::Attention`, [`Config::heads`] |
//! | FFN, d_ff | `block::FeedForward`, [`Config::feed_forward`] |
//! | d_model, N | [`Config::width`], [`Config::layers`] |
//! | PE | `positions::sinusoids`, [`Config::positions`] |
//! | LayerNorm(x + Sublayer(x)) | `block::Block`, [`Config::norm`] |
//! | P_drop | [`Config::dropout`] |
//! | shared embedding, times sqrt(d_model) | `network::Network` |
//!
//! *Departures*
//! - Layers normalise what they read, not what they write (`norm = "pre"`), which needs no long warm-up; `norm = "post"` is
//!   the paper's.
//! - Positions are learnt and the activation is GELU, as in its descendants; `positions = "sinusoidal"` and
//!   `activation = "relu"` are the paper's. `positions = "rotary"` is what later models came to (Su et al. 2021).
//! - Attention weights are not dropped out; the sub-layers' outputs and the embedding are.

mod attention;
mod block;
mod cache;
mod embedding;
#[cfg(test)]
mod golden_tests;
mod language_model;
mod mixture;
mod positions;
mod shape;
mod translation;

pub use language_model::{LM_PRESETS, Lm, LmConfig};
pub use neural::{Error, Result};
pub use shape::{Activation, Norm, Positions};
pub use translation::{Config, Ensemble, Looks, Memory, Network, PRESETS, Translator, looks};

/// The era's name, in records and on the command line.
pub const ERA: &str = "transformer";
/// The year of the paper.
pub const YEAR: u16 = 2017;
/// The name of the language model.
pub const LM_VARIANT: &str = "decoder";
/// The name of the paper's translator.
pub const VARIANT: &str = "encoder-decoder";
