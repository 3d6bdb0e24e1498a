//! The Transformer, tested through the program.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::{Fixture, printed};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const TRAIN: &str = "train transformer --corpus village --set d_model=16 --set d_ff=32 --set context_length=16 \
                     --set compute.threads=1";

/// A village of 30,000 tokens.
fn village() -> Fixture {
    Fixture::village("30k", 300, 10_000)
}

#[test]
fn a_decoder_is_trained_evaluated_generates_text_and_shows_attention() {
    let fixture = village();
    fixture
        .eras(&format!("{TRAIN} --budget tokens=20k --out decoder"))
        .success()
        .stdout(contains("model: decoder"))
        .stderr(contains("validation perplexity"));
    assert!(!fixture.path("decoder.checkpoints").exists());
    fixture
        .eras("evaluate decoder --corpus village")
        .success()
        .stdout(contains("perplexity"));
    // As if it had been trained on a GPU, which this machine may not have.
    let card = fixture.path("decoder/model.toml");
    let text = fs::read_to_string(&card).unwrap();
    assert!(text.contains("device = \"cpu\""));
    fs::write(
        &card,
        text.replace("device = \"cpu\"", "device = \"cuda:0\""),
    )
    .unwrap();
    let written = |seed: u64| {
        let command = format!("generate decoder --length 30 --seed {seed}");
        fixture.eras(&command).success().get_output().stdout.clone()
    };
    assert_eq!(written(1), written(1));
    assert_ne!(written(1), written(2));

    let attention = |arguments: &[&str]| {
        let text = "The cat is in the garden .";
        let arguments = [&["attention", "decoder", text], arguments].concat();
        fixture.eras(&arguments)
    };
    attention(&["--out", "all.svg"])
        .success()
        .stdout(contains("8 heads on "));
    let picture = fs::read_to_string(fixture.path("all.svg")).unwrap();
    assert!(picture.contains("layer 2, head 4") && picture.contains("garden"));
    attention(&["--out", "one.png", "--layer", "1", "--head", "2"]).success();
    let output = attention(&["--json", "--layer", "1", "--head", "2"]).success();
    let found: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let rows = found["heads"][0]["attention"].as_array().unwrap();
    assert_eq!(rows.len(), found["queries"].as_array().unwrap().len());
    for row in rows {
        let shares = row
            .as_array()
            .unwrap()
            .iter()
            .map(|share| share.as_f64().unwrap());
        assert!((shares.sum::<f64>() - 1.0).abs() < 1e-5);
    }
    for (arguments, expected) in [
        (&["--out", "all.svg"][..], "already exists"),
        (&["--out", "all.jpg"], ".svg or .png"),
        (
            &["--json", "--head", "5"],
            "--head 5: the model has heads 1 to 4",
        ),
        (
            &["--json", "--layer", "0"],
            "--layer 0: the model has layers 1 to 2",
        ),
        (&[], "--out"),
    ] {
        attention(arguments).code(2).stderr(contains(expected));
    }
    let long = "cat ".repeat(16);
    fixture
        .eras(&["attention", "decoder", &long, "--json"])
        .code(2)
        .stderr(contains(
            "must have from 1 to 16, the context length of this model",
        ));
}

