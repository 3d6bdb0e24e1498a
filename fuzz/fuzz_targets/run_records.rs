//! Records of a run: the request, evaluations of all tracks, tables.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use harness::{
    BreakdownRow, Comparison, ConversationEvaluation, CostRow, CurvePoint, EntryFolder, Evaluation,
    ResultRow, ScalingRow, TranslationEvaluation, WordsEvaluation, read_csv, read_run_record,
};
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

fuzz_target!(|data: &[u8]| {
    let folder = &*FOLDER;
    let Some((chosen, content)) = fuzz::choose(data, 5) else {
        return;
    };
    let name = [
        "run.toml",
        "evaluation.json",
        "table.csv",
        "state",
        "log_probs.f32",
    ][chosen];
    let path = folder.join(name);
    fs::write(&path, content).expect("the folder can be written");
    let entry = EntryFolder::open(folder);
    match chosen {
        0 => drop(read_run_record(folder)),
        1 => {
            drop(entry.read_record::<Evaluation>());
            drop(entry.read_record::<TranslationEvaluation>());
            drop(entry.read_record::<ConversationEvaluation>());
            drop(entry.read_record::<WordsEvaluation>());
        }
        2 => {
            drop(read_csv::<ResultRow>(&path));
            drop(read_csv::<CostRow>(&path));
            drop(read_csv::<CurvePoint>(&path));
            drop(read_csv::<ScalingRow>(&path));
            drop(read_csv::<BreakdownRow>(&path));
            drop(read_csv::<Comparison>(&path));
        }
        3 => drop(entry.state()),
        _ => drop(entry.read_log_probs(4)),
    }
});
