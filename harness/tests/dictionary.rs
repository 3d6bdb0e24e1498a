//! IBM Model 1 compared with the numbers of a textbook and with a brute-force implementation; the dictionary on disk.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;

use harness::{DictionaryConfig, NullWord, Result, SentencePair, Translator, WordByWord};
use proptest::prelude::*;

fn pairs(texts: &[(&str, &str)]) -> Vec<SentencePair> {
    let pair = |&(source, target): &(&str, &str)| SentencePair {
        source: source.to_owned(),
        target: target.to_owned(),
    };
    texts.iter().map(pair).collect()
}

/// Koehn 2010, figure 4.3.
const KOEHN: [(&str, &str); 3] = [
    ("das Haus", "the house"),
    ("das Buch", "the book"),
    ("ein Buch", "a book"),
];

fn config(iterations: u32, null_word: NullWord) -> DictionaryConfig {
    DictionaryConfig {
        iterations,
        null_word,
        least_probability: 0.0,
    }
}

fn probability(dictionary: &WordByWord, source: &str, target: &str) -> f64 {
    let translations = dictionary.translations(source).iter();
    let mut found = translations.filter(|translation| translation.0 == target);
    found.next().map_or(0.0, |translation| translation.1)
}

#[test]
fn three_iterations_match_the_textbook() {
    // Koehn 2010, figure 4.4: t(e | f) after 1, 2 and 3 iterations, without a NULL word.
    let published = [
        ("das", "the", [0.5, 0.6364, 0.7479]),
        ("das", "book", [0.25, 0.1818, 0.1208]),
        ("das", "house", [0.25, 0.1818, 0.1313]),
        ("Buch", "the", [0.25, 0.1818, 0.1208]),
        ("Buch", "book", [0.5, 0.6364, 0.7479]),
        ("Buch", "a", [0.25, 0.1818, 0.1313]),
        ("ein", "book", [0.5, 0.4286, 0.3466]),
        ("ein", "a", [0.5, 0.5714, 0.6534]),
        ("Haus", "the", [0.5, 0.4286, 0.3466]),
        ("Haus", "house", [0.5, 0.5714, 0.6534]),
    ];
    for iterations in 1..=3 {
        let config = config(iterations, NullWord::Without);
        let dictionary = config.train(&pairs(&KOEHN)).unwrap();
        for (source, target, expected) in published {
            let found = probability(&dictionary, source, target);
            let expected = expected[iterations as usize - 1];
            assert!((found - expected).abs() < 5e-5, "{source} {target} {found}");
        }
    }
}

/// A source word and the target word aligned to it.
type Link = (String, String);

/// All alignments of target words to source words.
fn alignments(source: &[&str], target: &[&str]) -> Vec<Vec<Link>> {
    let mut all = vec![Vec::new()];
    for word in target {
        let longer = |links: &Vec<Link>, from: &str| {
            let link = (from.to_owned(), (*word).to_owned());
            [&links[..], &[link]].concat()
        };
        let grown = |links| source.iter().map(move |from| longer(links, from));
        all = all.iter().flat_map(grown).collect();
    }
    all
}

/// Model 1 by its definition (Brown et al. 1993, eq. 12): a sum over all alignments.
fn brute_force(pairs: &[SentencePair], iterations: u32, null: NullWord) -> BTreeMap<Link, f64> {
    let mut t: BTreeMap<Link, f64> = BTreeMap::new();
    for _ in 0..iterations {
        let mut counts: BTreeMap<Link, f64> = BTreeMap::new();
        for pair in pairs {
            let mut source: Vec<&str> = pair.source.split(' ').collect();
            source.extend((null == NullWord::With).then_some(""));
            let target: Vec<&str> = pair.target.split(' ').collect();
            let all = alignments(&source, &target);
            let link = |link: &Link| t.get(link).copied().unwrap_or(1.0);
            let p = |links: &Vec<Link>| -> f64 { links.iter().map(link).product() };
            let sum: f64 = all.iter().map(p).sum();
            for links in &all {
                for link in links {
                    *counts.entry(link.clone()).or_default() += p(links) / sum;
                }
            }
        }
        t = normalised(counts);
    }
    t
}

