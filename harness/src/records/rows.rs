//! The lines of the tables of a run.

use serde::{Deserialize, Serialize};

use crate::breakdown::Cell;
use crate::entry::Track;
use crate::vectors::{Tally, WordAnswers, WordTestResult};

use super::entry::{EntryRecord, TrackResult, WordsRecord};

/// A line of `results.csv`: no costs, so that the same seed gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    /// Track.
    pub track: Track,
    /// Year of the idea.
    pub year: Option<u16>,
    /// Era.
    pub era: String,
    /// Variant.
    pub variant: String,
    /// Tokens predicted.
    pub tokens: u64,
    /// See [`crate::Evaluation`].
    pub perplexity: Option<f64>,
    /// See [`crate::Evaluation`].
    pub perplexity_without_unk: Option<f64>,
    /// See [`crate::Evaluation`].
    pub bits_per_token: Option<f64>,
    /// See [`crate::Evaluation`].
    pub bits_per_byte: Option<f64>,
    /// See [`crate::Accuracy`].
    pub top1_accuracy: Option<f64>,
    /// See [`crate::Accuracy`].
    pub top5_accuracy: Option<f64>,
    /// BLiMP's accuracy.
    pub minimal_pairs_accuracy: Option<f64>,
    /// Whether the audit found a distribution.
    pub normalised: bool,
    /// See [`EntryRecord`]: settings are chosen by this figure, never by those of the test split.
    #[serde(default)]
    pub valid_perplexity: Option<f64>,
}

/// A line of `costs.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostRow {
    /// Track.
    pub track: Track,
    /// Era.
    pub era: String,
    /// Variant.
    pub variant: String,
    /// See [`super::Cost`].
    pub training_seconds: f64,
    /// See [`super::Cost`].
    pub training_tokens_per_second: f64,
    /// See [`super::Cost`].
    pub training_flops: f64,
    /// See [`super::Cost`].
    pub evaluation_seconds: f64,
    /// Tokens scored per second.
    pub scoring_tokens_per_second: f64,
    /// See [`super::Cost`].
    pub peak_memory_bytes: Option<u64>,
    /// See [`super::Cost`].
    pub model_bytes: u64,
    /// See [`super::Cost`].
    pub parameters: u64,
    /// Tokens trained on, with those of all ancestors.
    pub total_training_tokens: u64,
    /// Seconds of training, with those of all ancestors.
    pub total_training_seconds: f64,
    /// FLOPs of training, with those of all ancestors.
    pub total_training_flops: f64,
}

/// A line of `scaling.csv`: an entry trained on a part of the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScalingRow {
    /// Era.
    pub era: String,
    /// Variant.
    pub variant: String,
    /// The divisor: the part is 1/divisor of the training split.
    pub divisor: u32,
    /// Its tokens.
    pub tokens: u64,
    /// On the test split, see [`crate::Evaluation::compared`].
    pub perplexity: f64,
    /// See [`super::Cost`].
    pub training_seconds: f64,
    /// See [`super::Cost`].
    pub training_flops: f64,
}

/// A line of `breakdowns.csv`: a [`crate::Cell`] of one entry against the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreakdownRow {
    /// Era and variant.
    pub entry: String,
    /// Era and variant of what it is compared with.
    pub reference: String,
    /// The breakdown.
    pub breakdown: String,
    /// The cell.
    pub cell: String,
    /// Tokens in the cell.
    pub tokens: u64,
    /// Mean of ln p(reference) - ln p(entry).
    pub excess: f64,
    /// Its standard error over documents.
    pub standard_error: f64,
    /// The cell's part of the whole.
    pub share: Option<f64>,
}

/// A line of `words.csv`: a test of word vectors, or a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordsRow {
    /// Era.
    pub era: String,
    /// Variant.
    pub variant: String,
    /// The test.
    pub test: String,
    /// The part; empty for the whole.
    pub part: String,
    /// Questions asked: those of which all words are known.
    pub asked: usize,
    /// All questions.
    pub total: usize,
    /// Share of right answers; none for pairs of words.
    pub accuracy: Option<f64>,
    /// Spearman's rank correlation; none for analogies.
    pub rho: Option<f64>,
}

