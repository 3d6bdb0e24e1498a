//! Runs on different texts side by side.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use harness::{EntryId, Run, State};
use reports::write_side_by_side;

/// A run of one entry on a text of its own, with these bits per byte.
fn run_on(folder: &Path, text: &str, bits_per_byte: Option<f64>) -> PathBuf {
    let id = EntryId::language_model(2007, "ngram", "kneser-ney");
    let mut record = fixture::record(vec![id.clone()]);
    record.corpus.name = text.to_owned();
    record.corpus.content_checksum = text.to_owned();
    let run = Run::create(&folder.join(text), record).unwrap();
    let mut evaluated = fixture::evaluated(&id, Some(90.0), None);
    evaluated.evaluation.bits_per_byte = bits_per_byte;
    let entry = run.entry(&id).unwrap();
    entry.write_evaluation(&evaluated, &[-1.0], &[]).unwrap();
    entry.set_state(&State::Done).unwrap();
    run.write_tables(&[], &[]).unwrap();
    run.folder().to_path_buf()
}

#[test]
fn bits_per_byte_are_drawn() {
    let root = tempfile::tempdir().unwrap();
    let runs = [("novel", 1.875), ("letters", 2.125)];
    let runs = runs.map(|(text, bits)| run_on(root.path(), text, Some(bits)));
    let out = root.path().join("page");
    let paths = write_side_by_side(&[&runs[0], &runs[1]], &out).unwrap();
    let names: Vec<_> = paths
        .charts
        .iter()
        .map(|path| path.file_name().unwrap())
        .collect();
    assert_eq!(names[0], "bits-per-byte.svg");
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().contains("perplexity")),
        "{names:?}"
    );
    let chart = fs::read_to_string(&paths.charts[0]).unwrap();
    for text in ["1.875", "2.125", "bits per byte"] {
        assert!(chart.contains(text), "{text}");
    }
    let page = fs::read_to_string(&paths.page).unwrap();
    assert!(
        page.contains("The runs use different texts.")
            && page.contains("So the chart shows bits per byte")
    );
}

#[test]
fn without_bits_per_byte_the_page_says_why_there_is_no_chart() {
    let root = tempfile::tempdir().unwrap();
    let runs = ["novel", "letters"].map(|text| run_on(root.path(), text, None));
    let paths = write_side_by_side(&[&runs[0], &runs[1]], &root.path().join("page")).unwrap();
    assert!(paths.charts.is_empty());
    let page = fs::read_to_string(&paths.page).unwrap();
    assert!(
        page.contains("No entry has bits per byte (not comparable: the text holds &lt;unk&gt;)")
    );
}
