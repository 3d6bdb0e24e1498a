//! The reference trainer compared with the released C program. `golden/word2vec_c.py` makes the reference values.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use corpus::Vocab;
use harness::{Silent, Training};
use serde::Deserialize;
use word2vec::{Architecture, Config};

#[derive(Deserialize)]
struct Golden {
    text: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    cbow: u8,
    negative: usize,
    hs: u8,
    sample: f64,
    alpha: f64,
    size: usize,
    window: usize,
    iter: f64,
    min_count: u64,
    words: Vec<String>,
    vectors: Vec<Vec<f32>>,
}

/// The line end, as the C program names it.
const LINE_END: &str = "</s>";

#[test]
fn vectors_equal_those_of_the_c_program() {
    let golden: Golden = serde_json::from_str(include_str!("golden/word2vec_c.json")).unwrap();
    assert!(golden.runs.len() >= 5);
    // Ids are in the order of the C program; words that it removed follow.
    let mut names = golden.runs[0].words.clone();
    for word in golden.text.split_whitespace() {
        if !names.iter().any(|name| name == word) {
            names.push(word.to_owned());
        }
    }
    assert_eq!(names[0], LINE_END);
    let others = names[1..].iter().map(String::as_str);
    let vocab = Vocab::new(["<eos>"].into_iter().chain(others)).unwrap();
    let mut tokens = Vec::new();
    for line in golden.text.lines() {
        tokens.extend(line.split_whitespace().map(|word| vocab.id(word).unwrap()));
        tokens.push(vocab.eos());
    }
    for run in &golden.runs {
        let config = Config {
            architecture: match run.cbow {
                0 => Architecture::SkipGram,
                _ => Architecture::Cbow,
            },
            dimension: run.size,
            window: run.window,
            negative: run.negative,
            hierarchical_softmax: run.hs == 1,
            subsample: run.sample,
            min_count: run.min_count,
            initial_length: 0.0,
            learning_rate: run.alpha,
            epochs: run.iter,
            threads: 1,
            faithful: true,
            ..Config::default()
        };
        let model = config
            .train(&tokens[..], &vocab, &mut Training::new(&mut Silent))
            .unwrap();
        let vectors = model.vectors();
        assert_eq!(vectors.words(), &run.words[1..]);
        for (word, expected) in run.words.iter().zip(&run.vectors).skip(1) {
            let got = vectors.vector(word).unwrap();
            for (got, expected) in got.iter().zip(expected) {
                assert!(
                    (got - expected).abs() < 1e-5,
                    "cbow {} negative {} hs {}: {word}: {got} {expected}",
                    run.cbow,
                    run.negative,
                    run.hs
                );
            }
        }
    }
}
