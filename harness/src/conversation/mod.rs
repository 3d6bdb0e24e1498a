//! The conversation track: how those who reply are judged, and three who know little.
//!
//! | module | holds |
//! |---|---|
//! | `dialogue` | conversations of a prepared corpus |
//! | `judge`, `evaluation` | replies of a split and what is written down about them |
//! | `variety` | distinct n-grams, and how often the same is said |
//! | `paraphrases` | questions that ask the same |
//! | `baselines` | a fixed reply; any language model as one who replies |
//! | `retrieval` | the reply that followed the most similar words in training |

mod baselines;
mod dialogue;
mod evaluation;
mod judge;
mod paraphrases;
mod retrieval;
#[cfg(test)]
mod tests;
mod variety;

pub use baselines::{FixedReply, Predicting};
pub use dialogue::{Dialogue, Prompt, Turn};
pub use evaluation::{
    ConversationEvaluation, ConversationExample, ConversationRecord, ConversationRow,
    TurnsPerplexity,
};
pub use judge::{ConversationProtocol, Conversed, TURNS_SHOWN, judge_conversation};
pub use paraphrases::PARAPHRASES;
pub use retrieval::Retrieval;
pub use variety::Variety;
