//! Phrases compared with those of the C program (`golden/word2phrase.py`), and their vectors.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use corpus::{TokenId, Vocab};
use harness::{Silent, Training};
use serde::Deserialize;
use word2vec::{Config, Phrases};

#[derive(Deserialize)]
struct Golden {
    min_count: u64,
    threshold: f64,
    text: String,
    first: String,
    second: String,
}

/// A vocabulary of all words, and the text as one line.
fn tokens(text: &str) -> (Vocab, Vec<TokenId>) {
    let words: std::collections::BTreeSet<&str> = text.split_whitespace().collect();
    let vocab = Vocab::new(std::iter::once("<eos>").chain(words)).unwrap();
    let mut tokens: Vec<TokenId> = text
        .split_whitespace()
        .map(|word| vocab.id(word).unwrap())
        .collect();
    tokens.push(vocab.eos());
    (vocab, tokens)
}

#[test]
fn one_and_two_passes_find_the_phrases_of_the_c_program() {
    let golden: Golden = serde_json::from_str(include_str!("golden/word2phrase.json")).unwrap();
    let (vocab, tokens) = tokens(&golden.text);
    for (passes, expected) in [(1, &golden.first), (2, &golden.second)] {
        let schedule = (passes, golden.threshold);
        let phrases =
            Phrases::learn(&tokens[..], &vocab, golden.min_count, schedule, &mut Silent).unwrap();
        let mut joined = tokens.clone();
        phrases.join(&mut joined);
        let names: Vec<&str> = joined[..joined.len() - 1]
            .iter()
            .map(|&token| phrases.name(token, &vocab))
            .collect();
        assert_eq!(names.join(" "), *expected);
        let longest = phrases.joined().iter().map(|phrase| phrase.words).max();
        assert_eq!(longest > Some(2), passes == 2);
    }
}

#[test]
fn phrases_get_vectors_and_one_thread_is_reproducible() {
    let mut text = String::new();
    for at in 0..600_usize {
        text += &format!("w{} ", (at * at * 7 + at / 3) % 29);
        if at.is_multiple_of(5) {
            text += "new york ";
        }
        if at.is_multiple_of(23) {
            text += "york ";
        }
    }
    let (vocab, tokens) = tokens(&text);
    let config = Config {
        dimension: 8,
        min_count: 2,
        phrases: 2,
        phrase_threshold: 5.0,
        threads: 1,
        epochs: 2.0,
        ..Config::default()
    };
    let train = |config: &Config| {
        let model = config.train(&tokens[..], &vocab, &mut Training::new(&mut Silent));
        model.unwrap().into_vectors()
    };
    let vectors = train(&config);
    assert!(vectors.id("new_york").is_some(), "{:?}", vectors.words());
    assert!(vectors.id("york").is_some());
    let again = train(&config);
    assert_eq!(again.words(), vectors.words());
    assert_eq!(again.values(), vectors.values());
    let plain = Config {
        phrases: 0,
        ..config
    };
    assert_eq!(train(&plain).id("new_york"), None);
}
