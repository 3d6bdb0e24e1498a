//! CBOW as a language model.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;
use std::time::Duration;

use harness::checks::check_language_model;
use harness::{Budget, CurvePoint, LanguageModel, Progress, Silent, Training};
use word2vec::{CbowLm, LmConfig};

/// A text in which each token has two successors, so that the preceding token is informative.
fn text(length: usize) -> Vec<u32> {
    let mut state = 7_u64;
    let mut token = 0_u32;
    (0..length)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            token = (token * 5 + 3 + (state >> 40) as u32 % 2) % 23;
            token
        })
        .collect()
}

fn train(config: &LmConfig, tokens: &[u32]) -> CbowLm {
    let mut silent = Silent;
    config
        .train(tokens, 25, &mut Training::new(&mut silent))
        .unwrap()
}

fn small() -> LmConfig {
    LmConfig {
        dimension: 20,
        window: 1,
        ..LmConfig::default()
    }
}

#[test]
fn the_properties_of_a_language_model_hold() {
    let model = train(
        &LmConfig {
            window: 3,
            ..small()
        },
        &text(2_000),
    );
    assert_eq!(check_language_model(&model, &text(60)), Ok(()));
    // Two tokens do not occur in training, but have a positive probability.
    let unseen = model.next(&[1]).unwrap();
    assert!(unseen.iter().all(|log_prob| log_prob.is_finite()));
}

#[test]
fn a_word_predicts_the_next() {
    let (train_text, test) = (text(20_000), &text(21_000)[20_000..]);
    let perplexity = |model: &CbowLm| {
        let scores = model.score(test).unwrap();
        (-scores.iter().sum::<f64>() / scores.len() as f64).exp()
    };
    let model = train(&small(), &train_text);
    // 23 tokens, each with two successors.
    assert!(perplexity(&model) < 2.2, "{}", perplexity(&model));
    let hasty = train(
        &LmConfig {
            epochs: 0.05,
            ..small()
        },
        &train_text,
    );
    assert!(perplexity(&hasty) > perplexity(&model));
}

/// Records the validation curve.
#[derive(Default)]
struct Curve(Vec<f64>);

impl Progress for Curve {
    fn point(&mut self, point: &CurvePoint) {
        self.0.extend(point.valid_log_prob);
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

#[test]
fn training_with_a_long_time_budget_stops_before_overfitting() {
    // With so little text and so long a context, the model overfits.
    let (train_text, validation) = (text(400), text(1_400)[400..].to_vec());
    let mut curve = Curve::default();
    let mut training = Training {
        budget: Budget::Time(Duration::from_secs(86_400)),
        validation: validation.clone(),
        ..Training::new(&mut curve)
    };
    let config = LmConfig {
        window: 4,
        ..small()
    };
    let model = config.train(&train_text[..], 25, &mut training).unwrap();
    let scores = model.score(&validation).unwrap();
    let own = scores.iter().sum::<f64>() / scores.len() as f64;
    let best = curve.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let last = curve.0[curve.0.len() - 1];
    assert!(best > curve.0[0] + 0.1 && best > last, "{:?}", curve.0);
    assert!((own - best).abs() < 1e-9, "{own} {best}");
}

#[test]
fn models_can_be_saved_and_opened_and_training_is_reproducible() {
    let tokens = text(3_000);
    let model = train(&small(), &tokens);
    let folder = tempfile::tempdir().unwrap();
    model.save(folder.path(), "checksum").unwrap();
    let opened = CbowLm::open(folder.path()).unwrap();
    let scores = model.score(&tokens).unwrap();
    assert_eq!(opened.score(&tokens).unwrap(), scores);
    assert_eq!(train(&small(), &tokens).score(&tokens).unwrap(), scores);

    let path = folder.path().join("weights.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        // Damage is an error or changes scores, but must not cause a panic.
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        std::fs::write(&path, &damaged).unwrap();
        if let Ok(model) = CbowLm::open(folder.path()) {
            assert_eq!(model.score(&tokens).unwrap().len(), tokens.len());
        }
    }
}

#[test]
fn impossible_counts_are_rejected() {
    let model = train(&small(), &text(3_000));
    let folder = tempfile::tempdir().unwrap();
    model.save(folder.path(), "checksum").unwrap();
    let path = folder.path().join("weights.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let place = json["counts"]["data_offsets"].as_array().unwrap();
    let [from, to] = [0, 1].map(|at| place[at].as_u64().unwrap() as usize + 8 + header);
    // Their sums would overflow, and the tree would be as deep as the vocabulary is large.
    for count in bytes[from..to].as_chunks_mut::<8>().0 {
        *count = (1_u64 << 63).to_le_bytes();
    }
    std::fs::write(&path, &bytes).unwrap();
    let message = CbowLm::open(folder.path()).unwrap_err().to_string();
    assert!(message.contains("impossible counts"), "{message}");
}

#[test]
fn errors_name_settings_out_of_bounds() {
    let mut silent = Silent;
    for (field, config) in [
        (
            "dimension",
            LmConfig {
                dimension: 0,
                ..small()
            },
        ),
        (
            "window",
            LmConfig {
                window: 0,
                ..small()
            },
        ),
        (
            "learning_rate",
            LmConfig {
                learning_rate: f64::NAN,
                ..small()
            },
        ),
        (
            "epochs",
            LmConfig {
                epochs: 0.0,
                ..small()
            },
        ),
    ] {
        let error = config
            .train(&[1_u32, 2][..], 25, &mut Training::new(&mut silent))
            .unwrap_err();
        assert!(error.to_string().starts_with(field), "{error}");
    }
}