/// Counts divided by their sum over all target words of the source word.
fn normalised(mut counts: BTreeMap<Link, f64>) -> BTreeMap<Link, f64> {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for ((source, _), count) in &counts {
        *sums.entry(source.clone()).or_default() += count;
    }
    for ((source, _), count) in &mut counts {
        *count /= sums[source];
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn summing_over_all_alignments_gives_the_same_probabilities(
        texts in prop::collection::vec(("[abc]( [abc]){0,3}", "[xyz]( [xyz]){0,3}"), 1..6),
        iterations in 1u32..5,
        with in any::<bool>(),
    ) {
        let texts: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let null_word = if with { NullWord::With } else { NullWord::Without };
        let pairs = pairs(&texts);
        let dictionary = config(iterations, null_word).train(&pairs).unwrap();
        for ((source, target), expected) in brute_force(&pairs, iterations, null_word) {
            if !source.is_empty() {
                let found = probability(&dictionary, &source, &target);
                prop_assert!((found - expected).abs() < 1e-9, "{source} {target} {found} {expected}");
            }
        }
    }
}

#[test]
fn words_are_translated_in_place_and_unknown_ones_copied() {
    let dictionary = DictionaryConfig::default().train(&pairs(&KOEHN)).unwrap();
    let sources = ["ein  Haus , das Buch", "", "Das haus"];
    assert_eq!(
        dictionary.translate(&sources).unwrap(),
        ["a house , the book", "", "Das haus"]
    );
    let refusal = dictionary.score_pairs(&[("das", "the")]).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "word by word: it gives no probabilities"
    );
    assert_eq!(dictionary.perplexity_tokens(&["the"]), None);
    assert!(dictionary.translations("Das").is_empty());
}

#[test]
fn improbable_translations_are_dropped_except_the_best() {
    let train = |least_probability| {
        let config = DictionaryConfig {
            least_probability,
            ..config(3, NullWord::Without)
        };
        config.train(&pairs(&KOEHN)).unwrap()
    };
    assert_eq!(train(0.0).len(), 10);
    assert_eq!(train(0.2).len(), 6);
    let best = train(0.9);
    assert_eq!(best.len(), 4);
    assert_eq!(best.translations("das")[0].0, "the");
    assert!(!best.is_empty());
}

#[test]
fn invalid_settings_and_unusable_pairs_are_rejected() {
    let message = |config: DictionaryConfig, texts: &[(&str, &str)]| {
        config.train(&pairs(texts)).unwrap_err().to_string()
    };
    let none = config(0, NullWord::With);
    assert_eq!(message(none, &KOEHN), "iterations = 0: must be at least 1");
    for least_probability in [-0.1, 1.0, f64::NAN] {
        let config = DictionaryConfig {
            least_probability,
            ..DictionaryConfig::default()
        };
        assert!(message(config, &KOEHN).contains("must be at least 0 and below 1"));
    }
    assert_eq!(
        message(DictionaryConfig::default(), &[("", "the"), ("das", " ")]),
        "pairs = 2: at least one must have words on both sides"
    );
}

fn opened(text: &[u8]) -> Result<WordByWord> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("dictionary.tsv"), text).unwrap();
    WordByWord::read(&folder.path().join("dictionary.tsv"))
}

#[test]
fn the_dictionary_round_trips_through_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let dictionary = DictionaryConfig::default().train(&pairs(&KOEHN)).unwrap();
    dictionary.save(folder.path()).unwrap();
    assert_eq!(
        WordByWord::read(&folder.path().join("dictionary.tsv")).unwrap(),
        dictionary
    );
    let text = fs::read_to_string(folder.path().join("dictionary.tsv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), dictionary.len());
    assert!(lines[0].starts_with("Buch\tbook\t0."), "{}", lines[0]);
    let by_hand = opened("b\ty\t0.25\r\nb\tx\t0.5\na\tz\t1\n".as_bytes()).unwrap();
    assert_eq!(by_hand.translate(&["a b c"]).unwrap(), ["z x c"]);
}

#[test]
fn errors_about_malformed_files_name_the_line() {
    for (line, expected) in [
        ("a\tb", "here are 2 fields"),
        ("a\tb\t0.5\t", "here are 4 fields"),
        ("", "here are 1 fields"),
        ("a\t\t0.5", "\"\" is not a word without spaces"),
        ("a b\tc\t0.5", "\"a b\" is not a word without spaces"),
        ("a\tb\thalf", "at most 1, here is \"half\""),
        ("a\tb\t0", "at most 1, here is \"0\""),
        ("a\tb\t1.5", "at most 1, here is \"1.5\""),
        ("a\tb\tNaN", "at most 1, here is \"NaN\""),
        (
            "das\tthe\t0.1",
            "\"das\" has the translation \"the\" already",
        ),
    ] {
        let text = format!("das\tthe\t0.75\n{line}\n");
        let message = opened(text.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("dictionary.tsv"), "{message}");
        assert!(
            message.contains("line 2") || message.contains(":2"),
            "{message}"
        );
        assert!(message.contains(expected), "{message}");
    }
    let message = |text: &[u8]| opened(text).unwrap_err().to_string();
    assert!(message(b"").contains("there is no entry in it"));
    assert!(message(b"a\tb\t0.75\na\tc\t0.5\n").contains("of \"a\" are 1.25 together"));
    assert!(message(b"a\t\xff\t0.5\n").contains("dictionary.tsv"));
    let nowhere = tempfile::tempdir().unwrap();
    let missing = WordByWord::read(&nowhere.path().join("dictionary.tsv")).unwrap_err();
    assert!(missing.to_string().contains("dictionary.tsv"));
}
