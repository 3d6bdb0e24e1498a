//! Runs, tested through the program: started, stopped, resumed, compared.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use fixture::{Fixture, read};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

#[test]
fn a_run_writes_records_models_and_a_report() {
    let fixture = Fixture::cats();
    fixture
        .run_cats("run")
        .success()
        .stdout(contains("ngram/stupid-backoff").and(contains("report: ")))
        .stderr(contains("5 entries on text").and(contains("[5/5] ngram/")));
    let run = fixture.path("run");
    assert!(read(&run.join("report/index.html")).contains("stupid-backoff"));
    let entry = run.join("ngram/stupid-backoff/language-modelling");
    for file in [
        "config.toml",
        "curve.csv",
        "evaluation.json",
        "log_probs.f32",
        "samples.json",
        "model/model.toml",
    ] {
        assert!(entry.join(file).is_file(), "{file}");
    }
    assert_eq!(read(&entry.join("state")), "done\n");
    let results = read(&run.join("results.csv"));
    assert_eq!(results.lines().count(), 6);
    fixture.eras(&["verify", "run"]).success();
    fs::write(run.join("results.csv"), results.replace(",true", ",false")).unwrap();
    fixture
        .eras(&["verify", "run"])
        .code(1)
        .stderr(contains("results.csv"));
    fs::write(run.join("results.csv"), &results).unwrap();

    // The text is so regular that it is predictable from five words of context.
    let perplexity = |variant: &str| -> f64 {
        let line = results.lines().find(|line| line.contains(variant)).unwrap();
        line.split(',').nth(5).unwrap().parse().unwrap()
    };
    assert!(perplexity("stupid-backoff") < perplexity("unigram") / 3.0);
    assert!(perplexity("unigram") < perplexity("uniform"));
}

#[test]
fn several_runs_are_compared_on_one_page() {
    let fixture = Fixture::cats();
    for out in ["one", "two"] {
        fixture.run_cats(out).success();
    }
    let both = ["report", "one", "two", "--out", "page"];
    fixture
        .eras(&both)
        .success()
        .stdout(contains("page/index.html"));
    assert!(read(&fixture.path("page/index.html")).contains("2: two"));
    // The page can be created again, but other files are not overwritten.
    fixture.eras(&both).success();
    fixture
        .eras(&["report", "one", "two", "--out", "one"])
        .code(2)
        .stderr(contains("already exists"));
    fixture
        .eras(&["report", "one", "two"])
        .code(2)
        .stderr(contains("--out"));
    fixture
        .eras(&["report", "one", "--out", "page"])
        .code(2)
        .stderr(contains("is in its own folder"));
}

