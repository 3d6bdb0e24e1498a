//! The models compared with a direct implementation of their definitions, and the properties of `harness::checks`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod reference;

use harness::checks::{Property, check_language_model};
use harness::{LanguageModel, Silent, Training};
use ngram::{Config, Contexts, Model, NgramNode, Scores, Smoothing, Storage, Store};
use proptest::prelude::*;
use reference::ReferenceModel;
use std::collections::BTreeMap;

/// The end of a line.
const EOS: u32 = 0;

fn train(config: &Config, tokens: &[u32], vocab_size: usize) -> Model {
    config
        .train(tokens, vocab_size, EOS, &mut Training::new(&mut Silent))
        .unwrap()
}

fn contexts() -> impl Strategy<Value = Contexts> {
    prop_oneof![Just(Contexts::Line), Just(Contexts::Stream)]
}

/// All n-grams of a store with their counts.
fn collect(
    store: &Store,
    ngram: NgramNode,
    words: &mut Vec<u32>,
    counts: &mut BTreeMap<Vec<u32>, u64>,
) {
    store.followers(ngram, &mut |token, follower| {
        words.push(token);
        assert_eq!(store.follower(ngram, token), Some(follower));
        counts.insert(words.clone(), follower.payload + 1);
        collect(store, follower, words, counts);
        words.pop();
    });
}

