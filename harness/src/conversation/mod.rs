//! The conversation track: the evaluation of responders, and three baselines.
//!
//! | module | holds |
//! |---|---|
//! | `dialogue` | dialogues of a prepared corpus |
//! | `judge`, `evaluation` | the evaluation of a responder and its record |
//! | `variety` | distinct n-grams, and the share of the most common replies |
//! | `paraphrases` | paraphrased questions |
//! | `baselines` | a fixed reply; any language model as a responder |
//! | `retrieval` | the reply that followed the most similar context in training |

mod baselines;
mod dialogue;
mod evaluation;
mod judge;
mod paraphrases;
mod retrieval;
#[cfg(test)]
mod tests;
mod variety;

pub use baselines::{FixedReply, LanguageModelResponder};
pub use dialogue::{Dialogue, Prompt, Turn};
pub use evaluation::{
    ConversationEvaluation, ConversationExample, ConversationRecord, ConversationRow,
    TurnsPerplexity,
};
pub use judge::{ConversationOutcome, ConversationProtocol, TURNS_SHOWN, judge_conversation};
pub use paraphrases::PARAPHRASES;
pub use retrieval::Retrieval;
pub use variety::Variety;
