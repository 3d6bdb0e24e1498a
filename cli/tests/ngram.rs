//! What only n-grams can do, driven from outside: counting with little memory, queries, ARPA files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, starts_with};

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    /// With a village of 60,000 tokens.
    fn told() -> Fixture {
        let fixture = Fixture {
            folder: tempfile::tempdir().unwrap(),
        };
        let prepare =
            "corpus prepare village --size small --tokens 60k --set pairs=300 --set held_out=10000";
        fixture.eras(prepare).success();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn eras(&self, arguments: &str) -> Assert {
        self.eras_reading("", arguments)
    }

    fn eras_reading(&self, input: &str, arguments: &str) -> Assert {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eras"));
        command
            .current_dir(self.folder.path())
            .env_remove("ERAS_WORKSPACE");
        assert_cmd::Command::from_std(command)
            .args(arguments.split(' '))
            .write_stdin(input)
            .assert()
    }

    fn output(&self, input: &str, arguments: &str) -> String {
        let output = self
            .eras_reading(input, arguments)
            .success()
            .get_output()
            .stdout
            .clone();
        String::from_utf8(output).unwrap()
    }
}

#[test]
fn text_is_scored_token_by_token() {
    let fixture = Fixture::told();
    fixture
        .eras("train ngram/kneser-ney --corpus village --out model")
        .success();
    let text = fs::read_to_string(fixture.path("workspace/corpora/village/test.text")).unwrap();
    let evaluated = fixture.output("", "evaluate model --corpus village --json");
    let evaluated: serde_json::Value = serde_json::from_str(&evaluated).unwrap();
    let expected = evaluated["evaluation"]["perplexity"].as_f64().unwrap();

    let totals: serde_json::Value = serde_json::from_str(
        fixture
            .output(&text, "query model --json")
            .lines()
            .last()
            .unwrap(),
    )
    .unwrap();
    assert!(
        (totals["perplexity"].as_f64().unwrap() / expected - 1.0).abs() < 1e-9,
        "{totals} {expected}"
    );
    let summary = fixture.output(&text, "query model --summary");
    assert!(
        summary.contains(&format!("perplexity {expected:.4}")),
        "{summary}"
    );

    let line = fixture.output("Zorgblatt is the .\n", "query model");
    let rows: Vec<Vec<&str>> = line
        .lines()
        .take(5)
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows.iter().map(|row| row[2]).collect::<Vec<_>>(),
        ["<unk>", "is", "the", ".", "<eos>"]
    );
    // Nothing precedes an unknown word, and what follows is no longer than what was read since.
    let matched: Vec<usize> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    assert!(
        matched[0] <= 1 && matched[1] <= 2 && matched[4] <= 5,
        "{matched:?}"
    );
    assert!(line.contains("5 tokens, 1 unknown"), "{line}");
}

#[test]
fn an_arpa_file_goes_out_and_comes_back() {
    let fixture = Fixture::told();
    fixture
        .eras("train ngram/kneser-ney --corpus village --set order=3 --out model")
        .success();
    fixture.eras("arpa export model village.arpa").success();
    fixture
        .eras("arpa export model village.arpa")
        .code(2)
        .stderr(contains("exists already"));
    assert!(
        fs::read_to_string(fixture.path("village.arpa"))
            .unwrap()
            .starts_with("\\data\\\nngram 1=")
    );
    fixture
        .eras("arpa export model -")
        .success()
        .stdout(starts_with("\\data\\"));
    fixture
        .eras("arpa import village.arpa --out again")
        .success()
        .stdout(contains("n-grams"));
    let text = "I know that .\nwhere is the ?\n";
    let (first, second) = (
        fixture.output(text, "query model"),
        fixture.output(text, "query again"),
    );
    assert_eq!(first, second);
    fixture.eras("verify model again").success();

    fs::write(
        fixture.path("half.arpa"),
        "\\data\\\nngram 1=3\n\n\\1-grams:\n-1\ta\n",
    )
    .unwrap();
    fixture
        .eras("arpa import half.arpa --out half")
        .code(1)
        .stderr(contains("half.arpa, line").and(contains("announced 3")));
    assert!(!fixture.path("half").exists());
    fixture
        .eras("train ngram --corpus village --out scores")
        .success();
    fixture
        .eras("arpa export scores scores.arpa")
        .code(2)
        .stderr(contains("kneser-ney"));
    assert!(!fixture.path("scores.arpa").exists());
}

#[test]
fn little_memory_is_enough_and_too_little_is_refused() {
    let fixture = Fixture::told();
    fixture
        .eras("train ngram --corpus village --out roomy")
        .success();
    fixture
        .eras("train ngram --corpus village --memory 64M --out tight")
        .success();
    let read = |name: &str| fs::read(fixture.path(name)).unwrap();
    assert!(read("roomy/ngrams.fst") == read("tight/ngrams.fst"));
    fixture
        .eras("train ngram --corpus village --memory 1M --out no")
        .code(2)
        .stderr(contains("at least 64 MiB"));
    fixture
        .eras("train ngram --corpus village --memory 99999999999999G --out no")
        .code(2)
        .stderr(contains("512M"));
    fixture
        .eras("train ngram --corpus village --memory lots --out no")
        .code(2)
        .stderr(contains("512M"));
    fixture
        .eras("train baselines/unigram --corpus village --memory 1G --out no")
        .code(2)
        .stderr(contains("--memory"));
    fixture
        .eras("train ngram --corpus village --set cutoffs=[2,1] --out no")
        .code(2)
        .stderr(contains("cutoffs"));
    fixture
        .eras("query workspace")
        .code(1)
        .stderr(contains("is no model"));
    assert!(!fixture.path("no").exists());
}

#[test]
fn totals_are_the_same_with_and_without_the_tokens() {
    let fixture = Fixture::told();
    let text = "the cat sat .\nwho made it ?\nthe cat sat .\n";
    for contexts in ["line", "stream"] {
        let train = format!(
            "train ngram --corpus village --set order=3 --set contexts={contexts} --out {contexts}"
        );
        fixture.eras(&train).success();
        let last = |flags: &str| {
            let output = fixture.output(text, &format!("query {contexts}{flags}"));
            output.lines().last().unwrap().to_owned()
        };
        assert_eq!(last(""), last(" --summary"), "{contexts}");
    }
}