#[test]
fn models_with_quantised_counts_are_distributions_close_to_the_exact_ones() {
    // Few words are frequent, many are rare.
    let text: Vec<u32> = (0_u32..20_000)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 16) % 60)
        .map(|draw| draw * draw / 60)
        .collect();
    for smoothing in [Smoothing::StupidBackoff, Smoothing::KneserNey] {
        let config = |quantise| Config {
            smoothing,
            quantise,
            order: 3,
            discount_fallback: true,
            ..Config::default()
        };
        let exact = train(&config(0), &text, 60);
        let mut differences = Vec::new();
        for bits in [8, 4] {
            let rounded = train(&config(bits), &text, 60);
            assert_eq!(rounded.store().header.levels.len(), 1 << bits);
            for context in text.chunks(3).take(200) {
                let sum: f64 = rounded
                    .next(context)
                    .unwrap()
                    .iter()
                    .map(|ln| ln.exp())
                    .sum();
                assert!((sum - 1.0).abs() < 1e-9, "{bits} bits, {context:?}: {sum}");
            }
            let (a, b) = (exact.score(&text).unwrap(), rounded.score(&text).unwrap());
            let difference = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f64>();
            differences.push(difference / text.len() as f64);
        }
        let [eight, four] = differences[..] else {
            unreachable!()
        };
        assert!(0.0 < eight && eight < four && four < 0.2, "{eight} {four}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn counts_equal_those_of_the_reference(
        text in prop::collection::vec(0_u32..5, 1..80), order in 1_usize..=6, contexts in contexts(),
        cutoff in 1_u64..3, last in 0_u64..3,
    ) {
        let cutoffs = if order > 1 { vec![1, cutoff, cutoff + last][..order.min(3)].to_vec() } else { vec![] };
        let config = Config { order, contexts, cutoffs: cutoffs.clone(), ..Config::default() };
        let model = train(&config, &text, 5);
        let mut counts = BTreeMap::new();
        collect(model.store(), model.store().root(), &mut Vec::new(), &mut counts);
        let reference = ReferenceModel::new(&text, 5, &config);
        let min_count = |length: usize| cutoffs.get(length - 1).or(cutoffs.last()).copied().unwrap_or(1);
        let expected: BTreeMap<Vec<u32>, u64> =
            reference.counts.into_iter().filter(|(words, count)| *count >= min_count(words.len())).collect();
        prop_assert_eq!(&counts, &expected);
        let mut of_order = vec![0; order];
        counts.keys().for_each(|words| of_order[words.len() - 1] += 1);
        prop_assert_eq!(&model.store().header.ngrams, &of_order);
    }

    #[test]
    fn scores_equal_those_of_the_definition(
        text in prop::collection::vec(0_u32..4, 1..40),
        context in prop::collection::vec(0_u32..5, 0..6),
        order in 1_usize..=5,
        alpha in 0.05_f64..1.0,
        contexts in contexts(),
    ) {
        let config = Config { order, alpha, contexts, scores: Scores::Raw, ..Config::default() };
        let model = train(&config, &text, 5);
        let reference = ReferenceModel::new(&text, 5, &config);
        let known = reference.context(&context);
        for token in 0..5 {
            let expected = reference.stupid_backoff(&known, token);
            let got = model.stupid_backoff(&context, token).unwrap();
            prop_assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
    }

    #[test]
    fn probabilities_are_scores_divided_by_their_sum(
        text in prop::collection::vec(0_u32..4, 1..40),
        context in prop::collection::vec(0_u32..5, 0..6),
        order in 1_usize..=5,
        contexts in contexts(),
    ) {
        let model = train(&Config { order, contexts, ..Config::default() }, &text, 5);
        let scores: Vec<f64> = (0..5).map(|token| model.stupid_backoff(&context, token).unwrap()).collect();
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
        contexts in contexts(),
        cached: bool,
    ) {
        let config = Config { order, contexts, cache: if cached { 0.2 } else { 0.0 }, half_life: 5.0, ..Config::default() };
        let model = train(&config, &text, 8);
        prop_assert_eq!(check_language_model(&model, &stream), Ok(()));
    }
}

/// A text of dependent words with a skewed distribution of frequencies.
fn zipf(seed: u64, length: usize, types: u32) -> Vec<u32> {
    let mut state = seed | 1;
    let mut draw = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut previous = 0;
    (0..length)
        .map(|_| {
            let word = ((f64::from(types) + 1.0).powf(draw()) - 1.0) as u32;
            previous = if draw() < 0.5 {
                (previous * 7 + 3) % types
            } else {
                word.min(types - 1)
            };
            previous
        })
        .collect()
}

#[test]
fn kneser_ney_equals_its_definition() {
    let (line, stream) = (Contexts::Line, Contexts::Stream);
    for (order, contexts, cutoffs) in [
        (1, line, vec![]),
        (2, stream, vec![]),
        (3, line, vec![]),
        (5, line, vec![]),
        (3, line, vec![1, 1, 2]),
        (4, stream, vec![1, 2]),
    ] {
        let text = zipf(order as u64, 20_000, 3_000);
        let config = Config {
            smoothing: Smoothing::KneserNey,
            order,
            contexts,
            cutoffs,
            ..Config::default()
        };
        let model = train(&config, &text, 3_001);
        let reference = ReferenceModel::new(&text, 3_001, &config);
        for at in [0, 7, 333, 19_999] {
            let context = &text[at / 2..at];
            let next = model.next(context).unwrap();
            let known = reference.context(context);
            for token in [0, 1, 50, 3_000, text[at]] {
                let (got, expected) = (
                    next[token as usize].exp(),
                    reference.kneser_ney(&known, token),
                );
                assert!(
                    (got - expected).abs() < 1e-12,
                    "{config:?} {token}: {got} {expected}"
                );
            }
        }
    }
}

#[test]
fn the_properties_hold_for_kneser_ney_too() {
    let text = zipf(7, 20_000, 2_000);
    for contexts in [Contexts::Line, Contexts::Stream] {
        for cache in [0.0, 0.3] {
            let config = Config {
                smoothing: Smoothing::KneserNey,
                contexts,
                cache,
                ..Config::default()
            };
            let model = train(&config, &text, 2_000);
            assert_eq!(check_language_model(&model, &zipf(8, 60, 2_000)), Ok(()));
        }
    }
}

#[test]
fn renormalised_scores_are_raw_ones_over_their_brute_force_sum_at_a_thousand_contexts() {
    let text = zipf(11, 30_000, 700);
    let model = train(&Config::default(), &text, 700);
    for at in 0..1_000 {
        let context = &text[at * 7..at * 7 + at % 6];
        let scores: Vec<f64> = (0..700)
            .map(|token| model.stupid_backoff(context, token).unwrap())
            .collect();
        let sum: f64 = scores.iter().sum();
        for (log_prob, score) in model.next(context).unwrap().iter().zip(&scores) {
            assert!((log_prob.exp() - score / sum).abs() < 1e-9, "{context:?}");
        }
    }
}

#[test]
fn a_memory_limit_does_not_change_the_bytes() {
    let text = zipf(3, 2_000_000, 50_000);
    for smoothing in [Smoothing::StupidBackoff, Smoothing::KneserNey] {
        let config = Config {
            smoothing,
            ..Config::default()
        };
        let (unlimited, limited) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, memory) in [(&unlimited, None), (&limited, Some(64 << 20))] {
            let storage = Storage {
                folder: Some(folder.path().to_path_buf()),
                memory,
            };
            let mut silent = Silent;
            let model = config
                .train_in(
                    &storage,
                    &text,
                    50_000,
                    EOS,
                    &mut Training::new(&mut silent),
                )
                .unwrap();
            model.save(folder.path(), "checksum").unwrap();
        }
        for name in ["ngrams.fst", "store.toml"] {
            assert_eq!(
                std::fs::read(unlimited.path().join(name)).unwrap(),
                std::fs::read(limited.path().join(name)).unwrap(),
                "{name}"
            );
        }
        let left: Vec<_> = std::fs::read_dir(limited.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(
            left.iter()
                .all(|name| !name.to_string_lossy().starts_with('.')),
            "{left:?}"
        );
    }
}

#[test]
fn raw_scores_fail_the_check_of_distributions() {
    let config = Config {
        scores: Scores::Raw,
        ..Config::default()
    };
    let model = train(&config, &[1, 2, 3, 1, 2, 4], 5);
    let violation = check_language_model(&model, &[1, 2, 3, 4]).unwrap_err();
    assert_eq!(violation.property, Property::SumsToOne);
}

#[test]
fn models_can_be_reopened_and_damage_is_reported() {
    for smoothing in [Smoothing::StupidBackoff, Smoothing::KneserNey] {
        let folder = tempfile::tempdir().unwrap();
        let text = zipf(5, 20_000, 2_000);
        let model = train(
            &Config {
                smoothing,
                ..Config::default()
            },
            &text,
            2_000,
        );
        model.save(folder.path(), "checksum").unwrap();
        let again = Model::open(folder.path()).unwrap();
        assert_eq!(again.score(&text).unwrap(), model.score(&text).unwrap());

        // An inconsistent header.
        let path = folder.path().join("store.toml");
        let header = std::fs::read_to_string(&path).unwrap();
        let zeros = header.replacen("ngrams = [", "ngrams = [0, ", 1);
        for damaged in [header.replacen("eos = 0", "eos = 9999", 1), zeros] {
            assert_ne!(damaged, header);
            std::fs::write(&path, damaged).unwrap();
            let error = Model::open(folder.path()).unwrap_err().to_string();
            assert!(error.contains("store.toml"), "{error}");
        }
        std::fs::write(&path, header).unwrap();

        let path = folder.path().join("ngrams.fst");
        let bytes = std::fs::read(&path).unwrap();
        drop(again);
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let error = Model::open(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("ngrams.fst") && error.contains("train the model again"),
            "{error}"
        );
        // Damage that keeps the length may change scores, but must not cause a panic.
        for at in (20..bytes.len()).step_by(bytes.len() / 200) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xFF;
            std::fs::write(&path, damaged).unwrap();
            if let Ok(model) = Model::open(folder.path()) {
                model.score(&text[..200]).unwrap();
                model.next(&text[..10]).unwrap();
                let card = harness::ModelCard::open(folder.path()).unwrap();
                assert!(
                    card.verify(folder.path())
                        .unwrap_err()
                        .to_string()
                        .contains("ngrams.fst")
                );
            }
        }
    }
}

