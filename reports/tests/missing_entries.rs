//! Reports of runs that lack entries: the page and the program name them, and compare nothing with them.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use harness::{EntryId, Run, State};
use reports::{Experiments, ReportPaths, write_report, write_side_by_side};
use tempfile::TempDir;

fn entry(variant: &str) -> EntryId {
    EntryId::language_model(2007, "ngram", variant)
}

/// A run of two entries that are compared, in a folder that lives as long as the first value.
fn a_run_of_two() -> (TempDir, PathBuf, Run) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let ids = ["kneser-ney", "stupid-backoff"].map(entry);
    let run = fixture::begin(&folder, &ids);
    fixture::finish(
        &run,
        &ids[0],
        Some(90.5),
        None,
        &fixture::curve(5, 1.0, 91.0),
    );
    fixture::finish(
        &run,
        &ids[1],
        Some(99.5),
        None,
        &fixture::curve(5, 1.0, 99.0),
    );
    let [best, other] = ids.map(|id| id.label());
    let rows = fixture::breakdown(
        &other,
        &best,
        "seen before in the document",
        &[("no", 0.25)],
    );
    let comparisons = [fixture::comparison(&best, &other, 0.1, 0.02)];
    run.write_tables(&rows, &comparisons).unwrap();
    (root, folder, run)
}

fn report(folder: &Path) -> (ReportPaths, String) {
    let paths = write_report(folder, &Experiments::default()).unwrap();
    let page = fs::read_to_string(&paths.page).unwrap();
    (paths, page)
}

#[test]
fn a_complete_run_has_no_notes() {
    let (_root, folder, _run) = a_run_of_two();
    let (paths, page) = report(&folder);
    assert_eq!(paths.notes, [""; 0]);
    assert!(!page.contains("no result") && !page.contains("No result"));
    assert!(folder.join("report/tables/differences.csv").is_file());
}

#[test]
fn a_lost_entry_is_named_and_compared_with_nothing() {
    let (_root, folder, run) = a_run_of_two();
    report(&folder);
    drop(run);
    fs::remove_dir_all(folder.join("ngram/kneser-ney")).unwrap();
    let (paths, page) = report(&folder);
    let note = "1 of 2 entries has no result, and nothing is compared with it: ngram/kneser-ney (missing); eras run --resume \
                continues the run.";
    assert_eq!(paths.notes, [note]);
    // In the answer, and in the legend.
    assert!(page.contains(note), "{page}");
    assert!(page.contains("<strong>No result: missing. </strong>The same counts, discounted."));
    assert!(
        page.contains("there is no other entry to compare it with"),
        "{page}"
    );
    let tables = paths
        .tables
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap());
    let tables: Vec<&str> = tables.collect();
    assert!(tables.contains(&"unfinished"), "{tables:?}");
    // Files of the earlier report that are not written again would still compare it.
    for gone in [
        "tables/differences.csv",
        "charts/heat-map-seen-before-in-the-document.png",
    ] {
        assert!(!folder.join("report").join(gone).exists(), "{gone}");
    }
    let results = fs::read_to_string(folder.join("report/tables/results.csv")).unwrap();
    assert!(!results.contains("kneser-ney"), "{results}");
}

#[test]
fn entries_are_in_training_while_the_run_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let ids = ["kneser-ney", "stupid-backoff", "kneser-ney-cache"].map(entry);
    let run = fixture::begin(&folder, &ids);
    fixture::finish(&run, &ids[0], Some(90.5), None, &[]);
    let begun = run.entry(&ids[1]).unwrap();
    begun.write_config(&"order = 5".parse().unwrap()).unwrap();
    run.write_tables(&[], &[]).unwrap();
    let (paths, page) = report(&folder);
    let named = "ngram/stupid-backoff (in training), ngram/kneser-ney-cache (not started); the run was going on";
    assert!(
        page.contains(named) && paths.notes[0].contains(named),
        "{page}"
    );
    // Its process has ended.
    drop(run);
    let (paths, _) = report(&folder);
    assert!(
        paths.notes[0].contains("ngram/stupid-backoff (stopped)"),
        "{:?}",
        paths.notes
    );
    assert!(paths.notes[0].ends_with("eras run --resume continues the run."));
}

#[test]
fn curves_and_columns_of_entries_without_a_result_are_marked() {
    let (_root, folder, run) = a_run_of_two();
    let failed = State::Failed("the disk is full".to_owned());
    run.entry(&entry("stupid-backoff"))
        .unwrap()
        .set_state(&failed)
        .unwrap();
    let (_, page) = report(&folder);
    let curves = folder.join("report/charts/learning-curves-by-seconds.svg");
    let curves = fs::read_to_string(curves).unwrap();
    assert!(
        curves.contains("ngram/stupid-backoff (no result)"),
        "{curves}"
    );
    assert!(page.contains("No result: failed") && page.contains("the disk is full"));
}

#[test]
fn several_runs_name_the_entries_that_each_lacks() {
    let (root, folder, run) = a_run_of_two();
    let state = State::Interrupted;
    run.entry(&entry("stupid-backoff"))
        .unwrap()
        .set_state(&state)
        .unwrap();
    let (_other_root, other, _other_run) = a_run_of_two();
    let out = root.path().join("page");
    let paths = write_side_by_side(&[&folder, &other], &out).unwrap();
    assert_eq!(paths.notes.len(), 1);
    assert!(
        paths.notes[0].starts_with("1: run: 1 of 2 entries has no result"),
        "{:?}",
        paths.notes
    );
    let facts = fs::read_to_string(out.join("tables/runs.csv")).unwrap();
    assert!(
        facts.contains("entries without a result,ngram/stupid-backoff (interrupted),none"),
        "{facts}"
    );
}
