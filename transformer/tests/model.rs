//! A trained decoder, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::checks::check_language_model;
use harness::{Budget, Ending, Generator, LanguageModel, Sampling, Silent, Training, sampler};
use transformer::{Activation, Lm, LmConfig, Norm, Positions, lm_attention_maps};

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
        d_model: 16,
        num_layers: 2,
        num_heads: 2,
        d_ff: 32,
        context_length: 8,
        batch_size: 4,
        ..LmConfig::default()
    }
}

fn learned() -> LmConfig {
    LmConfig {
        positions: Positions::Learned,
        dropout: 0.1,
        ..small()
    }
}

fn paper() -> LmConfig {
    LmConfig {
        norm: Norm::Post,
        positions: Positions::Sinusoidal,
        activation: Activation::Relu,
        label_smoothing: 0.1,
        tie_embeddings: false,
        output_bias: true,
        mixed_keys: false,
        ..small()
    }
}

fn train(config: &LmConfig) -> Lm {
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.validation = text(40);
    training.budget = Budget::Epochs(4.0);
    config
        .train(&text(4_000)[..], WORDS, 0, &mut training)
        .unwrap()
}

#[test]
fn predictions_are_distributions_and_independent_of_the_future() {
    for config in [small(), learned(), paper()] {
        let model = train(&config);
        assert_eq!(check_language_model(&model, &text(30)), Ok(()));
        // The model has learned: guessing gives ln 12 = 2.5.
        let stream = text(400);
        let loss = -model.score(&stream).unwrap().iter().sum::<f64>() / stream.len() as f64;
        assert!(loss < 1.5, "{loss}");
    }
}

#[test]
fn generation_with_and_without_a_cache_agree() {
    for config in [small(), learned(), paper()] {
        let model = train(&config);
        let prompt = &text(5)[..];
        let how = Sampling {
            seed: 4,
            ..Sampling::default()
        };
        // Longer than the context, so that the window moves.
        let written = model.generate(prompt, 40, None, how).unwrap();
        let mut tokens = prompt.to_vec();
        let mut sampler = sampler(how).unwrap();
        for _ in 0..40 {
            let token = sampler.draw(&model.next(&tokens).unwrap());
            tokens.push(token);
        }
        assert_eq!(written, tokens[prompt.len()..]);
        let stop = written[7];
        let until = written.iter().position(|&token| token == stop).unwrap();
        let stopped = model.generate(prompt, 40, Some(stop), how).unwrap();
        assert_eq!(stopped, written[..=until]);
    }
}

#[test]
fn streams_score_the_same_in_a_batch_and_alone() {
    for config in [small(), learned(), paper()] {
        let model = train(&config);
        // Lengths within the context of 8 and beyond, empty ones, and more than fit one batch.
        let end = |number: usize| Ending {
            tokens: text(40)[number % 7..][..number % 14].to_vec(),
            from: number % 3 * (number % 14) / 2,
        };
        let ends: Vec<Ending> = (0..150).map(end).collect();
        let together = model.score_ends(&ends).unwrap();
        for (end, found) in ends.iter().zip(together) {
            let alone = &model.score(&end.tokens).unwrap()[end.from..];
            assert_eq!(alone.len(), found.len());
            for (a, b) in alone.iter().zip(found) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        }
        let nothing = Ending {
            tokens: vec![1, 2],
            from: 2,
        };
        assert!(model.score_ends(&[nothing]).unwrap()[0].is_empty());
        let unknown = Ending {
            tokens: vec![99],
            from: 0,
        };
        assert!(model.score_ends(&[unknown]).is_err());
    }
}

#[test]
fn a_saved_model_predicts_the_same_and_a_damaged_one_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(&paper());
    model.save(folder.path(), "checksum").unwrap();
    let opened = Lm::open(folder.path()).unwrap();
    assert_eq!(opened.config(), model.config());
    assert_eq!(opened.parameters(), model.parameters());
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
    std::fs::write(&card, valid.replace("eos = 0", "eos = 99")).unwrap();
    message("eos is not in its vocabulary");
    std::fs::write(&card, valid.replace("d_model = 16", "d_model = 8")).unwrap();
    message("shape");
    std::fs::write(&card, valid.replace("num_layers = 2", "num_layers = 3")).unwrap();
    message("the settings in model.toml need");
}

#[test]
fn attention_is_causal_and_sums_to_one() {
    let model = train(&small());
    let tokens = text(6);
    let layers = lm_attention_maps(&model, &tokens).unwrap();
    assert_eq!((layers.len(), layers[0].len()), (2, 2));
    for rows in layers.iter().flatten() {
        for (place, row) in rows.iter().enumerate() {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-5);
            assert!(row[place + 1..].iter().all(|&share| share == 0.0));
        }
    }
    let message = lm_attention_maps(&model, &text(9)).unwrap_err().to_string();
    assert!(message.contains("from 1 to 8"), "{message}");
    assert!(lm_attention_maps(&model, &[99]).is_err());
}
