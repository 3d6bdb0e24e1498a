//! 2015: the neural conversational model.
//!
//! Vinyals, Le: *A Neural Conversational Model*, 2015 (<https://arxiv.org/abs/1506.05869>).
//!
//! # The idea
//! A dialogue system needs neither rules nor slots. A sequence-to-sequence network is trained to predict the next turn of a
//! dialogue from the preceding ones; all its knowledge of the world comes from dialogues.
//!
//! Each turn is read once: a dialogue is one text with a speaker token before each turn, which the LSTM reads from left to
//! right. Every turn is both a reply to the turns before it and context of the turns after it.
//!
//! # Example
//! ```
//! use chatbot::Config;
//! use harness::{Budget, LanguageModel, Silent, Training};
//!
//! let text: Vec<u32> = (0..600).map(|at| at * at % 5).collect();
//! let mut silent = Silent;
//! let mut training = Training::new(&mut silent);
//! training.budget = Budget::Epochs(1.0);
//! let config = Config { embedding_size: 8, hidden_size: 16, num_heads: 2, ..Config::default() };
//! let model = config.train_on_text(&text[..], 5, 0, &mut training)?;
//! assert_eq!(model.score(&text[..20])?.len(), 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Symbols
//! | paper | here |
//! |---|---|
//! | one token read or generated at a time by the same cells (figure 1) | `network::Network` |
//! | turn taking and actors as tokens (section 4.1) | `segments::DialogueFormat` |
//! | context: the dialogue so far, or the previous sentence | [`Config::context_turns`] |
//! | greedy replies; beam search | [`Config::reply`] |
//! | help desk, open domain (sections 4.1, 4.2) | [`Config::preset`] |
//!
//! Axes of tensors: `[rows, time, D]`; D is the embedding size, H the hidden size, V the vocabulary size.
//!
//! # Departures from the paper
//! - [`Config::tuned_preset`] borrows ideas of later papers, which `ideas` lists with their years; [`Config::preset`] borrows none.
//!   Among them is self-attention after the lowest layer ([`Config::num_heads`]), with residual connections. Attention changed
//!   little in the paper, whose dialogues do not require recalling names.
//! - The loss is the mean over words. The paper does not give learning rates and gradient norms; those of its presets are ours.
//!
//! # Reproduced here
//! The paper's help-desk corpus is not public; it reports perplexity 8 there and 17 on film subtitles. `docs/results.md` has what small
//! models reach; `eras reproduce chatbot` tests the paper's claims.

mod claims;
mod config;
mod entries;
#[cfg(test)]
mod golden_tests;
mod ideas;
mod model;
mod network;
mod presets;
mod segments;
mod train;

pub use claims::experiments;
pub use config::{Config, ReplyConfig};
pub use entries::{ERA, NeuralChatbot, YEAR};
pub use model::{Chatbot, TokenPrediction};
pub use network::Network;
pub use neural::{Error, Result};
pub use presets::{PRESETS, TUNED_PRESETS};

/// The network as a language model on plain text.
pub type Lm = neural::TextModel<Network>;

/// The variant of the paper's model.
pub const VARIANT: &str = "replies";
/// The variant of the chatbot with borrowed ideas.
pub const TUNED_VARIANT: &str = "replies-tuned";
/// The variant of the language model.
pub const LM_VARIANT: &str = "lines";
/// The variant of the language model with borrowed ideas.
pub const LM_TUNED_VARIANT: &str = "lines-tuned";
