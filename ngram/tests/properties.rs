//! The era against definitions worked by hand, against the obvious way, and against the harness' properties.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::checks::{Property, check_language_model};
use harness::{LanguageModel, Silent, Training};
use ngram::{Config, Scores, StupidBackoff};
use proptest::prelude::*;

fn train(config: Config, tokens: &[u32], vocab_size: usize) -> StupidBackoff {
    config
        .train(tokens, vocab_size, &mut Training::new(&mut Silent))
        .unwrap()
}

/// S(w | h) written down from the paper, with a search of the whole text for each count.
fn by_definition(text: &[u32], vocab_size: usize, alpha: f64, context: &[u32], token: u32) -> f64 {
    let count = |ngram: &[u32]| {
        text.windows(ngram.len())
            .filter(|window| *window == ngram)
            .count() as f64
    };
    if context.is_empty() {
        let total: f64 = (0..vocab_size as u32)
            .map(|word| count(&[word]).max(1.0))
            .sum();
        return count(&[token]).max(1.0) / total;
    }
    let whole: Vec<u32> = context.iter().copied().chain([token]).collect();
    match count(&whole) {
        0.0 => alpha * by_definition(text, vocab_size, alpha, &context[1..], token),
        seen => seen / count(context),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scores_are_those_of_the_definition(
        text in prop::collection::vec(0_u32..4, 1..40),
        context in prop::collection::vec(0_u32..5, 0..6),
        order in 1_usize..=5,
        alpha in 0.05_f64..1.0,
    ) {
        let model = train(Config { order, alpha, scores: Scores::Raw }, &text, 5);
        let near = &context[context.len().saturating_sub(order - 1)..];
        for token in 0..5 {
            let expected = by_definition(&text, 5, alpha, near, token);
            let got = model.stupid_backoff(&context, token);
            prop_assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
    }

    #[test]
    fn probabilities_are_scores_divided_by_their_sum(
        text in prop::collection::vec(0_u32..4, 1..40),
        context in prop::collection::vec(0_u32..5, 0..6),
        order in 1_usize..=5,
    ) {
        let model = train(Config { order, ..Config::default() }, &text, 5);
        let scores: Vec<f64> = (0..5).map(|token| model.stupid_backoff(&context, token)).collect();
        let sum: f64 = scores.iter().sum();
        for (log_prob, score) in model.next(&context).unwrap().iter().zip(&scores) {
            prop_assert!((log_prob.exp() - score / sum).abs() < 1e-12);
        }
    }

    #[test]
    fn every_property_of_a_language_model_holds(
        text in prop::collection::vec(0_u32..7, 1..200),
        stream in prop::collection::vec(0_u32..8, 2..40),
        order in 1_usize..=6,
    ) {
        let model = train(Config { order, ..Config::default() }, &text, 8);
        prop_assert_eq!(check_language_model(&model, &stream), Ok(()));
    }
}

#[test]
fn raw_scores_are_found_out_as_no_distribution() {
    let model = train(
        Config {
            scores: Scores::Raw,
            ..Config::default()
        },
        &[0, 1, 2, 0, 1, 3],
        4,
    );
    let violation = check_language_model(&model, &[0, 1, 2, 3]).unwrap_err();
    assert_eq!(violation.property, Property::SumsToOne);
}

#[test]
fn a_model_comes_back_from_disk_and_damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text: Vec<u32> = (0..500_u32).map(|i| (i * i + i / 7) % 11).collect();
    let model = train(Config::default(), &text, 12);
    model.save(folder.path(), "checksum").unwrap();
    let again = StupidBackoff::open(folder.path()).unwrap();
    assert_eq!(again.score(&text).unwrap(), model.score(&text).unwrap());

    let path = folder.path().join("counts.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let error = StupidBackoff::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("counts.safetensors") && error.contains("train the model again"),
        "{error}"
    );
    // The same length, but an index that points nowhere.
    let mut damaged = bytes.clone();
    damaged[bytes.len() - 3] = 0xFF;
    std::fs::write(&path, damaged).unwrap();
    assert!(StupidBackoff::open(folder.path()).is_err());
}

#[test]
fn an_unknown_id_or_an_empty_budget_is_an_error_and_no_panic() {
    let model = train(Config::default(), &[0, 1, 2], 3);
    assert!(model.score(&[0, 3]).is_err());
    assert!(model.next(&[9]).is_err());
    let empty = Config::default().train(&[], 3, &mut Training::new(&mut Silent));
    assert!(empty.unwrap_err().to_string().contains("no token"));
}

#[test]
fn a_token_budget_takes_the_beginning_of_the_text() {
    let text = [0, 1, 0, 1, 2, 2, 2];
    let mut silent = Silent;
    let mut training = Training {
        budget: "tokens=4".parse().unwrap(),
        ..Training::new(&mut silent)
    };
    let model = Config::default().train(&text, 3, &mut training).unwrap();
    let expected = train(Config::default(), &text[..4], 3);
    assert_eq!(model.score(&text).unwrap(), expected.score(&text).unwrap());
}
