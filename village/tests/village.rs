//! Tests of the public API: prepared corpora, scores of the oracle, and errors.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use corpus::{Corpus, OnExisting, Source, Split, Watch, read_minimal_pairs};
use harness::checks::check_language_model;
use harness::{LanguageModel, Protocol, TestSet, evaluate, judge_minimal_pairs};
use proptest::prelude::*;
use village::{
    ANALOGIES, Error, MINIMAL_PAIRS, Oracle, Phenomenon, SIMILARITIES, Settings, Shares, Village,
};

fn tiny() -> Settings {
    Settings {
        tokens: 60_000,
        held_out: 12_000,
        pairs: 400,
        ..Settings::small()
    }
}

fn prepare(settings: &Settings, folder: &Path) -> Corpus {
    let village = Village::new(settings).unwrap();
    village
        .prepare(
            &folder.join("village"),
            OnExisting::Refuse,
            &mut Watch::silent(),
        )
        .unwrap()
}

fn oracle(corpus: &Corpus) -> Oracle {
    Oracle::new(Village::of(corpus).unwrap(), corpus.vocab()).unwrap()
}

#[test]
fn the_seed_determines_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let checksums: Vec<String> = [(1, "a"), (1, "b"), (2, "c")]
        .map(|(seed, name)| {
            let settings = Settings { seed, ..tiny() };
            prepare(&settings, &folder.path().join(name)).content_checksum()
        })
        .to_vec();
    assert_eq!(checksums[0], checksums[1]);
    assert_ne!(checksums[0], checksums[2]);
}

#[test]
fn the_oracle_passes_the_audit_and_finds_nothing_impossible() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let oracle = oracle(&corpus);
    let set = TestSet::of(&corpus, Split::Test).unwrap();
    let evaluated = evaluate(&oracle, &set, Protocol::default()).unwrap();
    assert_eq!(evaluated.evaluation.audit.fault, None);
    for split in Split::ALL {
        let tokens = corpus.split(split).unwrap().to_vec();
        assert_eq!(oracle.first_impossible(&tokens).unwrap(), None, "{split}");
    }
}

#[test]
fn the_oracle_has_the_properties_of_a_language_model() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let tokens = corpus.split(Split::Test).unwrap().read(0..300);
    check_language_model(&oracle(&corpus), &tokens).unwrap();
}

#[test]
fn cross_entropy_agrees_with_entropy() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(
        &Settings {
            tokens: 300_000,
            ..tiny()
        },
        folder.path(),
    );
    let tokens = corpus.split(Split::Train).unwrap().to_vec();
    let floor = oracle(&corpus).floor(&tokens).unwrap();
    assert_eq!(floor.all.tokens, tokens.len() as u64);
    for (name, entropy) in [("all", floor.all)].into_iter().chain(
        floor
            .by_phenomenon
            .iter()
            .map(|(phenomenon, entropy)| (phenomenon.name(), *entropy)),
    ) {
        let difference = (entropy.cross_entropy - entropy.entropy).abs();
        assert!(
            difference <= 4.0 * entropy.standard_error + 1e-12,
            "{name}: {entropy:?}"
        );
    }
}

#[test]
fn every_phenomenon_has_its_share_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(
        &Settings {
            tokens: 1_000_000,
            ..tiny()
        },
        folder.path(),
    );
    let tags = corpus.tags(Split::Train).unwrap().unwrap();
    let share = |index: usize| {
        let tagged = tags.iter().filter(|&&tag| usize::from(tag) == index);
        100.0 * tagged.count() as f64 / tags.len() as f64
    };
    let shares: Vec<(Phenomenon, f64)> = Phenomenon::ALL
        .into_iter()
        .enumerate()
        .map(|(index, phenomenon)| (phenomenon, share(index)))
        .collect();
    // Facts of the world are rare by design.
    let is_rare = |&(phenomenon, share): &(Phenomenon, f64)| {
        share
            < if phenomenon == Phenomenon::World {
                0.5
            } else {
                3.0
            }
    };
    assert!(!shares.iter().any(is_rare), "{shares:?}");
}

#[test]
fn impossible_words_are_located() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let oracle = oracle(&corpus);
    let mut tokens = corpus.split(Split::Test).unwrap().read(0..200);
    let unk = corpus.vocab().unk().unwrap();
    tokens[120] = unk;
    assert_eq!(oracle.first_impossible(&tokens).unwrap(), Some(120));
    let scores = oracle.score(&tokens).unwrap();
    assert_eq!(scores[120], f64::NEG_INFINITY);
    assert!(scores[..120].iter().all(|score| score.is_finite()));
    let foreign = corpus
        .codec()
        .encode("zyx the the\n\n\nhello hello\n")
        .unwrap();
    assert_eq!(oracle.first_impossible(&foreign).unwrap(), Some(0));
    check_language_model(&oracle, &foreign).unwrap();
    assert!(oracle.score(&[corpus.vocab().pad()]).is_err());
}

