//! The records of a run, which are all that `reports` reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::borrowed_ideas::BorrowedIdea;
use crate::breakdown::Cell;
use crate::budget::Budget;
use crate::entry::EraRole;
use crate::entry::{EntryId, Track};
use crate::evaluate::Evaluation;
use crate::minimal_pairs::MinimalPairsResult;
use crate::vectors::{Tally, WordAnswers, WordPlane, WordTestResult};

/// Version of the records; another one is refused. Version 1 is that of Eras 0.1.
pub const FORMAT: u32 = 2;

/// `run.toml`: the request, resolved, and the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Version of the records.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// When it began, in UTC.
    pub started: String,
    /// The budget of each entry.
    pub budget: Budget,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The device of networks: `cpu`, `cuda` or `cuda:N`.
    #[serde(default = "cpu", skip_serializing_if = "is_cpu")]
    pub device: String,
    /// Whether all training is reproducible, which means that word vectors are trained on one thread.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deterministic: bool,
    /// On how many sizes of the text language models are trained, each half as large as the one before; 0: the whole text only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub scaling: u32,
    /// Where the minimal pairs came from, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimal_pairs: Option<String>,
    /// Where the tests of word vectors came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub word_tests: Vec<String>,
    /// The corpus.
    pub corpus: CorpusRecord,
    /// The machine.
    pub machine: Machine,
    /// The reasons why tracks or entries are missing, a sentence each.
    #[serde(default)]
    pub skipped: Vec<String>,
    /// The eras that the program knows, in the order of its list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eras: Vec<EraRecord>,
    /// The entries of the run.
    pub entries: Vec<EntryId>,
}

impl RunRecord {
    /// A phrase to append to the machine's description if networks ran on a GPU.
    pub fn networks_on(&self) -> String {
        match is_cpu(&self.device) {
            true => String::new(),
            false => format!(", networks on {}", self.device),
        }
    }
}

fn cpu() -> String {
    "cpu".to_owned()
}

fn is_cpu(device: &str) -> bool {
    device == "cpu"
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_false(value: &bool) -> bool {
    !value
}

/// An era as reports describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraRecord {
    /// Its name in commands and records.
    pub name: String,
    /// The year of its paper; none for an oracle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Authors, year and title of its paper.
    pub paper: String,
    /// The idea of the paper, in a sentence.
    pub idea: String,
    /// Whether it is a milestone, a baseline or an oracle.
    pub role: EraRole,
    /// Its entries, in its own order.
    #[serde(default)]
    pub entries: Vec<EraEntryRecord>,
}

/// An entry of an [`EraRecord`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraEntryRecord {
    /// Its name within the era.
    pub variant: String,
    /// The track.
    pub track: Track,
    /// Its idea or its purpose, in a sentence.
    pub idea: String,
    /// The ideas of other papers in its default configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub borrowed_ideas: Vec<BorrowedIdea>,
}

/// The corpus of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusRecord {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: String,
    /// Its tokenizer.
    pub tokenizer: String,
    /// V.
    pub vocabulary: usize,
    /// SHA-256 of the vocabulary.
    pub vocab_checksum: String,
    /// SHA-256 of the prepared corpus: a run cannot be resumed with another text.
    pub content_checksum: String,
    /// Tokens of each split.
    pub tokens: BTreeMap<String, u64>,
    /// Whether bits per byte are comparable, and if not, why.
    pub bits_per_byte: String,
}

/// The machine of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Threads used.
    pub threads: usize,
    /// Memory in bytes, if the system reports it.
    pub memory: Option<u64>,
    /// Operating system and architecture.
    pub system: String,
}

/// The result of an entry in one of the tracks.
pub trait TrackResult {
    /// The track.
    const TRACK: Track;

    /// Tokens of text that were scored.
    fn scored(&self) -> u64;
}

impl TrackResult for Evaluation {
    const TRACK: Track = Track::LanguageModelling;

