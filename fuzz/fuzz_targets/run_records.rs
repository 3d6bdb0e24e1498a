//! Records of a run: the request, evaluations of all tracks, tables.

#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use harness::{
    BreakdownRow, Comparison, ConversationEvaluation, CostRow, CurvePoint, EntryFolder, Evaluation,
    ResultRow, ScalingRow, TranslationEvaluation, WordsEvaluation, read_csv, read_run_record,
};
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

/// Reads a record, as which of a run's files the first byte says.
const READERS: [(&str, fn(&Path)); 10] = [
    ("run.toml", |path| drop(read_run_record(of(path)))),
    ("evaluation.json", |path| {
        let entry = EntryFolder::open(of(path));
        drop(entry.read_record::<Evaluation>());
        drop(entry.read_record::<TranslationEvaluation>());
        drop(entry.read_record::<ConversationEvaluation>());
        drop(entry.read_record::<WordsEvaluation>());
    }),
    ("results.csv", |path| drop(read_csv::<ResultRow>(path))),
    ("costs.csv", |path| drop(read_csv::<CostRow>(path))),
    ("curve.csv", |path| drop(read_csv::<CurvePoint>(path))),
    ("scaling.csv", |path| drop(read_csv::<ScalingRow>(path))),
    ("breakdowns.csv", |path| {
        drop(read_csv::<BreakdownRow>(path))
    }),
    ("comparisons.csv", |path| drop(read_csv::<Comparison>(path))),
    ("state", |path| drop(EntryFolder::open(of(path)).state())),
    ("log_probs.f32", |path| {
        drop(EntryFolder::open(of(path)).read_log_probs(4));
    }),
];

/// The folder of a file.
fn of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fuzz_target!(|data: &[u8]| {
    let Some((chosen, content)) = fuzz::choose(data, READERS.len()) else {
        return;
    };
    let (name, read) = READERS[chosen];
    let path = FOLDER.join(name);
    fs::write(&path, content).expect("the folder can be written");
    read(&path);
});
