//! The parallel trainer: results, reproducibility, budgets and errors.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;
use std::time::Duration;

use corpus::Vocab;
use harness::{Budget, CurvePoint, Progress, Silent, Training};
use word2vec::{Architecture, Config, Error, Model};

const TOPICS: u32 = 4;
const WORDS_PER_TOPIC: u32 = 8;

/// Lines with words of a single topic; the words of topic t are `t_0`, `t_1`, …
fn text(lines: u32) -> (Vocab, Vec<u32>) {
    let names: Vec<String> = (0..TOPICS * WORDS_PER_TOPIC)
        .map(|word| format!("{}_{}", word / WORDS_PER_TOPIC, word % WORDS_PER_TOPIC))
        .collect();
    let names = ["<eos>"]
        .into_iter()
        .chain(names.iter().map(String::as_str));
    let mut state = 1_u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let mut tokens = Vec::new();
    for _ in 0..lines {
        let topic = draw(TOPICS);
        let words = (0..9).map(|_| 1 + topic * WORDS_PER_TOPIC + draw(WORDS_PER_TOPIC));
        tokens.extend(words.chain([0]));
    }
    (Vocab::new(names).unwrap(), tokens)
}

fn small() -> Config {
    Config {
        dimension: 20,
        window: 3,
        subsample: 0.0,
        min_count: 1,
        learning_rate: 0.1,
        epochs: 3.0,
        ..Config::default()
    }
}

fn train(config: &Config, vocab: &Vocab, tokens: &[u32]) -> Result<Model, Error> {
    config.train(tokens, vocab, &mut Training::new(&mut Silent))
}

#[test]
fn words_of_a_topic_are_neighbours_in_every_configuration() {
    let (vocab, tokens) = text(3_000);
    for architecture in [Architecture::SkipGram, Architecture::Cbow] {
        for (negative, hierarchical_softmax) in [(5, false), (9, false), (0, true), (3, true)] {
            for threads in [1, 2] {
                let config = Config {
                    architecture,
                    negative,
                    hierarchical_softmax,
                    threads,
                    ..small()
                };
                let model = train(&config, &vocab, &tokens).unwrap();
                let vectors = model.vectors();
                assert_eq!(vectors.len() as u32, TOPICS * WORDS_PER_TOPIC);
                for word in vectors.words() {
                    let near = vectors
                        .analogous(&[word], &[], WORDS_PER_TOPIC as usize - 1)
                        .unwrap();
                    let alike = near
                        .iter()
                        .filter(|(other, _)| other[..2] == word[..2])
                        .count();
                    assert_eq!(alike, near.len(), "{config:?}: {word}: {near:?}");
                }
            }
        }
    }
}

#[test]
fn one_thread_and_the_same_seed_give_the_same_bytes() {
    let (vocab, tokens) = text(300);
    let config = Config {
        threads: 1,
        subsample: 1e-2,
        epochs: 2.5,
        ..small()
    };
    let values = |seed: u64| {
        let mut silent = Silent;
        let mut training = Training {
            seed,
            ..Training::new(&mut silent)
        };
        config
            .train(&tokens, &vocab, &mut training)
            .unwrap()
            .vectors()
            .values()
            .to_vec()
    };
    assert_eq!(values(1), values(1));
    assert_ne!(values(1), values(2));
}

#[test]
fn models_can_be_saved_and_opened() {
    let (vocab, tokens) = text(300);
    let model = train(&small(), &vocab, &tokens).unwrap();
    let folder = tempfile::tempdir().unwrap();
    model.save(folder.path(), "checksum", vocab.len()).unwrap();
    let opened = Model::open(folder.path()).unwrap();
    assert_eq!(opened.vectors().values(), model.vectors().values());
    assert_eq!(opened.vectors().words(), model.vectors().words());
    assert_eq!(opened.config(), model.config());
    let path = folder.path().join("vectors.bin");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 7]).unwrap();
    let error = Model::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("vectors.bin") && error.contains("train the model again"),
        "{error}"
    );
}

/// Records the learning curve and interrupts training if `stop` is set.
#[derive(Default)]
struct CurveRecorder {
    points: Vec<CurvePoint>,
    stop: bool,
}

impl Progress for CurveRecorder {
    fn point(&mut self, point: &CurvePoint) {
        self.points.push(point.clone());
    }

    fn tick(&mut self, what: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        match self.stop && what == "training" {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

#[test]
fn a_budget_is_kept() {
    let (vocab, tokens) = text(3_000);
    for (budget, expected) in [
        (Budget::Tokens(10_000), 10_000),
        (Budget::Epochs(0.5), 15_000),
        (Budget::Epochs(2.5), 75_000),
        (Budget::EraDefault, 90_000),
    ] {
        let mut recorder = CurveRecorder::default();
        let mut training = Training {
            budget,
            ..Training::new(&mut recorder)
        };
        small().train(&tokens, &vocab, &mut training).unwrap();
        let read = recorder.points.last().unwrap().tokens;
        assert!(read.abs_diff(expected) <= 2, "{budget}: {read}");
    }
    let mut recorder = CurveRecorder::default();
    let budget = Budget::Time(Duration::from_millis(300));
    let mut training = Training {
        budget,
        ..Training::new(&mut recorder)
    };
    small().train(&tokens, &vocab, &mut training).unwrap();
    assert!(recorder.points.last().unwrap().seconds >= 0.3);
    let losses: Vec<f64> = recorder
        .points
        .iter()
        .filter_map(|point| point.train_loss)
        .collect();
    assert!(
        losses.len() > 1 && losses[losses.len() - 1] < losses[0],
        "{losses:?}"
    );
    assert!(recorder.points.is_sorted_by(|a, b| a.flops <= b.flops));
}

#[test]
fn an_interruption_stops_training() {
    let (vocab, tokens) = text(3_000);
    let mut recorder = CurveRecorder {
        stop: true,
        ..CurveRecorder::default()
    };
    let config = Config {
        epochs: 1e6,
        ..small()
    };
    let error = config
        .train(&tokens, &vocab, &mut Training::new(&mut recorder))
        .unwrap_err();
    assert!(
        matches!(error, Error::Harness(harness::Error::Interrupted)),
        "{error}"
    );
}

#[test]
fn invalid_input_is_rejected() {
    let (vocab, tokens) = text(300);
    let refused =
        |config: Config, tokens: &[u32]| train(&config, &vocab, tokens).unwrap_err().to_string();
    let error = refused(
        Config {
            min_count: 1_000,
            ..small()
        },
        &tokens,
    );
    assert!(
        error.starts_with("0 words occur 1000 times or more, at least 10"),
        "{error}"
    );
    let error = refused(small(), &[]);
    assert!(error.starts_with("0 words"), "{error}");
    let error = refused(
        Config {
            threads: 301,
            ..small()
        },
        &tokens,
    );
    assert!(
        error.starts_with("threads = 301: must be at most 300"),
        "{error}"
    );
    let error = refused(
        Config {
            learning_rate: 1e30,
            ..small()
        },
        &tokens,
    );
    assert!(
        error.contains("no longer finite") && error.contains("learning_rate"),
        "{error}"
    );
    let error = refused(
        Config {
            dimension: 0,
            ..small()
        },
        &tokens,
    );
    assert!(error.starts_with("dimension = 0"), "{error}");
}
