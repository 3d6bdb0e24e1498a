//! A trained translator, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use corpus::{Corpus, OnExisting, Settings, Source, Watch};
use harness::{Budget, Silent, Training, Translator as _};
use neural::{BeamConfig, EncoderDecoder as _, NBest as _, PairBatch, Schedule, TrainingConfig};
use tch::{Device, Tensor};
use transformer::{Config, Ensemble, Norm, Positions, Translator, attention_maps};

/// Digits and their translation in reversed order; a 7 is doubled.
fn pair(number: u32) -> (String, String) {
    let digits = number.to_string();
    let source = digits.chars().map(|digit| format!("a{digit}"));
    let target = digits.chars().rev().map(|digit| match digit {
        '7' => "b7 b7".to_owned(),
        digit => format!("b{digit}"),
    });
    let join = |words: Vec<String>| words.join(" ");
    (join(source.collect()), join(target.collect()))
}

fn corpus(folder: &Path) -> (Corpus, Corpus) {
    let file = folder.join("pairs.tsv");
    let lines: Vec<String> = (0..700)
        .map(|number| pair(number * 7 % 1_000))
        .map(|(source, target)| format!("{source}\t{target}\n"))
        .collect();
    fs::write(&file, lines.concat()).unwrap();
    let source = Source::find(file.to_str().unwrap()).unwrap();
    let target = folder.join("numbers");
    let settings = Settings::default();
    let prepared = corpus::prepare(
        &source,
        &target,
        &settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    );
    prepared.unwrap().pairs().unwrap()
}

/// The paper's layers at small sizes.
fn small() -> Config {
    Config {
        d_model: 32,
        num_heads: 4,
        d_ff: 64,
        max_length: 12,
        dropout: 0.0,
        label_smoothing: 0.0,
        batch_tokens: 128,
        training: TrainingConfig {
            learning_rate: 5e-3,
            warmup_steps: 60,
            schedule: Schedule::Noam,
            ..Config::default().training
        },
        ..Config::default()
    }
}

fn train(config: &Config, (source, target): &(Corpus, Corpus), epochs: f64) -> Translator {
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.budget = Budget::Epochs(epochs);
    config.train(source, target, &mut training).unwrap()
}

#[test]
fn it_learns_to_translate_regardless_of_the_order_of_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let model = train(&small(), &corpus, 30.0);
    let examples: Vec<(String, String)> = (0..60).map(|number| pair(number * 16)).collect();
    let mut sources: Vec<&str> = examples.iter().map(|(source, _)| &source[..]).collect();
    let translated = model.translate(&sources).unwrap();
    let right = translated
        .iter()
        .zip(&examples)
        .filter(|(got, (_, target))| *got == target)
        .count();
    assert!(right >= 50, "{right} of 60, {translated:?}");
    for (source, together) in sources.iter().zip(&translated) {
        assert_eq!(&model.translate(&[source]).unwrap()[0], together);
    }
    sources.reverse();
    sources.insert(7, "");
    let mut again = model.translate(&sources).unwrap();
    assert_eq!(again.remove(7), "");
    again.reverse();
    assert_eq!(again, translated);
}

/// Whether all elements of two tensors are nearly equal.
fn nearly_equal(a: &Tensor, b: &Tensor) -> bool {
    (a - b).abs().max().double_value(&[]) < 1e-4
}

