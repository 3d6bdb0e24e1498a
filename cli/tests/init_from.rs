//! `eras train --from MODEL`: training starts from the weights of another model, and the model records its ancestry.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::Fixture;
use predicates::str::contains;

const TINY: &str = "transformer --corpus village --set d_model=16 --set num_heads=2 --set d_ff=32 --set num_layers=1 \
                    --set context_length=32 --budget tokens=40k";

fn card(fixture: &Fixture, model: &str) -> toml::Table {
    let text = fs::read_to_string(fixture.path(model).join("model.toml")).unwrap();
    text.parse().unwrap()
}

fn perplexity(fixture: &Fixture, model: &str) -> f64 {
    let found = fixture.json(&format!(
        "evaluate {model} --corpus village --split valid --json"
    ));
    found["evaluation"]["perplexity"].as_f64().unwrap()
}

#[test]
fn training_starts_from_a_model_and_costs_add_up() {
    let fixture = Fixture::village("30k", 100, 4_000);
    fixture.eras(&format!("train {TINY} --out first")).success();
    fixture
        .eras(&format!("train {TINY} --from first --out second"))
        .success();
    assert!(perplexity(&fixture, "second") < 0.95 * perplexity(&fixture, "first"));
    let (first, second) = (card(&fixture, "first"), card(&fixture, "second"));
    assert!(first["training"]["tokens"].as_integer().unwrap() >= 40_000);
    assert!(!first.contains_key("ancestry"));
    let ancestors = second["ancestry"].as_array().unwrap();
    assert_eq!(ancestors.len(), 1);
    assert_eq!(ancestors[0]["era"].as_str(), Some("transformer"));
    assert_eq!(ancestors[0]["training_tokens"], first["training"]["tokens"]);
    // The same with a configuration file; the third model has two ancestors.
    fs::write(fixture.path("from.toml"), "init_from = \"second\"\n").unwrap();
    fixture
        .eras(&format!("train {TINY} --config from.toml --out third"))
        .success();
    assert_eq!(
        card(&fixture, "third")["ancestry"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    refusals(&fixture);
}

/// Unsuitable initial models are rejected by name.
fn refusals(fixture: &Fixture) {
    let from = |arguments: &str| {
        fixture
            .eras(&format!("train {arguments} --out never"))
            .code(2)
    };
    from("ngram --corpus village --from first").stderr(contains(
        "ngram/stupid-backoff cannot start from trained weights",
    ));
    from("seq2seq/lstm --corpus village --from first").stderr(contains(
        "a model of transformer/decoder, but seq2seq/lstm can only start",
    ));
    fixture
        .eras(&format!("train {TINY} --from nowhere --out never"))
        .code(1)
        .stderr(contains("nowhere is not a model"));
    let other_shape = format!("train {TINY} --set d_ff=48 --from first --out never");
    fixture
        .eras(&other_shape)
        .code(1)
        .stderr(contains("has shape"));
    fixture
        .eras("corpus prepare village --size small --tokens 20k --seed 5 --set pairs=100 --set held_out=2000 --name other")
        .success();
    let elsewhere = TINY.replace("village", "other");
    fixture
        .eras(&format!("train {elsewhere} --from first --out never"))
        .code(1)
        .stderr(contains("another vocabulary"));
    assert!(!fixture.path("never").exists());
}