#[test]
fn dialogues_have_4_to_14_turns_of_two_speakers() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let (stream, turns) = (
        corpus.split(Split::Train).unwrap(),
        corpus.turns(Split::Train).unwrap(),
    );
    let mut conversations = 0;
    for document in &stream.documents {
        let own: Vec<u32> = turns
            .iter()
            .filter(|turn| turn.start >= document.start && turn.end <= document.end)
            .map(|turn| turn.label)
            .collect();
        if !own.is_empty() {
            conversations += 1;
            assert!((4..=14).contains(&own.len()), "{} turns", own.len());
            assert!(
                own.iter()
                    .enumerate()
                    .all(|(turn, &speaker)| speaker as usize == turn % 2)
            );
        }
    }
    assert!(conversations > 20);
}

#[test]
fn pairs_are_split_without_repetition_or_unknown_words() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let (source, target) = corpus.pairs().unwrap();
    let mut seen = HashSet::new();
    for split in Split::ALL {
        let (english, umric) = (source.split(split).unwrap(), target.split(split).unwrap());
        assert_eq!(english.documents.len(), umric.documents.len());
        assert_eq!((english.record.unknown, umric.record.unknown), (0, 0));
        for sentence in &english.documents {
            assert!(
                seen.insert(english.read(sentence.range())),
                "a sentence is repeated"
            );
        }
    }
    assert_eq!(seen.len(), 400);
}

#[test]
fn every_word_of_the_word_tests_is_in_the_vocabulary() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let read = |name: &str| fs::read_to_string(corpus.test_file(name).unwrap()).unwrap();
    let mut categories = 0;
    for line in read(ANALOGIES).lines() {
        if line.starts_with(": ") {
            categories += 1;
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words.len(), 4, "{line}");
        assert!(
            words.iter().all(|word| corpus.vocab().id(word).is_some()),
            "{line}"
        );
    }
    assert_eq!(categories, 5);
    for line in read(SIMILARITIES).lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        assert!(
            fields[..2]
                .iter()
                .all(|word| corpus.vocab().id(word).is_some()),
            "{line}"
        );
        assert!(
            (0.0..=10.0).contains(&fields[2].parse::<f64>().unwrap()),
            "{line}"
        );
    }
}

#[test]
fn the_oracle_finds_every_minimal_pair() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(&tiny(), folder.path());
    let path = corpus.test_file(MINIMAL_PAIRS).unwrap();
    let pairs = read_minimal_pairs(&Source::find(path.to_str().unwrap()).unwrap()).unwrap();
    let judged = judge_minimal_pairs(&oracle(&corpus), corpus.codec(), &pairs).unwrap();
    assert_eq!((judged.accuracy, judged.pairs_with_unknown), (1.0, 0));
    // All phenomena except `free`.
    assert_eq!(judged.by_phenomenon.len(), Phenomenon::ALL.len() - 1);
    assert!(pairs.len() >= 850, "{}", pairs.len());
}