#[test]
fn neither_the_future_nor_padding_affects_hidden_states() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let pre = Config {
        norm: Norm::Pre,
        positions: Positions::Learned,
        ..small()
    };
    let rotary = Config {
        positions: Positions::Rotary,
        d_k: 6,
        ..small()
    };
    for config in [small(), pre, rotary] {
        let model = train(&config, &corpus, 1.0);
        model.with(|network, weights| {
            let hidden = |pairs: &[(&[u32], &[u32])]| {
                let batch = PairBatch::new(pairs, network.vocabs().target_eos(), Device::Cpu);
                network.forward(weights, &batch, neural::Mode::Eval)
            };
            let pairs: [(&[u32], &[u32]); 3] = [
                (&[3, 4, 5], &[5, 4, 3, 3]),
                (&[6], &[7]),
                (&[2, 2, 3, 4, 5, 6], &[3, 3]),
            ];
            let together = hidden(&pairs);
            let mut from = 0;
            for pair in pairs {
                let alone = hidden(&[pair]);
                let length = alone.size()[0];
                assert!(nearly_equal(&together.narrow(0, from, length), &alone));
                from += length;
            }
            let other = hidden(&[(&[3, 4, 5], &[5, 4, 6, 2])]);
            let first = hidden(&pairs[..1]);
            assert!(nearly_equal(&other.narrow(0, 0, 3), &first.narrow(0, 0, 3)));
            assert!(!nearly_equal(
                &other.narrow(0, 3, 1),
                &first.narrow(0, 3, 1)
            ));
        });
    }
}

#[test]
fn hypotheses_have_the_log_prob_of_their_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let model = train(&small(), &corpus, 3.0);
    let path = folder.path().join("model");
    fs::create_dir(&path).unwrap();
    model.save(&path).unwrap();
    let opened = Translator::open(&path).unwrap();
    assert_eq!(opened.config(), model.config());
    let open = |width: usize| {
        let folders = [path.clone()];
        let beam = |own: BeamConfig| BeamConfig {
            width,
            max_extra_tokens: 4,
            ..own
        };
        Ensemble::open(&folders, beam).unwrap()
    };
    let sources = ["a1 a2 a3", "a4", "a5 a5", "a9 a0 a1"];
    let wide = open(6);
    for (source, found) in sources.iter().zip(wide.n_best(&sources).unwrap()) {
        assert!(found.len() > 1);
        for (text, log_prob) in &found {
            // Hypotheses truncated at the maximum length lack the end token.
            let is_truncated = text.split(' ').count() > source.split(' ').count() + 4;
            let scored = wide.score_pairs(&[(source, text)]).unwrap()[0];
            assert!(
                (scored - log_prob).abs() < 1e-3 || is_truncated,
                "{text}: {scored} {log_prob}"
            );
        }
    }
    assert_eq!(
        opened.translate(&sources).unwrap(),
        model.translate(&sources).unwrap()
    );
}

#[test]
fn attention_maps_are_distributions() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let model = train(&small(), &corpus, 1.0);
    let (found, tokens) = attention_maps(&model, "a1 a2 a3", "b3 b2").unwrap();
    assert_eq!([tokens[0].len(), tokens[1].len()], [3, 2]);
    for (layers, [rows, columns]) in [
        (&found.encoder, [4, 4]),
        (&found.decoder, [3, 3]),
        (&found.cross, [3, 4]),
    ] {
        assert_eq!((layers.len(), layers[0].len()), (2, 4));
        for head in layers.iter().flatten() {
            assert_eq!((head.len(), head[0].len()), (rows, columns));
            for row in head {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-5);
            }
        }
    }
    assert!(found.decoder.iter().flatten().all(|head| head[0][1] == 0.0));
    let long = "b1 ".repeat(12);
    let message = attention_maps(&model, "a1", &long).unwrap_err().to_string();
    assert!(
        message.starts_with("target = ") && message.contains("fewer than 12"),
        "{message}"
    );
}

#[test]
fn a_source_above_the_maximum_length_is_rejected_with_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let model = train(&small(), &corpus, 1.0);
    assert_eq!(
        model.translate(&["a1 ".repeat(11).trim()]).unwrap().len(),
        1
    );
    let long = "a1 ".repeat(12);
    let message = model.translate(&["a1", long.trim()]).unwrap_err();
    let message = message.to_string();
    assert!(
        message.contains("sentence 2 of 12 tokens") && message.contains("fewer than 12"),
        "{message}"
    );
    let short = Config {
        max_length: 2,
        ..small()
    };
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.budget = Budget::Epochs(0.1);
    // Only numbers of one digit remain for training.
    assert!(short.train(&corpus.0, &corpus.1, &mut training).is_ok());
    let shorter = Config {
        max_length: 1,
        ..small()
    };
    assert!(shorter.train(&corpus.0, &corpus.1, &mut training).is_err());
}
