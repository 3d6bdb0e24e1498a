//! 2015: the neural conversational model.
//!
//! Vinyals, Le: *A Neural Conversational Model*, 2015 (<https://arxiv.org/abs/1506.05869>).
//!
//! *The idea*: a conversation needs no rules and no slots to be filled. A network that maps a sequence to a sequence is shown
//! what was said and learns to say what comes next; what it knows of the world it has from the talk alone.
//!
//! | paper | here |
//! |---|---|
//! | one token read or written at a time, by the same cells (figure 1) | `network::Network` |
//! | turn taking and actors as tokens (section 4.1) | `pieces::Script` |
//! | the context: all so far, or the previous sentence | [`Config::turns`] |
//! | greedy replies; beams | [`Config::reply`] |
//! | help desk, open domain (sections 4.1, 4.2) | [`Config::preset`] |
//!
//! *Each turn is read once.* A conversation is one text, who speaks before each turn; its cells read it from left to right and
//! carry their state along. Every turn is learnt as the reply to those before it and is, in the same reading, what the next
//! ones reply to. Nothing is read again for a later reply.
//!
//! | module | holds |
//! |---|---|
//! | `network` | the cells, and the look back between them |
//! | `pieces` | conversations as texts, in batches |
//! | `train` | learning from conversations, and from plain text, each line of which is the reply to those before: [`Lm`] |
//! | `model`, `writer` | the chatbot: [`Chatbot`] |
//! | `claims` | the paper put to the test |
//!
//! *Departures*
//! - Each word looks back at those before it, between the lowest layer and the ones above ([`Config::heads`]), which add to
//!   what was found: the paper saw attention change little, but its turns name nothing that must be found again. The presets of
//!   the paper leave it out.
//! - The gates that keep memory begin open, and the output layer's bias with the words' frequencies.
//! - A loss is the mean over words; learning rates and bounds of gradients of the paper's presets are ours, since it tells none.
//! - Adam in place of gradient descent, but for the presets of the paper.

mod against_ngrams;
mod claims;
mod config;
mod entries;
#[cfg(test)]
mod golden_tests;
mod model;
mod network;
mod pieces;
mod train;
mod writer;

pub use claims::{Notebook, Outcome, experiments};
pub use config::{Config, PRESETS, Reply};
pub use entries::{ERA, NeuralChatbot, YEAR};
pub use model::{Chatbot, Thought};
pub use network::Network;
pub use neural::{Error, Result};

/// The cells as a language model: each line of a text is the reply to those before it.
pub type Lm = neural::TextModel<Network>;

/// The name of the paper's model.
pub const VARIANT: &str = "replies";
/// The name of its cells on plain text.
pub const LM_VARIANT: &str = "lines";