#[test]
fn errors_name_settings_out_of_bounds() {
    let shares = |change: fn(&mut Shares)| {
        let mut settings = tiny();
        change(&mut settings.shares);
        settings
    };
    let cases = [
        (
            Settings {
                tokens: 0,
                ..tiny()
            },
            "tokens = 0",
        ),
        (
            Settings {
                held_out: 0,
                ..tiny()
            },
            "held_out = 0",
        ),
        (
            Settings {
                tokens: u64::MAX,
                ..tiny()
            },
            "tokens",
        ),
        (Settings { pairs: 7, ..tiny() }, "pairs = 7"),
        (
            Settings {
                seed: u64::MAX,
                ..tiny()
            },
            "seed",
        ),
        (
            Settings {
                conversations: 1.5,
                ..tiny()
            },
            "conversations = 1.5",
        ),
        (
            Settings {
                recall_to: 301,
                ..tiny()
            },
            "recall_to = 301",
        ),
        (
            Settings {
                turns_from: 3,
                ..tiny()
            },
            "turns_from = 3",
        ),
        (
            Settings {
                words_per_class: 2,
                ..tiny()
            },
            "words_per_class = 2",
        ),
        (shares(|shares| shares.recall = -1.0), "shares.recall = -1"),
        (shares(|shares| shares.sum = f64::NAN), "shares.sum = NaN"),
        (
            Settings {
                shares: Shares::NONE,
                ..tiny()
            },
            "shares = 0",
        ),
    ];
    for (settings, expected) in cases {
        let error = Village::new(&settings).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

/// A fact may move out of the recall distance within its own sentence when no other sentence is possible.
#[test]
fn stories_with_recalls_only_are_generated() {
    let folder = tempfile::tempdir().unwrap();
    let shares = Shares {
        local: 1.0,
        recall: 0.05,
        ..Shares::NONE
    };
    let settings = Settings {
        tokens: 200_000,
        conversations: 0.0,
        shares,
        ..tiny()
    };
    prepare(&settings, folder.path());
}

#[test]
fn no_document_is_in_two_splits() {
    let folder = tempfile::tempdir().unwrap();
    // With few words and short dialogues, documents repeat.
    let settings = Settings {
        conversations: 1.0,
        shares: Shares {
            local: 1.0,
            ..Shares::NONE
        },
        turns_to: 4,
        words_per_class: 3,
        ..tiny()
    };
    let corpus = prepare(&settings, folder.path());
    let documents = |split| {
        let stream = corpus.split(split).unwrap();
        let read = |span: &corpus::Span| stream.read(span.range());
        stream.documents.iter().map(read).collect::<HashSet<_>>()
    };
    let [train, valid, test] = [Split::Train, Split::Valid, Split::Test].map(documents);
    assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test));
}

#[test]
fn unknown_phenomena_are_rejected_with_a_list_of_the_known_ones() {
    let settings: Result<Settings, _> = toml::from_str("[shares]\nmagic = 1.0\n");
    let error = settings.unwrap_err().to_string();
    assert!(
        error.contains("magic") && error.contains("agreement"),
        "{error}"
    );
}

#[test]
fn a_corpus_of_another_generator_or_version_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let mut corpus = prepare(&tiny(), folder.path());
    corpus.record.generator.as_mut().unwrap().version += 1;
    assert!(
        matches!(Village::of(&corpus), Err(Error::Foreign { what, .. }) if what.contains("prepare it again"))
    );
    corpus.record.generator = None;
    assert!(matches!(Village::of(&corpus), Err(Error::Foreign { .. })));
}

/// The floor must be far below what a short context can predict.
#[test]
fn a_5_gram_stays_far_above_the_floor() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = prepare(
        &Settings {
            tokens: 300_000,
            ..tiny()
        },
        folder.path(),
    );
    let tokens = corpus.split(Split::Train).unwrap().to_vec();
    let training = &mut harness::Silent;
    let model = ngram::Config::default()
        .train(
            &tokens,
            corpus.vocab().len(),
            corpus.vocab().eos(),
            &mut harness::Training::new(training),
        )
        .unwrap();
    let set = TestSet::of(&corpus, Split::Test).unwrap();
    let floor = evaluate(&oracle(&corpus), &set, Protocol::default()).unwrap();
    let ngram = evaluate(&model, &set, Protocol::default()).unwrap();
    let [floor, ngram] = [floor, ngram].map(|evaluated| evaluated.evaluation.perplexity.unwrap());
    assert!(ngram > 1.25 * floor, "{ngram} and {floor}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// All weights give possible texts, including weights of 0.
    #[test]
    fn any_shares_generate_texts_of_nonzero_probability(
        weights in prop::array::uniform9(prop_oneof![Just(0.0), 0.1..9.0]),
        conversations in prop_oneof![Just(0.0), Just(1.0), 0.0..1.0],
        words_per_class in prop_oneof![Just(0usize), 3..9usize],
        recall_from in 5..100usize,
        seed in 0..1000u64,
    ) {
        let [local, class, world, agreement, state, recall, reply, sum, free] = weights;
        prop_assume!(weights.iter().sum::<f64>() > 0.0);
        let shares = Shares { local, class, world, agreement, state, recall, reply, sum, free };
        let settings = Settings {
            tokens: 3_000, held_out: 1_000, pairs: 0, recall_to: recall_from + 50,
            seed, conversations, shares, words_per_class, recall_from, ..tiny()
        };
        let folder = tempfile::tempdir().unwrap();
        let corpus = prepare(&settings, folder.path());
        let oracle = oracle(&corpus);
        let tokens = corpus.split(Split::Train).unwrap().to_vec();
        prop_assert_eq!(oracle.first_impossible(&tokens).unwrap(), None);
        let next = oracle.next(&tokens[..tokens.len() / 2]).unwrap();
        let sum: f64 = next.iter().map(|log_prob| log_prob.exp()).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
    }
}