#[test]
fn an_open_model_survives_changes_of_its_files() {
    use std::io::{Seek, SeekFrom, Write};
    for smoothing in [Smoothing::StupidBackoff, Smoothing::KneserNey] {
        let folder = tempfile::tempdir().unwrap();
        let text = zipf(7, 20_000, 2_000);
        let config = Config {
            smoothing,
            ..Config::default()
        };
        let trained = train(&config, &text, 2_000);
        trained.save(folder.path(), "checksum").unwrap();
        for name in ["ngrams.fst", "contexts.u32"] {
            let path = folder.path().join(name);
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            let model = Model::open(folder.path()).unwrap();
            let mut file = std::fs::File::options().write(true).open(&path).unwrap();
            let mut write = |at: usize, bytes: &[u8]| {
                file.seek(SeekFrom::Start(at as u64)).unwrap();
                file.write_all(bytes).unwrap();
            };
            // Nothing is checked again as a whole, but each address is checked where it is used.
            for at in (0..bytes.len()).step_by(bytes.len() / 100) {
                let end = bytes.len().min(at + 64);
                write(at, &vec![0xFF; end - at]);
                assert_eq!(model.score(&text[..200]).unwrap().len(), 200);
                model.next(&text[..10]).unwrap();
                write(at, &bytes[at..end]);
            }
            assert_eq!(
                model.score(&text[..200]).unwrap(),
                trained.score(&text[..200]).unwrap()
            );
        }
    }
}