impl WordsRow {
    /// The lines of a finished entry.
    pub fn of(record: &WordsRecord) -> Vec<WordsRow> {
        let row = |test: &WordTestResult, part: &str, asked, total| WordsRow {
            era: record.entry.era.clone(),
            variant: record.entry.variant.clone(),
            test: test.test.clone(),
            part: part.to_owned(),
            asked,
            total,
            accuracy: None,
            rho: None,
        };
        let tests = record.evaluation.tests.iter();
        let rows = tests.flat_map(|test| match &test.answers {
            WordAnswers::Similarity(found) => vec![WordsRow {
                rho: found.rho,
                ..row(test, "", found.asked, found.total)
            }],
            WordAnswers::Analogies(found) => {
                let sections = found.sections.iter();
                let parts = sections.map(|section| (section.name.as_str(), section.tally));
                let sums = [
                    ("semantic", found.semantic),
                    ("syntactic", found.syntactic),
                    ("", found.total),
                ];
                let line = |(part, tally): (&str, Tally)| WordsRow {
                    accuracy: tally.accuracy(),
                    ..row(test, part, tally.asked, tally.total)
                };
                parts.chain(sums).map(line).collect()
            }
        });
        rows.collect()
    }
}

impl BreakdownRow {
    /// The line of a cell.
    pub fn of(entry: &str, reference: &str, cell: Cell) -> BreakdownRow {
        BreakdownRow {
            entry: entry.to_owned(),
            reference: reference.to_owned(),
            breakdown: cell.breakdown,
            cell: cell.cell,
            tokens: cell.tokens,
            excess: cell.excess,
            standard_error: cell.standard_error,
            share: cell.share,
        }
    }
}

impl ResultRow {
    /// The line of a finished entry.
    pub fn of(record: &EntryRecord) -> ResultRow {
        let (entry, evaluation) = (&record.entry, &record.evaluation);
        ResultRow {
            track: entry.track,
            year: entry.year,
            era: entry.era.clone(),
            variant: entry.variant.clone(),
            tokens: evaluation.tokens,
            perplexity: evaluation.perplexity,
            perplexity_without_unk: evaluation.perplexity_without_unk,
            bits_per_token: evaluation.bits_per_token,
            bits_per_byte: evaluation.bits_per_byte,
            top1_accuracy: evaluation.accuracy.as_ref().map(|accuracy| accuracy.top1),
            top5_accuracy: evaluation.accuracy.as_ref().map(|accuracy| accuracy.top5),
            minimal_pairs_accuracy: record.minimal_pairs.as_ref().map(|pairs| pairs.accuracy),
            normalised: evaluation.audit.passed(),
            valid_perplexity: record.valid_perplexity,
        }
    }
}

impl CostRow {
    /// The line of a finished entry.
    pub fn of<R: TrackResult>(record: &EntryRecord<R>) -> CostRow {
        let (entry, cost, ancestors) = (&record.entry, &record.cost, &record.ancestry);
        let rate = |count: u64, seconds: f64| {
            if seconds > 0.0 {
                count as f64 / seconds
            } else {
                0.0
            }
        };
        CostRow {
            track: entry.track,
            era: entry.era.clone(),
            variant: entry.variant.clone(),
            training_seconds: cost.training_seconds,
            training_tokens_per_second: rate(cost.training_tokens, cost.training_seconds),
            training_flops: cost.training_flops,
            evaluation_seconds: cost.evaluation_seconds,
            scoring_tokens_per_second: rate(record.evaluation.scored(), cost.scoring_seconds),
            peak_memory_bytes: cost.peak_memory_bytes,
            model_bytes: cost.model_bytes,
            parameters: cost.parameters,
            total_training_tokens: ancestors.iter().fold(cost.training_tokens, |total, stage| {
                total.saturating_add(stage.training_tokens)
            }),
            total_training_seconds: cost.training_seconds
                + ancestors
                    .iter()
                    .map(|stage| stage.training_seconds)
                    .sum::<f64>(),
            total_training_flops: cost.training_flops
                + ancestors
                    .iter()
                    .map(|stage| stage.training_flops)
                    .sum::<f64>(),
        }
    }
}
