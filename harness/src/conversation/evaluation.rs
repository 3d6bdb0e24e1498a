//! What is written down about one who replies.

use serde::{Deserialize, Serialize};

use crate::entry::Track;
use crate::records::{EntryRecord, TrackResult};

/// The result of a responder on one split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationEvaluation {
    /// Replies of the split that were scored.
    pub replies: u64,
    /// Their tokens, ends included; 0 where the responder gives no probabilities.
    pub tokens: u64,
    /// Turns before a reply that were shown; none: all.
    pub turns: Option<usize>,
    /// Of the split's replies, per token, after so many turns. None where the responder gives no probabilities, or calls a
    /// reply impossible.
    pub perplexity: Option<f64>,
    /// The same after fewer turns and after more.
    pub by_turns: Vec<TurnsPerplexity>,
    /// Replies that the responder gave, spread evenly over the split; what follows is of them.
    pub given: u64,
    /// Distinct-1 and distinct-2; see [`super::Variety`].
    pub distinct: [f64; 2],
    /// The share of replies that are one of the ten most common ones.
    pub common: f64,
    /// The share of pairs of questions that ask the same and get the same reply; see [`super::PARAPHRASES`].
    pub consistent: f64,
    /// The share of replies that make sense, where somebody knows.
    pub sensible: Option<f64>,
    /// The share of replies that are specific, where somebody knows.
    pub specific: Option<f64>,
    /// A few replies.
    pub examples: Vec<ConversationExample>,
    /// The first turn of the first conversation, and what the responder said after it, on both sides.
    #[serde(default)]
    pub talk: Vec<String>,
}

/// How well replies are predicted after so many turns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnsPerplexity {
    /// Turns that are shown at most.
    pub turns: usize,
    /// Per token; none where a reply is called impossible.
    pub perplexity: Option<f64>,
}

/// A moment of a conversation, and what was said then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationExample {
    /// The turns that were shown.
    pub turns: Vec<String>,
    /// What followed in the corpus.
    pub reference: String,
    /// What the responder said.
    pub reply: String,
}

impl TrackResult for ConversationEvaluation {
    const TRACK: Track = Track::Conversation;

    fn scored(&self) -> u64 {
        self.tokens
    }
}

/// The record of a responder.
pub type ConversationRecord = EntryRecord<ConversationEvaluation>;

/// A line of `conversation.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationRow {
    /// Era.
    pub era: String,
    /// Variant.
    pub variant: String,
    /// See [`ConversationEvaluation`].
    pub replies: u64,
    /// See [`ConversationEvaluation`].
    pub turns: Option<usize>,
    /// See [`ConversationEvaluation`].
    pub perplexity: Option<f64>,
    /// See [`ConversationEvaluation`].
    pub distinct_1: f64,
    /// See [`ConversationEvaluation`].
    pub distinct_2: f64,
    /// See [`ConversationEvaluation`].
    pub common: f64,
    /// See [`ConversationEvaluation`].
    pub consistent: f64,
    /// See [`ConversationEvaluation`].
    pub sensible: Option<f64>,
    /// See [`ConversationEvaluation`].
    pub specific: Option<f64>,
}

impl ConversationRow {
    /// The line of a finished entry.
    pub fn of(record: &ConversationRecord) -> ConversationRow {
        let (entry, evaluation) = (&record.entry, &record.evaluation);
        ConversationRow {
            era: entry.era.clone(),
            variant: entry.variant.clone(),
            replies: evaluation.replies,
            turns: evaluation.turns,
            perplexity: evaluation.perplexity,
            distinct_1: evaluation.distinct[0],
            distinct_2: evaluation.distinct[1],
            common: evaluation.common,
            consistent: evaluation.consistent,
            sensible: evaluation.sensible,
            specific: evaluation.specific,
        }
    }
}
