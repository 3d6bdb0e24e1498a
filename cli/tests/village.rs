//! The built-in village, tested through the program: generated, shown, evaluated, and its error messages.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::Fixture;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// A village of 60,000 tokens.
fn village() -> Fixture {
    Fixture::village("60k", 300, 10_000)
}

#[test]
fn the_village_is_shown_with_its_floor_its_phenomena_and_samples() {
    let fixture = village();
    fixture.eras("corpus show village").success().stdout(
        contains("floor of the test split: perplexity")
            .and(contains("recall"))
            .and(contains("a dialogue:\n\nHello, I am ")),
    );
    let shown = fixture.json("corpus show village --json");
    let floor = &shown["floor"];
    assert!(floor["perplexity"].as_f64().unwrap() > 1.5);
    assert!(floor["by_phenomenon"]["state"]["tokens"].as_u64().unwrap() > 100);
    assert_eq!(floor["by_phenomenon"]["local"]["cross_entropy"], 0.0);
    let ceiling = shown["ceiling_bleu"]["to_english"].as_f64().unwrap();
    assert!((60.0..100.0).contains(&ceiling), "{ceiling}");
    fixture.eras("verify workspace/corpora/village").success();
}

#[test]
fn no_entry_of_a_run_is_better_than_the_oracle() {
    let fixture = village();
    let ran = fixture.json("run --corpus village --eras ngram,word2vec,oracle --out run --json");
    let results = ran["results"].as_array().unwrap();
    let perplexity = |era: &str| {
        let record = results.iter().find(|record| record["entry"]["era"] == era);
        record.unwrap()["evaluation"]["perplexity"]
            .as_f64()
            .unwrap()
    };
    assert!(perplexity("ngram") > 1.25 * perplexity("oracle"));
    // The corpus has minimal pairs of its own.
    let oracle = results
        .iter()
        .find(|record| record["entry"]["era"] == "oracle");
    assert_eq!(oracle.unwrap()["minimal_pairs"]["accuracy"], 1.0);
    // It also has word-vector tests of meaning and of grammar.
    let words = ran["words"].as_array().unwrap();
    let labels: Vec<_> = words
        .iter()
        .map(|record| &record["entry"]["variant"])
        .collect();
    let expected = ["skip-gram", "cbow", "skip-gram-tuned", "cbow-tuned"];
    assert_eq!(labels, expected);
    for record in words {
        let [analogies, similarities] = &record["evaluation"]["tests"].as_array().unwrap()[..]
        else {
            panic!("{record}");
        };
        for half in ["semantic", "syntactic"] {
            assert!(analogies["analogies"][half]["asked"].as_u64().unwrap() > 10);
        }
        assert!(similarities["similarity"]["asked"].as_u64().unwrap() > 10);
    }
    // It also has dialogues, of which the oracle sees the whole context, and a judge of sensible replies.
    let conversations = ran["conversations"].as_array().unwrap();
    let conversation = |era: &str| {
        let mut records = conversations.iter();
        let record = records.find(|record| record["entry"]["era"] == era);
        &record.unwrap()["evaluation"]
    };
    let reply_perplexity = |era: &str| conversation(era)["perplexity"].as_f64().unwrap();
    assert!(reply_perplexity("ngram") > 1.25 * reply_perplexity("oracle"));
    assert_eq!(conversation("oracle")["sensible"], 1.0);
    let rows = fs::read_to_string(fixture.path("run/conversation.csv")).unwrap();
    assert!(rows.contains("ngram,kneser-ney-cache,"));
    fixture.eras("verify run").success();
    let rows = fs::read_to_string(fixture.path("run/words.csv")).unwrap();
    assert!(rows.contains("word2vec,cbow,analogies.txt,gram1-plural,"));
    let rows = fs::read_to_string(fixture.path("run/breakdowns.csv")).unwrap();
    assert!(rows.contains("ngram/stupid-backoff,oracle/village,phenomenon,recall,"));
    assert!(
        fixture
            .path("run/report/charts/heat-map-phenomenon.svg")
            .exists()
    );
    let page = fs::read_to_string(fixture.path("run/report/index.html")).unwrap();
    assert!(page.contains("no model can do better except by chance"));
    assert!(page.contains("Word vectors"));
    assert!(page.contains("Replies of every entry to the same turns."));
    // Like any other model, the oracle can be evaluated and generates text.
    let model = "run/oracle/village/language-modelling/model";
    fixture
        .eras(&format!("evaluate {model} --corpus village --split valid"))
        .success()
        .stdout(contains("oracle/village"));
    fixture
        .eras(&format!(
            "generate {model} --prompt hello --length 20 --seed 3"
        ))
        .success()
        .stdout(contains("I am "));
}

#[test]
fn without_a_corpus_the_village_is_generated_once() {
    let fixture = Fixture::empty();
    let record = fixture.path("workspace/corpora/village/corpus.toml");
    fixture.eras("run --eras oracle --out first").success();
    let generated = fs::metadata(&record).unwrap().modified().unwrap();
    fixture.eras("run --eras oracle --out second").success();
    assert_eq!(
        fs::metadata(&record).unwrap().modified().unwrap(),
        generated
    );
    let results =
        ["first", "second"].map(|run| fs::read(fixture.path(run).join("results.csv")).unwrap());
    assert_eq!(results[0], results[1]);
    // A village of another version is generated again, with a message.
    let text = fs::read_to_string(&record)
        .unwrap()
        .replace("version = 1", "version = 0");
    fs::write(&record, text).unwrap();
    fixture
        .eras("run --eras oracle --out third")
        .success()
        .stderr(contains("generating it again"));
}

#[test]
fn settings_of_the_village_are_rejected_with_their_bounds() {
    let fixture = Fixture::empty();
    fs::write(fixture.path("text.txt"), "the cat sat\n".repeat(100)).unwrap();
    for (arguments, expected) in [
        ("corpus prepare village --tokens 0", "at least 1"),
        (
            "corpus prepare village --set tokens=0",
            "tokens = 0: must be from 1",
        ),
        (
            "corpus prepare village --size huge",
            "the presets are default, small, large",
        ),
        (
            "corpus prepare village --set shares.magic=1",
            "unknown field `magic`, expected one of `local`, `class`, `world`",
        ),
        (
            "corpus prepare village --set shares.sum=-1",
            "shares.sum = -1: must be from 0 to 1000000",
        ),
        ("corpus prepare village --set seed=7", "by --seed"),
        ("corpus prepare village --tokens words", "no choice of"),
        ("corpus prepare village --lower", "--lower applies to"),
        (
            "corpus prepare text.txt --name t --tokens 500",
            "applies to the village only",
        ),
        (
            "corpus prepare text.txt --name t --size small",
            "apply to the village only",
        ),
        ("corpus prepare text.txt", "--name is missing"),
        (
            "run --corpus text.txt --eras oracle",
            "the oracle needs the village",
        ),
    ] {
        fixture.eras(arguments).code(2).stderr(contains(expected));
    }
    assert!(!fixture.path("workspace/corpora/village").exists());
    fixture
        .eras("corpus prepare village --tokens 20k --set pairs=0")
        .success();
    fixture
        .eras("corpus prepare village --tokens 20k")
        .code(1)
        .stderr(contains("exists"));
}
