//! Scores compared with NLTK's Stupid Backoff. `golden/stupid_backoff.py` makes the reference values.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::{Silent, Training};
use ngram::{Config, Contexts, Scores};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    order: usize,
    alpha: f64,
    types: usize,
    text: Vec<u32>,
    questions: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    context: Vec<u32>,
    word: u32,
    score: f64,
}

#[test]
fn scores_equal_those_of_nltk() {
    let golden: Golden = serde_json::from_str(include_str!("golden/stupid_backoff.json")).unwrap();
    let config = Config {
        order: golden.order,
        alpha: golden.alpha,
        scores: Scores::Raw,
        contexts: Contexts::Stream,
        ..Config::default()
    };
    let model = config
        .train(
            &golden.text,
            golden.types,
            0,
            &mut Training::new(&mut Silent),
        )
        .unwrap();
    assert_eq!(golden.questions.len(), 200);
    for Question {
        context,
        word,
        score,
    } in golden.questions
    {
        let got = model.stupid_backoff(&context, word).unwrap();
        assert!(
            (got - score).abs() < 1e-12,
            "{context:?} {word}: {got}, NLTK says {score}"
        );
    }
}