#[test]
fn invalid_input_is_an_error_not_a_panic() {
    let model = train(&Config::default(), &[1, 2, 3, 0], 4);
    assert!(model.score(&[0, 4]).is_err());
    assert!(model.next(&[9]).is_err());
    assert!(model.stupid_backoff(&[4], 0).is_err());
    let mut silent = Silent;
    let empty = Config::default().train(&[], 3, EOS, &mut Training::new(&mut silent));
    assert!(empty.unwrap_err().to_string().contains("no token"));
    let kneser_ney = Config {
        smoothing: Smoothing::KneserNey,
        ..Config::default()
    };
    let error = kneser_ney
        .train(&[1, 1, 1, 1, 0], 3, EOS, &mut Training::new(&mut silent))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("1-grams") && error.contains("discount_fallback"),
        "{error}"
    );
    let tiny = Config {
        discount_fallback: true,
        ..kneser_ney
    };
    let model = train(&tiny, &[1, 1, 2, 1, 0, 2, 1, 0], 4);
    assert_eq!(model.discounts().unwrap()[4].0, [0.5, 1.0, 1.5]);
    assert_eq!(check_language_model(&model, &[1, 2, 0, 3]), Ok(()));
    let storage = Storage {
        folder: None,
        memory: Some(1),
    };
    let error = Config::default()
        .train_in(&storage, &[1], 3, EOS, &mut Training::new(&mut silent))
        .unwrap_err();
    assert!(error.to_string().starts_with("memory"), "{error}");
}

#[test]
fn a_token_budget_trains_on_the_beginning_of_the_text() {
    let text = [0, 1, 0, 1, 2, 2, 2];
    let mut silent = Silent;
    let mut training = Training {
        budget: "tokens=4".parse().unwrap(),
        ..Training::new(&mut silent)
    };
    let model = Config::default()
        .train(&text, 3, EOS, &mut training)
        .unwrap();
    let expected = train(&Config::default(), &text[..4], 3);
    assert_eq!(model.score(&text).unwrap(), expected.score(&text).unwrap());
}
