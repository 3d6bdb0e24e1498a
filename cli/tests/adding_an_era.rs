//! The example era of docs/adding-an-era.md appears everywhere the page promises. Built with the feature `example-era`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
use std::path::Path;

use fixture::Fixture;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

#[test]
fn the_example_is_in_help_messages_runs_and_the_report() {
    let fixture = Fixture::village("30k", 100, 5_000);
    fixture
        .eras("train --help")
        .success()
        .stdout(contains("markov").and(contains("markov/chain: chain")));
    fixture
        .eras("run --eras llama")
        .code(2)
        .stderr(contains("markov/chain"));
    fixture
        .eras("train markov --corpus village --set prior=0 --out model")
        .code(2)
        .stderr(contains("prior = 0: must be above 0"));
    fixture
        .eras("train markov --corpus village --set prior=5 --out model")
        .success();
    fixture
        .eras("evaluate model --corpus village --split valid")
        .success()
        .stdout(contains("markov/chain"));
    fixture
        .eras("run --corpus village --eras markov,baselines/unigram --out run")
        .success()
        .stdout(contains("markov/chain"));
    let results = fs::read_to_string(fixture.path("run/results.csv")).unwrap();
    assert!(results.contains("1913,markov,chain"), "{results}");
    let page = fs::read_to_string(fixture.path("run/report/index.html")).unwrap();
    assert!(page.contains("markov/chain"));
    assert!(page.contains("Counts of pairs of adjacent symbols."));
}

/// Each code block of the page occurs in the crate or in the files that the page says to change.
#[test]
fn the_page_shows_the_code_that_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let files = [
        "examples/markov/Cargo.toml",
        "examples/markov/src/lib.rs",
        "examples/markov/src/config.rs",
        "examples/markov/src/model.rs",
        "examples/markov/src/entries.rs",
        "eras/Cargo.toml",
        "eras/src/lib.rs",
        "Cargo.toml",
    ];
    let sources: Vec<String> = files.into_iter().map(read).collect();
    let page = read("docs/adding-an-era.md");
    let mut blocks = 0;
    for block in page.split("```").skip(1).step_by(2) {
        let (language, code) = block.split_once('\n').unwrap();
        if !["rust", "toml"].contains(&language) {
            continue;
        }
        let is_real = sources
            .iter()
            .any(|source| source.contains(code.trim_end()));
        assert!(is_real, "no file contains this:\n{code}");
        blocks += 1;
    }
    assert!(blocks >= 6, "{blocks}");
}
