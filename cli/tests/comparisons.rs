//! What a run compares models by where words are unknown, and how its time is shared.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::{Fixture, printed, read};
use predicates::str::contains;

/// A folder with a text whose test split repeats words that the training split does not have.
fn with_unknown_words() -> Fixture {
    let fixture = Fixture::empty();
    fs::create_dir(fixture.path("text")).unwrap();
    let line = |i: usize| format!("the cat {} sat on mat {}\n", i % 7, i % 3);
    let text = |range: std::ops::Range<usize>| range.map(line).collect::<String>();
    let test: String = (0..60)
        .map(|i| format!("the cat w{i} sat on v{i} u{i} mat {}\n", i % 3))
        .collect();
    for (name, text) in [
        ("train.txt", text(0..300)),
        ("valid.txt", text(300..340)),
        ("test.txt", test),
    ] {
        fs::write(fixture.path("text").join(name), text).unwrap();
    }
    fixture
        .eras("corpus prepare text --name own --tokens words")
        .success();
    fixture
}

#[test]
fn a_cache_that_expects_unknown_words_does_not_win_by_that() {
    let fixture = with_unknown_words();
    let shown = printed(fixture.eras("run --corpus own --eras baselines,ngram --out run"));
    assert!(
        shown.contains("Models are compared by perplexity without <unk>"),
        "{shown}"
    );
    assert!(shown.contains(" % of the tokens are <unk>"), "{shown}");
    let mut rows = csv::Reader::from_path(fixture.path("run/results.csv")).unwrap();
    let headers = rows.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (variant, known) = (column("variant"), column("perplexity_without_unk"));
    let best = rows
        .records()
        .map(Result::unwrap)
        .min_by(|a, b| {
            let figure = |row: &csv::StringRecord| row[known].parse::<f64>().unwrap();
            figure(a).total_cmp(&figure(b))
        })
        .unwrap();
    let page = read(&fixture.path("run/report/index.html"));
    let expected = format!(
        "/{} has the lowest perplexity without &lt;unk&gt;",
        &best[variant]
    );
    assert!(page.contains(&expected), "{expected}");
    assert!(page.contains("a model that guesses &lt;unk&gt; would win"));
}

#[test]
fn a_total_time_is_shared_and_excludes_a_budget() {
    let fixture = Fixture::prepared_cats();
    fixture
        .eras("run --corpus cats --eras ngram --time 100s --out run")
        .success();
    // No entry fills its time, so one share is all of it but what is kept for evaluation.
    let record = read(&fixture.path("run/run.toml"));
    let budget = record
        .lines()
        .find(|line| line.starts_with("budget"))
        .unwrap();
    let seconds: f64 = budget
        .trim_start_matches("budget = \"")
        .trim_end_matches("s\"")
        .parse()
        .unwrap();
    assert!((50.0..=80.0).contains(&seconds), "{budget}");
    fixture
        .eras("run --corpus cats --time 5m --budget 1m")
        .code(2)
        .stderr(contains("--budget"));
    fixture
        .eras("run --corpus cats --time tokens=5M")
        .code(2)
        .stderr(contains("90s, 5m or 1.5h"));
}
