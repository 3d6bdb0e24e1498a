//! Workspaces, corpora and runs that were moved, that may not be written to, or whose names are not UTF-8.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fixture::{Fixture, read};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// Marks an entry of a run as not done, so that resuming the run needs its corpus.
fn reopen(run: &Path) {
    let entry = run.join("baselines/unigram/language-modelling");
    fs::remove_file(entry.join("state")).unwrap();
    fs::remove_file(entry.join("evaluation.json")).unwrap();
}

#[test]
fn a_workspace_can_be_moved_with_its_runs() {
    let fixture = Fixture::prepared_cats();
    fixture
        .eras("run --corpus cats --eras baselines,ngram --name cats")
        .success();
    let record = read(&fixture.path("workspace/runs/cats/run.toml"));
    assert!(record.contains("folder = \"corpora/cats\""), "{record}");
    let results = read(&fixture.path("workspace/runs/cats/results.csv"));
    fs::rename(fixture.path("workspace"), fixture.path("moved")).unwrap();
    reopen(&fixture.path("moved/runs/cats"));
    // The run knows the workspace that it is in.
    fixture.eras("run --resume moved/runs/cats").success();
    assert_eq!(read(&fixture.path("moved/runs/cats/results.csv")), results);

    // A run in another place needs the workspace of its corpus.
    fs::rename(fixture.path("moved/runs/cats"), fixture.path("run")).unwrap();
    reopen(&fixture.path("run"));
    fixture
        .eras("run --resume run")
        .code(1)
        .stderr(contains("the corpus of this run is gone").and(contains("--workspace")));
    fixture.eras("--workspace moved run --resume run").success();
    assert_eq!(read(&fixture.path("run/results.csv")), results);
}

#[test]
fn a_corpus_is_found_by_its_content() {
    let fixture = Fixture::prepared_cats();
    fixture
        .eras("run --corpus cats --eras baselines --name cats")
        .success();
    let run = fixture.path("workspace/runs/cats");
    let [old, new] = ["cats", "pets"].map(|name| fixture.path("workspace/corpora").join(name));
    fs::rename(&old, &new).unwrap();
    reopen(&run);
    fixture
        .eras("run --resume cats")
        .success()
        .stderr(contains("note: the run was begun on corpora/cats").and(contains("pets")));

    // Runs of earlier versions have recorded whole paths.
    fs::rename(&new, &old).unwrap();
    let record = read(&run.join("run.toml"));
    let changed = record.replace("\"corpora/cats\"", "\"/nowhere/workspace/corpora/cats\"");
    assert_ne!(record, changed);
    fs::write(run.join("run.toml"), changed).unwrap();
    reopen(&run);
    fixture.eras("run --resume cats").success();
}

#[test]
fn tests_move_with_the_corpus() {
    let fixture = Fixture::village("10k", 100, 800);
    fixture
        .eras("run --corpus village --eras baselines/unigram --name village")
        .success();
    let run = fixture.path("workspace/runs/village");
    let record = read(&run.join("run.toml"));
    assert!(
        record.contains("minimal_pairs = \"corpora/village/tests/"),
        "{record}"
    );
    let results = read(&run.join("results.csv"));
    fs::rename(fixture.path("workspace"), fixture.path("moved")).unwrap();
    let run = fixture.path("moved/runs/village");
    // As an earlier version has recorded it.
    let old = fixture.path("workspace");
    let whole = record.replace("\"corpora/", &format!("\"{}/corpora/", old.display()));
    for record in [record, whole] {
        fs::write(run.join("run.toml"), record).unwrap();
        reopen(&run);
        fixture.eras("run --resume moved/runs/village").success();
        assert_eq!(read(&run.join("results.csv")), results);
    }
}

#[test]
fn a_corpus_is_shown_where_its_plot_cannot_be_written() {
    let fixture = Fixture::prepared_cats();
    let corpus = fixture.path("workspace/corpora/cats");
    // A folder in the place of the plot stops every user, a missing right to write would not stop root.
    fs::create_dir(corpus.join("zipf.svg")).unwrap();
    fs::write(corpus.join("zipf.svg/in-the-way"), "").unwrap();
    fixture
        .eras("corpus show cats")
        .success()
        .stdout(contains("most frequent: ").and(contains("Zipf plot").not()))
        .stderr(contains("the Zipf plot was not drawn").and(contains("zipf.svg")));
    let shown = fixture.json("corpus show cats --json");
    assert!(shown["zipf_plot"].is_null() && shown["types_in_train"].is_number());
    fs::remove_dir_all(corpus.join("zipf.svg")).unwrap();
    fs::set_permissions(&corpus, fs::Permissions::from_mode(0o555)).unwrap();
    fixture.eras("corpus show cats").success();
    fs::set_permissions(&corpus, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn names_of_files_need_not_be_utf_8() {
    let fixture = Fixture::cats();
    let [text, pairs] = [&b"caf\xe9.txt"[..], b"pairs\xe9.jsonl"].map(OsStr::from_bytes);
    fs::copy(fixture.path("text.txt"), fixture.path("").join(text)).unwrap();
    let pair = r#"{"sentence_good": "the cat sat", "sentence_bad": "the cat ran", "UID": "verb", "linguistics_term": "verb", "field": "syntax"}"#;
    fs::write(fixture.path("").join(pairs), format!("{pair}\n")).unwrap();
    let eras = |arguments: &str, odd: &OsStr| {
        assert_cmd::Command::from_std(fixture.command())
            .args(arguments.split(' '))
            .arg(odd)
            .assert()
    };
    eras("corpus prepare --name cafe --tokens words", text)
        .success()
        .stdout(contains("cafe: words tokens"));
    eras("run --eras baselines --out run --corpus", text).success();
    fixture
        .eras("train ngram --corpus cafe --out model")
        .success();
    eras("evaluate model --corpus cafe --minimal-pairs", pairs).success();
    // The record of a run is text.
    eras("run --eras baselines --corpus cafe --minimal-pairs", pairs)
        .code(2)
        .stderr(contains("needs names that are valid UTF-8"));
    eras("corpus prepare text.txt --name other --tokens", text)
        .failure()
        .stderr(contains("invalid UTF-8 was detected").not());
}
