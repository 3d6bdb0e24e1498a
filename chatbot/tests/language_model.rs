//! The language model on plain text, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use chatbot::{Config, Lm};
use harness::checks::check_language_model;
use harness::{Budget, Generator, LanguageModel, Sampling, Silent, Training, sampler};

const WORDS: usize = 12;

/// Each token depends on the two before it.
fn text(length: usize) -> Vec<u32> {
    let mut tokens = vec![0, 1];
    while tokens.len() < length {
        let [a, b] = [tokens[tokens.len() - 2], tokens[tokens.len() - 1]];
        tokens.push((a * 5 + b * 3 + 1) % WORDS as u32);
    }
    tokens
}

fn small() -> Config {
    Config {
        embedding_size: 16,
        hidden_size: 24,
        num_heads: 2,
        batch_tokens: 256,
        dropout: 0.0,
        compute: neural::ComputeConfig {
            // One thread, because tests already run in parallel.
            threads: 1,
            ..neural::ComputeConfig::default()
        },
        ..Config::default()
    }
}

/// As in the paper: without attention.
fn plain() -> Config {
    Config {
        num_heads: 0,
        num_layers: 1,
        tie_embeddings: false,
        num_sampled: 8,
        ..small()
    }
}

fn train(config: &Config) -> Lm {
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.validation = text(40);
    training.budget = Budget::Epochs(24.0);
    config
        .train_on_text(&text(4_000)[..], WORDS, 0, &mut training)
        .unwrap()
}

#[test]
fn predictions_are_distributions_and_independent_of_the_future() {
    for config in [small(), plain()] {
        let model = train(&config);
        assert_eq!(check_language_model(&model, &text(30)), Ok(()));
        // The model has learned: guessing gives ln 12 = 2.5.
        let stream = text(400);
        let loss = -model.score(&stream).unwrap().iter().sum::<f64>() / stream.len() as f64;
        assert!(loss < 1.5, "{loss}");
    }
}

#[test]
fn generation_with_and_without_a_carried_state_agrees() {
    let model = train(&small());
    for prompt in [&text(5)[..], &[]] {
        let how = Sampling {
            seed: 4,
            ..Sampling::default()
        };
        let written = model.generate(prompt, 40, None, how).unwrap();
        let mut tokens = prompt.to_vec();
        let mut sampler = sampler(how).unwrap();
        for _ in 0..40 {
            let token = sampler.draw(&model.next(&tokens).unwrap());
            tokens.push(token);
        }
        assert_eq!(written, tokens[prompt.len()..]);
    }
}

#[test]
fn a_saved_model_predicts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(&plain());
    model.save(folder.path(), "checksum").unwrap();
    let opened = Lm::open(folder.path()).unwrap();
    assert_eq!(opened.config(), model.config());
    let stream = text(50);
    assert_eq!(
        opened.score(&stream).unwrap(),
        model.score(&stream).unwrap()
    );
}
