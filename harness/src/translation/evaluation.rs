//! The record of an evaluated translator.

use serde::{Deserialize, Serialize};

use crate::entry::Track;
use crate::records::{EntryRecord, TrackResult};

/// The result of a translator on one split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TranslationEvaluation {
    /// Sentences translated.
    pub sentences: u64,
    /// See [`crate::bleu`].
    pub bleu: f64,
    /// See [`crate::Bleu`].
    pub bleu_precisions: [f64; 4],
    /// See [`crate::Bleu`].
    pub brevity_penalty: f64,
    /// See [`crate::chrf`]; of text in the same case as BLEU's.
    pub chrf: f64,
    /// BLEU's settings: numbers with different ones must not be compared.
    pub signature: String,
    /// Perplexity of the references, per target token. None if the translator gives no probabilities, or gives a reference
    /// probability 0. Comparable only between translators with the same target tokenizer.
    pub perplexity: Option<f64>,
    /// Target tokens scored, including ends of sentences; 0 if the translator gives no probabilities.
    pub tokens: u64,
    /// By length of the source sentence; lengths without a sentence are left out.
    pub by_length: Vec<LengthBucket>,
    /// A few sentences, spread evenly over the split.
    pub examples: Vec<TranslationExample>,
}

/// BLEU of the sentences whose sources are of about the same length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LengthBucket {
    /// Fewest words of the source, cut at spaces.
    pub from: usize,
    /// Most words; none: no bound.
    pub to: Option<usize>,
    /// Sentences.
    pub sentences: u64,
    /// Of these sentences alone.
    pub bleu: f64,
}

/// A sentence, its reference and its translation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TranslationExample {
    /// The source sentence.
    pub source: String,
    /// The reference translation.
    pub reference: String,
    /// The translator's output.
    pub translation: String,
}

impl TrackResult for TranslationEvaluation {
    const TRACK: Track = Track::Translation;

    fn scored(&self) -> u64 {
        self.tokens
    }
}

/// The record of a translator.
pub type TranslationRecord = EntryRecord<TranslationEvaluation>;

/// A line of `translation.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranslationRow {
    /// Era.
    pub era: String,
    /// Variant.
    pub variant: String,
    /// See [`TranslationEvaluation`].
    pub sentences: u64,
    /// See [`TranslationEvaluation`].
    pub bleu: f64,
    /// See [`TranslationEvaluation`].
    pub chrf: f64,
    /// See [`TranslationEvaluation`].
    pub perplexity: Option<f64>,
    /// See [`TranslationEvaluation`].
    pub signature: String,
}

impl TranslationRow {
    /// The line of a finished entry.
    pub fn of(record: &TranslationRecord) -> TranslationRow {
        let (entry, evaluation) = (&record.entry, &record.evaluation);
        TranslationRow {
            era: entry.era.clone(),
            variant: entry.variant.clone(),
            sentences: evaluation.sentences,
            bleu: evaluation.bleu,
            chrf: evaluation.chrf,
            perplexity: evaluation.perplexity,
            signature: evaluation.signature.clone(),
        }
    }
}
