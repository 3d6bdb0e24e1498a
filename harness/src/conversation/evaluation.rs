//! The record of an evaluated responder.

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
    /// Maximum number of preceding turns given as context; none: all.
    pub turns: Option<usize>,
    /// Perplexity per token of the split's replies with that context. None if the responder gives no probabilities, or gives a
    /// reply probability 0.
    pub perplexity: Option<f64>,
    /// The same with other numbers of turns.
    pub by_turns: Vec<TurnsPerplexity>,
    /// Number of generated replies, spread evenly over the split; the following fields describe them.
    pub given: u64,
    /// Distinct-1 and distinct-2; see [`super::Variety`].
    pub distinct: [f64; 2],
    /// The share of replies that are one of the ten most common ones.
    pub common: f64,
    /// The share of paraphrased questions that get the same reply; see [`super::PARAPHRASES`].
    pub consistent: f64,
    /// The share of sensible replies, if there is a judge.
    pub sensible: Option<f64>,
    /// The share of specific replies, if there is a judge.
    pub specific: Option<f64>,
    /// A few replies.
    pub examples: Vec<ConversationExample>,
    /// The first turn of the first dialogue, and how the responder continues it as both speakers.
    #[serde(default)]
    pub talk: Vec<String>,
}

/// Perplexity of replies with a number of turns as context.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnsPerplexity {
    /// Maximum number of preceding turns given as context.
    pub turns: usize,
    /// Perplexity per token; none if a reply has probability 0.
    pub perplexity: Option<f64>,
}

/// A context, its reference reply and the generated reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationExample {
    /// The turns given as context.
    pub turns: Vec<String>,
    /// The reply in the corpus.
    pub reference: String,
    /// The responder's reply.
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
