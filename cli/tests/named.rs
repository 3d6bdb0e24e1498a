//! Runs and the models of their entries by name, tested through the program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::{Fixture, printed, read};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// A folder in whose workspace a run has the name `cats`.
fn with_run(eras: &str) -> Fixture {
    let fixture = Fixture::prepared_cats();
    fixture
        .eras(&format!("run --corpus cats --eras {eras} --name cats"))
        .success()
        .stdout(contains("report: workspace/runs/cats/report/index.html"));
    fixture
}

#[test]
fn a_run_has_the_name_it_was_given() {
    let fixture = with_run("baselines");
    fixture
        .eras("run --corpus cats --eras baselines --name cats")
        .code(2)
        .stderr(contains("--resume cats").and(contains("choose another --name")));
    for name in ["../cats", ".cats", "a/b"] {
        fixture
            .eras(&["run", "--corpus", "cats", "--name", name])
            .code(2)
            .stderr(contains("only letters, digits"));
    }
    fixture
        .eras("run --corpus cats --name other --out elsewhere")
        .code(2)
        .stderr(contains("cannot be used with"));
    for command in ["report cats", "verify cats", "run --resume cats"] {
        fixture.eras(command).success();
    }
    fixture
        .eras(&["compare", "cats", "the cat"])
        .success()
        .stdout(contains("baselines/unigram"));
}

#[test]
fn a_model_is_named_by_its_run_and_entry() {
    let fixture = with_run("ngram");
    let model = "workspace/runs/cats/ngram/kneser-ney/language-modelling/model";
    let generated = |model: &str| {
        let prompt = ["generate", model, "--prompt", "the cat", "--length", "5"];
        printed(fixture.eras(&prompt))
    };
    let expected = generated(model);
    for name in [
        "cats/ngram/kneser-ney",
        "cats/ngram/kneser-ney/",
        "cats/ngram/kneser-ney/language-modelling",
        "workspace/runs/cats/ngram/kneser-ney",
    ] {
        assert_eq!(generated(name), expected, "{name}");
    }
    let name = "cats/ngram/kneser-ney";
    for command in [
        format!("evaluate {name} --corpus cats --against cats/ngram/stupid-backoff"),
        format!("query {name}"),
        format!("arpa export {name} model.arpa"),
        format!("arpa import model.arpa --like {name} --out copy"),
        format!("verify {name}"),
        format!("compare {name} the"),
    ] {
        fixture.eras(&command).success();
    }
    fixture
        .eras(&["compare", name, "the cat"])
        .success()
        .stdout(contains("kneser-ney").and(contains("stupid-backoff").not()));
}

#[test]
fn a_name_that_is_unknown_or_ambiguous_lists_the_entries() {
    let fixture = with_run("baselines,ngram");
    for (name, expected) in [
        (
            "cats/ngram",
            "ngram/kneser-ney, ngram/kneser-ney-cache, ngram/stupid-backoff",
        ),
        (
            "cats",
            "name one of them, as workspace/runs/cats/ERA/VARIANT",
        ),
        (
            "cats/ngram/trigram",
            "no such entry; its entries are baselines/uniform",
        ),
        ("cats/report", "no such entry"),
    ] {
        fixture
            .eras(&format!("generate {name}"))
            .code(2)
            .stderr(contains(expected));
    }
    fixture
        .eras("generate dogs/ngram")
        .code(1)
        .stderr(contains("is not a model").and(contains("RUN/ngram/kneser-ney")));
    fixture
        .eras("words cats nearest the")
        .code(2)
        .stderr(contains("no entry of the run"));
    fixture
        .eras("words cats/ngram/kneser-ney nearest the")
        .code(2)
        .stderr(contains("this command needs word vectors"));
    let entry = fixture.path("workspace/runs/cats/ngram/kneser-ney/language-modelling");
    fs::remove_dir_all(entry.join("model")).unwrap();
    fixture
        .eras("generate cats/ngram/kneser-ney")
        .code(2)
        .stderr(contains("has no model yet").and(contains("--resume workspace/runs/cats")));
}

#[test]
fn a_run_has_word_vectors() {
    let fixture = with_run("word2vec,ngram");
    // Without word tests, only the language model is trained.
    fixture
        .eras("words cats nearest cat --count 3")
        .success()
        .stdout(contains("  ").and(contains("<eos>").not()))
        .stderr(contains("the vectors of word2vec/cbow-lm"));
    fs::write(fixture.path("tests.txt"), ": all\nthe cat the dog\n").unwrap();
    fixture
        .eras(
            "run --corpus cats --eras word2vec --budget epochs=1 --set min_count=1 --word-tests tests.txt --name vectors",
        )
        .success();
    let nearest = |model: &str| {
        let asked = fixture.eras(&format!("words {model} nearest cat --count 3"));
        printed(asked.stderr(""))
    };
    let main = nearest("vectors");
    assert_eq!(main, nearest("vectors/word2vec/skip-gram"));
    assert_ne!(main, nearest("vectors/word2vec/cbow"));
}

#[test]
fn an_empty_list_of_eras_is_refused() {
    let fixture = Fixture::cats();
    for eras in ["", "ngram,", " "] {
        fixture
            .eras(&["run", "--corpus", "text.txt", "--eras", eras])
            .code(2)
            .stderr(
                contains("leave the option out for all").and(contains("the eras are baselines")),
            );
    }
    assert!(!fixture.path("workspace").exists());
}

#[test]
fn help_lists_all_eras() {
    let fixture = Fixture::empty();
    for era in eras_list::ERAS.eras() {
        fixture.eras("--help").success().stdout(contains(format!(
            "  {:<12} {}",
            era.name(),
            era.paper()
        )));
    }
}

#[test]
fn a_run_without_conversations_cannot_be_judged() {
    let fixture = with_run("baselines,ngram");
    fixture
        .eras("judge cats chatbot/replies baselines/retrieval")
        .code(2)
        .stderr(contains("nothing to judge").and(contains("eras run --eras")));
}

#[test]
fn what_is_finished_has_nothing_left_to_do() {
    let fixture = with_run("baselines");
    let results = read(&fixture.path("workspace/runs/cats/results.csv"));
    fixture
        .eras("run --resume cats")
        .success()
        .stdout(contains("baselines/unigram"))
        .stderr(contains("nothing is left to do on cats").and(contains("entries on").not()));
    assert_eq!(
        read(&fixture.path("workspace/runs/cats/results.csv")),
        results
    );
}
