//! The readers of the files in a run's folder.

use std::fs;
use std::path::Path;

use harness::{
    BreakdownRow, Comparison, ConversationEvaluation, ConversationRow, CostRow, CurvePoint,
    EntryFolder, Evaluation, ResultRow, Sample, ScalingRow, State, TranslationEvaluation,
    TranslationRow, WordTest, WordsEvaluation, WordsRow, read_csv, read_run_record,
};
use serde::de::DeserializeOwned;

/// Reads a file; returns whether it was accepted.
type Reader = fn(&Path) -> bool;

/// The files, each with its reader.
pub const READERS: [(&str, Reader); 17] = [
    ("run.toml", |path| read_run_record(of(path)).is_ok()),
    (
        "language-modelling/evaluation.json",
        evaluation::<Evaluation>,
    ),
    (
        "translation/evaluation.json",
        evaluation::<TranslationEvaluation>,
    ),
    (
        "conversation/evaluation.json",
        evaluation::<ConversationEvaluation>,
    ),
    ("words/evaluation.json", evaluation::<WordsEvaluation>),
    ("results.csv", table::<ResultRow>),
    ("translation.csv", table::<TranslationRow>),
    ("conversation.csv", table::<ConversationRow>),
    ("words.csv", table::<WordsRow>),
    ("costs.csv", table::<CostRow>),
    ("curve.csv", table::<CurvePoint>),
    ("scaling.csv", table::<ScalingRow>),
    ("breakdowns.csv", table::<BreakdownRow>),
    ("comparisons.csv", table::<Comparison>),
    ("samples.json", |path| {
        let text = fs::read(path).unwrap_or_default();
        serde_json::from_slice::<Vec<Sample>>(&text).is_ok()
    }),
    ("state", |path| {
        EntryFolder::open(of(path)).state() != State::Open
    }),
    ("log_probs.f32", |path| {
        EntryFolder::open(of(path)).read_log_probs(4).is_ok()
    }),
];

/// Word-vector tests are read from untrusted files, too.
pub fn word_test(path: &Path) -> bool {
    WordTest::read(path).is_ok()
}

/// The folder of a file.
fn of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn evaluation<R: DeserializeOwned>(path: &Path) -> bool {
    EntryFolder::open(of(path)).read_record::<R>().is_ok()
}

fn table<R: DeserializeOwned>(path: &Path) -> bool {
    read_csv::<R>(path).is_ok_and(|rows| !rows.is_empty())
}