#[test]
fn errors_are_reported_before_training() {
    let fixture = village();
    for (arguments, expected) in [
        ("--set num_heads=3", "num_heads = 3: must divide d_model"),
        ("--set num_heads=many", "--set num_heads=many: invalid type"),
        ("--set hats=3", "--set hats=3: unknown field `hats`"),
        (
            "--set training.optimizer.name=sgdd",
            "unknown variant `sgdd`",
        ),
        ("--set compute.precision=f17", "unknown variant `f17`"),
        ("--set compute.device=cuda:99", "cuda:99: is not available"),
        ("--set compute.device=tpu", "one of `cpu`, `cuda`, `cuda:N`"),
        (
            "--preset huge",
            "huge: no such preset; the presets are tiny",
        ),
    ] {
        fixture
            .eras(&format!("{TRAIN} {arguments} --out decoder"))
            .code(2)
            .stderr(contains(expected).and(contains("panicked").not()));
        assert!(!fixture.path("decoder").exists());
    }
    fixture
        .eras(&format!(
            "{TRAIN} --set d_model=65536 --set num_layers=1000 --out decoder"
        ))
        .code(1)
        .stderr(contains("of memory").and(contains("choose a smaller model")));
    fixture
        .eras("train ngram --corpus village --out ngrams")
        .success();
    fixture
        .eras("attention ngrams cat --json")
        .code(2)
        .stderr(contains(
            "a model of ngram, but this command needs a model of transformer",
        ));
}

/// A loss that is not finite stops training with a message that names the step, and the checkpoints are kept.
#[test]
fn diverging_training_is_stopped() {
    let fixture = village();
    fixture
        .eras(&format!(
            "{TRAIN} --set training.learning_rate=1e30 --set training.max_grad_norm=0 --set training.warmup_steps=0 --budget tokens=20k \
             --out decoder"
        ))
        .code(1)
        .stderr(contains("the loss is not finite at step").and(contains("smaller learning rate")));
    assert!(!fixture.path("decoder").exists());
}

#[test]
fn a_translator_is_trained_evaluated_translates_and_shows_attention() {
    let fixture = village();
    let small = "--set d_model=16 --set d_ff=32 --set compute.threads=1";
    fixture
        .eras(&format!(
            "train transformer/encoder-decoder --corpus village {small} --budget epochs=2 --out translator"
        ))
        .success()
        .stdout(contains("model: translator"));
    fixture
        .eras("evaluate translator --corpus village")
        .success()
        .stdout(contains("BLEU").and(contains("transformer/encoder-decoder")));
    let source = fixture.path("workspace/corpora/village/pairs/source/test.text");
    let source = fs::read_to_string(source).unwrap();
    let sentence = source.lines().next().unwrap();
    let translated = |model: &str| printed(fixture.eras_reading(&["translate", model], &source));
    // The average of a model with itself is the model.
    fixture
        .eras("average translator translator --out average")
        .success()
        .stdout(contains("the average of 2"));
    assert_eq!(translated("average"), translated("translator"));
    fixture.eras("verify average").success();

    let attention = |arguments: &[&str]| {
        let arguments = [&["attention", "translator", sentence], arguments].concat();
        fixture.eras(&arguments)
    };
    for part in ["cross", "encoder", "decoder"] {
        let file = format!("{part}.svg");
        attention(&["--part", part, "--out", &file])
            .success()
            .stdout(contains("8 heads on "));
    }
    let words = sentence.split(' ').count();
    let output = attention(&["--target", "a b", "--json", "--layer", "2"]).success();
    let found: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(found["queries"].as_array().unwrap().len(), 3);
    assert_eq!(found["keys"].as_array().unwrap().len(), words + 1);

    fixture
        .eras("generate translator --prompt x")
        .code(2)
        .stderr(contains("eras translate"));
    fixture
        .eras(&format!("{TRAIN} --budget tokens=2k --out decoder"))
        .success();
    for (command, expected) in [
        ("average translator decoder --out other", "differs from"),
        ("average translator --out average", "already exists"),
        ("encode translator", "this command needs a model of seq2seq"),
        (
            "attention decoder x --target y --out x.svg",
            "apply to translators",
        ),
        ("translate decoder", "needs a translator"),
    ] {
        fixture.eras(command).code(2).stderr(contains(expected));
    }
    // The same variant and vocabulary, but other shapes.
    fixture
        .eras(&format!(
            "train transformer/encoder-decoder --corpus village {small} --set num_layers=1 --budget epochs=1 --out shallow"
        ))
        .success();
    fixture
        .eras("average translator shallow --out other")
        .code(1)
        .stderr(contains("is missing").or(contains("not")));
}
