//! A trained LSTM as a language model, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::checks::check_language_model;
use harness::{Budget, Ending, Generator, LanguageModel, Sampling, Silent, Training, sampler};
use seq2seq::{Lm, LmConfig};

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

fn small() -> LmConfig {
    LmConfig {
        embedding_size: 16,
        hidden_size: 24,
        batch_size: 4,
        bptt_length: 8,
        dropout: 0.0,
        ..LmConfig::default()
    }
}

fn deep() -> LmConfig {
    LmConfig {
        num_layers: 2,
        hidden_size: 16,
        tie_embeddings: false,
        output_bias: false,
        dropout: 0.1,
        num_sampled: 8,
        ..small()
    }
}

fn train(config: &LmConfig) -> Lm {
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.validation = text(40);
    training.budget = Budget::Epochs(6.0);
    config
        .train(&text(4_000)[..], WORDS, 0, &mut training)
        .unwrap()
}

#[test]
fn predictions_are_distributions_and_independent_of_the_future() {
    for config in [small(), deep()] {
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
fn a_long_stream_is_scored_in_windows() {
    let model = train(&small());
    let stream = text(1_500);
    let scores = model.score(&stream).unwrap();
    // The first window has 512 tokens; later tokens have at least 256 tokens of context.
    for place in [0, 3, 511, 512, 700, 1_300, 1_499] {
        let next = model.next(&stream[..place]).unwrap();
        let difference = next[stream[place] as usize] - scores[place];
        assert!(difference.abs() < 1e-4, "{place}: {difference}");
    }
    let end = |(from, chunk): (usize, &[u32])| Ending {
        tokens: chunk.to_vec(),
        from,
    };
    let ends: Vec<Ending> = (0..).zip(stream.chunks(70)).map(end).collect();
    for (end, found) in ends.iter().zip(model.score_ends(&ends).unwrap()) {
        let alone = &model.score(&end.tokens).unwrap()[end.from..];
        assert_eq!(alone.len(), found.len());
        for (a, b) in alone.iter().zip(found) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}

#[test]
fn a_saved_model_predicts_the_same_and_a_damaged_one_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(&deep());
    model.save(folder.path(), "checksum").unwrap();
    let opened = Lm::open(folder.path()).unwrap();
    assert_eq!(opened.config(), model.config());
    let stream = text(50);
    assert_eq!(
        opened.score(&stream).unwrap(),
        model.score(&stream).unwrap()
    );
    let message = |what: &str| {
        let error = Lm::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    };
    let card = folder.path().join("model.toml");
    let valid = std::fs::read_to_string(&card).unwrap();
    std::fs::write(&card, valid.replace("hidden_size = 16", "hidden_size = 8")).unwrap();
    message("shape");
    std::fs::write(&card, valid.replace("num_layers = 2", "num_layers = 3")).unwrap();
    message("the settings in model.toml need");
    std::fs::write(&card, valid.replace("num_layers = 2", "num_layers = 0")).unwrap();
    message("num_layers = 0");
}
