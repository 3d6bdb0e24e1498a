//! The test split is for the last look: training never reads it, and a model's card counts the evaluations on it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::collections::BTreeMap;
use std::fs;

use fixture::{Fixture, printed, read};
use predicates::str::contains;

/// A folder with a prepared corpus `cats`, whose splits are given; only the test split depends on `test`.
fn cats_with(test: &str) -> Fixture {
    let fixture = Fixture::empty();
    fs::create_dir(fixture.path("text")).unwrap();
    let story = |i: usize| {
        format!(
            "the cat {} sat on mat {}\nthe dog ran to {}\n\n",
            i % 7,
            i % 3,
            i % 5
        )
    };
    let text = |range: std::ops::Range<usize>| range.map(story).collect::<String>();
    for (name, text) in [
        ("train.txt", text(0..200)),
        ("valid.txt", text(50..100)),
        ("test.txt", test.to_owned()),
    ] {
        fs::write(fixture.path("text").join(name), text).unwrap();
    }
    fixture
        .eras("corpus prepare text --name cats --tokens whitespace")
        .success();
    fixture
}

/// What training has printed and written, without times, by name.
fn trained(fixture: &Fixture, entry: &str, budget: &str) -> BTreeMap<String, Vec<u8>> {
    let command =
        format!("train {entry} --corpus cats --deterministic --budget {budget} --out model");
    let run = fixture.eras(&command).success();
    let output = run.get_output();
    let mut found = BTreeMap::new();
    for (name, stream) in [("output", &output.stdout), ("messages", &output.stderr)] {
        let text = String::from_utf8(stream.clone()).unwrap();
        found.insert(name.to_owned(), without_times(&text).into_bytes());
    }
    for file in fs::read_dir(fixture.path("model")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = match &*name {
            "model.toml" => without_times(&read(&path)).into_bytes(),
            _ => fs::read(&path).unwrap(),
        };
        found.insert(name, bytes);
    }
    fs::remove_dir_all(fixture.path("model")).unwrap();
    found
}

/// Leaves out what depends on the time: numbers before the unit of a time or a rate, the seconds of a card, validation.
fn without_times(text: &str) -> String {
    let is_time = |word: &str, next: &str| {
        let unit = next.trim_matches(['(', ')', ',', ';']);
        word.trim_start_matches('(')
            .starts_with(|c: char| c.is_ascii_digit())
            && ["s", "min", "h", "ms", "tokens/s"].contains(&unit)
    };
    let line = |line: &str| {
        if line.starts_with("seconds = ") {
            return String::new();
        }
        // Which points of the curve are validated depends on how long it takes.
        let line = line.split(", validation perplexity").next().unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let next = |at: usize| words.get(at + 1).copied().unwrap_or_default();
        let kept = (0..words.len()).filter(|&at| !is_time(words[at], next(at)));
        kept.map(|at| words[at]).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn training_depends_on_nothing_in_the_test_split() {
    let first = cats_with("the dog sat on mat 1\n");
    let second = cats_with(&"mat mat mat the the unseen words\n\n".repeat(40));
    let mut entries = vec![
        ("ngram/stupid-backoff", "default"),
        ("word2vec/skip-gram", "epochs=2"),
        ("word2vec/cbow-lm", "epochs=2"),
    ];
    if cfg!(feature = "neural") {
        let networks = ["seq2seq/lstm", "chatbot/lines-tuned", "transformer/decoder"];
        entries.extend(networks.map(|network| (network, "tokens=4k")));
    }
    for (entry, budget) in entries {
        let found = [&first, &second].map(|fixture| trained(fixture, entry, budget));
        let names = found
            .each_ref()
            .map(|files| files.keys().collect::<Vec<_>>());
        assert_eq!(names[0], names[1], "{entry}");
        for (name, bytes) in &found[0] {
            let texts = [bytes, &found[1][name]].map(|bytes| String::from_utf8_lossy(bytes));
            assert_eq!(texts[0], texts[1], "{entry}: {name}");
        }
    }
}

#[test]
fn evaluations_on_the_test_split_are_counted() {
    let fixture = cats_with("the dog sat on mat 1\n");
    fixture
        .eras("train ngram/stupid-backoff --corpus cats --out model")
        .success();
    let card = fixture.path("model/model.toml");
    let before = read(&card);
    // Validation is the default and is not counted.
    let shown = printed(fixture.eras("evaluate model --corpus cats"));
    assert!(
        shown.contains("(valid)") && !shown.contains("test split"),
        "{shown}"
    );
    assert_eq!(read(&card), before);
    let evaluate = "evaluate model --corpus cats --split test";
    for times in ["once", "twice"] {
        let expected = format!("has now been evaluated {times} with this model");
        fixture.eras(evaluate).success().stdout(contains(expected));
    }
    let record = fixture.json(&format!("{evaluate} --json"));
    assert_eq!(record["test_evaluations"], 3);
    assert!(read(&card).contains("[test_evaluations]\ncount = 3\n"));
    fixture.eras("verify model").success();
}

#[test]
fn a_model_that_cannot_be_written_to_can_be_evaluated() {
    let fixture = cats_with("the dog sat on mat 1\n");
    fixture
        .eras("train ngram/stupid-backoff --corpus cats --out model")
        .success();
    // Refuses to write files, also to the superuser; the signal that would kill the program is ignored.
    let shell = fixture.bash(
        "trap '' XFSZ; ulimit -f 0; exec \"$ERAS\" evaluate model --corpus cats --split test",
    );
    assert_cmd::Command::from_std(shell)
        .assert()
        .success()
        .stdout(contains("is not counted in the model card: cannot write"));
    fixture
        .eras("evaluate model --corpus cats --split test")
        .success()
        .stdout(contains("evaluated once"));
}

#[test]
fn a_run_shows_validation_beside_test() {
    let fixture = cats_with("the dog sat on mat 1\n");
    let shown = printed(fixture.eras("run --corpus cats --eras ngram/kneser-ney --out run"));
    assert!(shown.contains("validation"), "{shown}");
    let results = read(&fixture.path("run/results.csv"));
    let (header, row) = results.split_once('\n').unwrap();
    assert_eq!(header.rsplit(',').next(), Some("valid_perplexity"));
    let in_table: f64 = row.trim().rsplit(',').next().unwrap().parse().unwrap();
    let model = "run/ngram/kneser-ney/language-modelling/model";
    let record = fixture.json(&format!("evaluate {model} --corpus cats --json"));
    let alone = record["evaluation"]["perplexity"].as_f64().unwrap();
    assert!((in_table - alone).abs() < 1e-9, "{in_table} and {alone}");
    // The run itself has evaluated the model on the test split.
    fixture
        .eras(&format!("evaluate {model} --corpus cats --split test"))
        .success()
        .stdout(contains("evaluated twice"));
}