    fn scored(&self) -> u64 {
        self.tokens
    }
}

/// The result of word vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsEvaluation {
    /// Of each test.
    pub tests: Vec<WordTestResult>,
    /// A map of words of the first test of analogies, if enough of them are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<WordPlane>,
}

impl TrackResult for WordsEvaluation {
    const TRACK: Track = Track::Words;

    fn scored(&self) -> u64 {
        0
    }
}

/// The record of word vectors.
pub type WordsRecord = EntryRecord<WordsEvaluation>;

/// `evaluation.json`: the results of a finished entry of a track, by default a language model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRecord<R = Evaluation> {
    /// Version of the records.
    pub format: u32,
    /// Which entry.
    pub entry: EntryId,
    /// The result in its track.
    pub evaluation: R,
    /// Perplexity of a language model on the validation split, or on its first [`crate::VALIDATION_TOKENS`] tokens; none if there
    /// is no such split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_perplexity: Option<f64>,
    /// Results on minimal pairs, if a language model was evaluated on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimal_pairs: Option<MinimalPairsResult>,
    /// The cost of its last stage of training and of its evaluation.
    pub cost: Cost,
    /// The models that its training started from, oldest first; empty for a model that was trained from random weights.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub ancestry: Vec<AncestorRecord>,
    /// The ideas of other papers that its configuration uses.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub borrowed_ideas: Vec<BorrowedIdea>,
}

/// A model that the training of another one started from, and the cost of its own stage of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AncestorRecord {
    /// Its era.
    pub era: String,
    /// Its variant.
    pub variant: String,
    /// SHA-256 of its model card without evaluations, which holds the checksums of its files.
    pub checksum: String,
    /// Tokens trained on.
    pub training_tokens: u64,
    /// Seconds of training.
    pub training_seconds: f64,
    /// As the era counts them.
    pub training_flops: f64,
}

/// The cost of an entry. It depends on the machine and is kept apart from the results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Seconds of training, validation left out.
    pub training_seconds: f64,
    /// Seconds of evaluation.
    pub evaluation_seconds: f64,
    /// Seconds of scoring the split, a part of the evaluation.
    pub scoring_seconds: f64,
    /// Peak resident memory of the entry beyond what was resident at its start, if the system reports it.
    pub peak_memory_bytes: Option<u64>,
    /// The model on disk.
    pub model_bytes: u64,
    /// Number of trained parameters.
    pub parameters: u64,
    /// Tokens trained on.
    pub training_tokens: u64,
    /// As the era counts them.
    pub training_flops: f64,
}

/// A text generated by a model, an element of `samples.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The prompt.
    pub prompt: String,
    /// The continuation.
    pub continuation: String,
    /// The same token by token, where it is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<SampledToken>,
}

/// A token of a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampledToken {
    /// What it adds to the text.
    pub text: String,
    /// Its probability under the model, before top-k or top-p sampling.
    pub probability: f64,
}

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
    /// See [`Evaluation`].
    pub perplexity: Option<f64>,
    /// See [`Evaluation`].
    pub perplexity_without_unk: Option<f64>,
    /// See [`Evaluation`].
    pub bits_per_token: Option<f64>,
    /// See [`Evaluation`].
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
    /// See [`Cost`].
    pub training_seconds: f64,
    /// See [`Cost`].
    pub training_tokens_per_second: f64,
    /// See [`Cost`].
    pub training_flops: f64,
    /// See [`Cost`].
    pub evaluation_seconds: f64,
    /// Tokens scored per second.
    pub scoring_tokens_per_second: f64,
    /// See [`Cost`].
    pub peak_memory_bytes: Option<u64>,
    /// See [`Cost`].
    pub model_bytes: u64,
    /// See [`Cost`].
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
    /// On the test split.
    pub perplexity: f64,
    /// See [`Cost`].
    pub training_seconds: f64,
    /// See [`Cost`].
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