#[test]
fn all_entries_of_a_run_predict_the_next_word() {
    let fixture = Fixture::cats();
    fixture.run_cats("run").success();
    let text = "the cat 7 sat on";
    fixture
        .eras(&["compare", "run", text, "--top", "2"])
        .success()
        .stdout(contains("2007  ngram/kneser-ney").and(contains("mat").and(contains("█"))));
    let found = fixture.json(&["compare", "run", text, "--eras", "ngram", "--json"]);
    let predictions = found["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 3);
    for opinion in predictions {
        assert_eq!(opinion["entry"]["era"], "ngram");
        assert_eq!(opinion["next"][0]["word"], "mat");
        let words: Vec<&str> = opinion["words"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word["word"].as_str().unwrap())
            .collect();
        assert_eq!(words, ["the", "cat", "7", "sat", "on"]);
        let sum: f64 = opinion["next"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word["probability"].as_f64().unwrap())
            .sum();
        assert!(sum > 0.0 && sum <= 1.0 + 1e-6, "{sum}");
    }
    // An empty text has no words to score.
    fixture
        .eras(&["compare", "run", "", "--eras", "baselines/unigram"])
        .success()
        .stdout(contains("baselines/unigram").and(contains("perplexity").not()));
    fixture
        .eras(&["compare", "run", text, "--eras", "word2vec"])
        .code(2)
        .stderr(contains("none of these entries is a trained"));
    fixture
        .eras(&["compare", "nowhere", text])
        .code(1)
        .stderr(contains("run.toml"));
}

#[test]
fn entries_are_also_trained_on_parts_of_the_text() {
    let fixture = Fixture::cats();
    let scaled = "run --corpus text.txt --eras baselines,ngram --scaling 3 --out run";
    let scaled: Vec<&str> = scaled.split(' ').collect();
    fixture.eras(&scaled).success();
    let path = fixture.path("run/scaling.csv");
    let rows = read(&path);
    // All entries except the untrained one, at three sizes.
    assert_eq!(rows.lines().count(), 1 + 4 * 3, "{rows}");
    assert!(!rows.contains("uniform") && !fixture.path("run/part").exists());
    let tokens = |divisor: &str| -> Vec<u64> {
        let own = rows
            .lines()
            .filter(|row| row.split(',').nth(2) == Some(divisor));
        own.map(|row| row.split(',').nth(3).unwrap().parse().unwrap())
            .collect()
    };
    let [whole, half, quarter] = ["1", "2", "4"].map(tokens);
    assert!(whole.iter().all(|&tokens| tokens == whole[0]));
    assert_eq!(half, vec![whole[0] / 2; 4]);
    assert_eq!(quarter, vec![whole[0] / 4; 4]);
    let page = read(&fixture.path("run/report/index.html"));
    assert!(
        page.contains("Scaling with the size of the text") && page.contains("nats per doubling")
    );

    // Only missing rows are computed again.
    let shortened: String = rows.lines().take(9).map(|row| format!("{row}\n")).collect();
    fs::write(&path, shortened).unwrap();
    fixture.eras(&["run", "--resume", "run"]).success();
    let without_time = |rows: &str| -> Vec<String> {
        let kept = |row: &str| row.split(',').take(5).collect::<Vec<_>>().join(",");
        rows.lines().map(kept).collect()
    };
    assert_eq!(without_time(&read(&path)), without_time(&rows));
}

#[test]
fn the_same_seed_gives_the_same_results_byte_for_byte() {
    let fixture = Fixture::cats();
    for (out, budget) in [
        ("a", "default"),
        ("b", "default"),
        ("c", "tokens=500"),
        ("d", "tokens=500"),
    ] {
        fixture
            .eras(&[
                "run", "--corpus", "text.txt", "--budget", budget, "--out", out,
            ])
            .success();
    }
    let results = |run: &str| fs::read(fixture.path(run).join("results.csv")).unwrap();
    assert_eq!(results("a"), results("b"));
    assert_eq!(results("c"), results("d"));
    assert_ne!(results("a"), results("c"));
}

/// All tables that contain no times.
#[cfg(feature = "neural")]
#[test]
fn the_same_seed_gives_the_same_tables_in_every_track() {
    let fixture = Fixture::village("10k", 100, 800);
    // A few pairs suffice for this comparison; evaluating all of them would take most of the time.
    let pairs = fixture.path("workspace/corpora/village/tests/minimal-pairs.jsonl");
    let few: String = read(&pairs)
        .lines()
        .step_by(45)
        .map(|pair| format!("{pair}\n"))
        .collect();
    fs::write(fixture.path("few.jsonl"), few).unwrap();
    for out in ["a", "b"] {
        fixture
            .eras(&format!(
                "run --corpus village --budget epochs=0.5 --deterministic --minimal-pairs few.jsonl --out {out} --eras \
                 baselines,ngram,word2vec,seq2seq/reversed,seq2seq/attention,transformer/encoder-decoder,chatbot/replies,oracle"
            ))
            .success();
    }
    for (table, again) in fixture.tables("a").into_iter().zip(fixture.tables("b")) {
        assert_eq!(table, again);
        assert!(table.1.lines().count() > 1, "{} is empty", table.0);
    }
}

#[test]
fn a_run_resumes_where_it_stopped() {
    let fixture = Fixture::cats();
    fixture.run_cats("run").success();
    let entry = fixture.path("run/ngram/stupid-backoff/language-modelling");
    let whole = read(&fixture.path("run/results.csv"));
    // As if the program had been killed in the middle of the last entry.
    fs::remove_file(entry.join("state")).unwrap();
    fs::remove_file(entry.join("evaluation.json")).unwrap();
    fs::remove_file(entry.join("model/model.toml")).unwrap();
    let untouched = fixture.path("run/baselines/unigram/language-modelling/evaluation.json");
    let before = fs::metadata(&untouched).unwrap().modified().unwrap();
    fixture.eras(&["run", "--resume", "run"]).success();
    assert_eq!(read(&fixture.path("run/results.csv")), whole);
    assert_eq!(
        fs::metadata(&untouched).unwrap().modified().unwrap(),
        before
    );
}

#[test]
fn a_run_does_not_resume_with_another_text() {
    let fixture = Fixture::prepared_cats();
    fixture
        .eras(&["run", "--corpus", "cats", "--out", "run"])
        .success();
    // The same words, hence the same vocabulary, but another split.
    let again = [
        "corpus",
        "prepare",
        "text.txt",
        "--name",
        "cats",
        "--tokens",
        "whitespace",
        "--seed",
        "2",
        "--force",
    ];
    fixture.eras(&again).success();
    fixture
        .eras(&["run", "--resume", "run"])
        .code(1)
        .stderr(contains("the corpus has changed"));
}

#[test]
fn entries_with_unreadable_records_are_run_again() {
    let fixture = Fixture::cats();
    fixture.run_cats("run").success();
    let whole = read(&fixture.path("run/results.csv"));
    let entry = fixture.path("run/baselines/unigram/language-modelling");
    fs::write(entry.join("log_probs.f32"), "short").unwrap();
    fixture
        .eras(&["verify", "run"])
        .code(1)
        .stderr(contains("log_probs.f32"));
    fixture
        .eras(&["run", "--resume", "run"])
        .success()
        .stderr(contains("running the entry again"));
    assert_eq!(read(&fixture.path("run/results.csv")), whole);
    fixture.eras(&["verify", "run"]).success();
}

#[test]
fn the_smallest_test_split_can_be_evaluated() {
    let fixture = Fixture::cats();
    fs::create_dir(fixture.path("tiny")).unwrap();
    for (name, text) in [
        ("train.txt", "a b\nb a\n"),
        ("valid.txt", "a\n"),
        ("test.txt", "\n"),
    ] {
        fs::write(fixture.path("tiny").join(name), text).unwrap();
    }
    fixture
        .eras(&["run", "--corpus", "tiny", "--out", "run"])
        .success();
    fixture.eras(&["report", "run"]).success();
}

#[test]
fn a_budget_holds_for_every_entry_alike() {
    let fixture = Fixture::prepared_cats();
    fixture
        .eras(&[
            "run",
            "--corpus",
            "cats",
            "--budget",
            "tokens=50",
            "--out",
            "run",
        ])
        .success();
    for entry in ["baselines/unigram", "ngram/stupid-backoff"] {
        let curve = read(
            &fixture
                .path("run")
                .join(entry)
                .join("language-modelling/curve.csv"),
        );
        assert!(
            curve.lines().nth(1).unwrap().starts_with("1,50,"),
            "{entry}: {curve}"
        );
    }
}

#[test]
fn settings_of_a_run_reach_the_entries_that_have_them() {
    let fixture = Fixture::prepared_cats();
    let run = |more: &[&str]| {
        let always = [
            "run",
            "--corpus",
            "cats",
            "--eras",
            "baselines,ngram",
            "--out",
            "run",
        ];
        fixture.eras(&[&always, more].concat())
    };
    for (more, expected) in [
        (["--preset", "huge"], "--preset huge: no entry of this run"),
        (
            ["--set", "d_model=8"],
            "no entry of this run has a setting d_model",
        ),
        (["--set", "order=0"], "order"),
        (["--set", "alpha"], "KEY=VALUE"),
    ] {
        run(&more).failure().stderr(contains(expected));
        assert!(!fixture.path("run").exists(), "{more:?}");
    }
    run(&["--preset", "trigram", "--set", "alpha=0.25"]).success();
    let config = |entry: &str| {
        let folder = fixture.path("run").join(entry);
        read(&folder.join("language-modelling/config.toml"))
    };
    let ngram = config("ngram/stupid-backoff");
    assert!(
        ngram.contains("order = 3") && ngram.contains("alpha = 0.25"),
        "{ngram}"
    );
    assert!(!config("baselines/unigram").contains("alpha"));
    let page = read(&fixture.path("run").join("report/index.html"));
    assert!(page.contains("--preset trigram --set alpha=0.25"));
    // What was asked for holds for a resumed run as well.
    fixture
        .eras(&["run", "--resume", "run", "--set", "alpha=0.5"])
        .failure()
        .stderr(contains("cannot be used with"));
}

#[test]
fn a_run_prints_its_training_time_before_it_starts() {
    let fixture = Fixture::cats();
    fs::write(fixture.path("words.txt"), ": all\nthe cat the dog\n").unwrap();
    let run = |entries: &str, out: &str| {
        fixture.eras(&[
            "run",
            "--corpus",
            "text.txt",
            "--budget",
            "0.2s",
            "--word-tests",
            "words.txt",
            "--eras",
            entries,
            "--out",
            out,
        ])
    };
    // Count-based models ignore the budget.
    run("ngram", "counted")
        .success()
        .stderr(contains("3 entries on").and(contains(": 0.0 s of training")));
    run("ngram,word2vec/cbow", "trained")
        .success()
        .stderr(contains("4 entries on").and(contains(": 0.2 s of training")));
}

#[test]
fn an_existing_or_locked_folder_is_not_changed() {
    let fixture = Fixture::cats();
    fixture.run_cats("run").success();
    fixture
        .run_cats("run")
        .failure()
        .code(1)
        .stderr(contains("already exists").and(contains("--resume")));
    let _lock = harness::Run::resume(&fixture.path("run")).unwrap();
    fixture
        .eras(&["run", "--resume", "run"])
        .code(1)
        .stderr(contains("another eras process"));
}

#[test]
fn wikitext_2_gives_a_report_if_it_is_present() {
    let corpora = std::env::var("ERAS_CORPORA").map(PathBuf::from);
    let corpora = corpora
        .unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    let source = corpora.join("wikitext-2");
    if !source.is_dir() {
        test_skips::skip(&format!("{} does not exist", source.display()));
        return;
    }
    let fixture = Fixture::cats();
    let pair = r#"{"sentence_good": "The cats sleep.", "sentence_bad": "The cats sleeps.", "UID": "number", "linguistics_term": "agreement", "field": "syntax"}"#;
    fs::write(fixture.path("pairs.jsonl"), format!("{pair}\n")).unwrap();
    let run = [
        "run",
        "--corpus",
        source.to_str().unwrap(),
        "--eras",
        "baselines,ngram",
        "--minimal-pairs",
        "pairs.jsonl",
        "--out",
        "run",
        "--json",
    ];
    let output = fixture.json(&run);
    let records = &output["results"];
    let perplexity: Vec<f64> = records
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["evaluation"]["perplexity"].as_f64().unwrap())
        .collect();
    assert!((perplexity[0] - 33278.0).abs() < 1e-3, "{perplexity:?}");
    assert_eq!(records[0]["evaluation"]["tokens"], 245_569);
    assert!(
        perplexity[2] < perplexity[1] && perplexity[1] < perplexity[0],
        "{perplexity:?}"
    );
    let maps = [
        "occurrences-in-train",
        "seen-before-in-the-document",
        "place-in-the-line",
        "grammar",
    ];
    for map in maps {
        let chart = read(&fixture.path(&format!("run/report/charts/heat-map-{map}.svg")));
        assert!(chart.contains("ngram/kneser-ney"), "{map}");
    }
}
