//! How texts are split: by file names, at random, or not at all; and where documents end.

use std::collections::BTreeSet;

use corpus::{Corpus, DocumentRule, Error, Settings, Split, SplitRule};

use crate::{Place, documents, lines, plain, text_of, tokenized_as};

fn splits(corpus: &Corpus) -> Vec<Split> {
    corpus.record.splits.keys().copied().collect()
}

#[test]
fn file_names_determine_the_split() {
    let place = Place::with(&[
        ("wiki.train.tokens", "a b\nc\n"),
        ("wiki.valid.tokens", "b\n"),
        ("wiki.test.tokens", "c d\n"),
    ]);
    let corpus = place.prepare(&tokenized_as("whitespace")).unwrap();
    assert_eq!(text_of(&corpus, Split::Train), "a b\nc\n");
    assert_eq!(text_of(&corpus, Split::Valid), "b\n");
    assert_eq!(text_of(&corpus, Split::Test), "c d\n");
    // `d` is not in the vocabulary, which is counted on `train`.
    let test = corpus.split(Split::Test).unwrap();
    assert_eq!((test.record.unknown, test.record.out_of_vocabulary), (1, 1));
}

#[test]
fn with_train_and_dev_files_the_valid_split_is_drawn_from_train() {
    let (train, dev) = (lines(0..100), lines(100..110));
    let place = Place::with(&[("train.txt", &train), ("dev.txt", &dev)]);
    let corpus = place.prepare(&tokenized_as("words")).unwrap();
    assert_eq!(text_of(&corpus, Split::Test), dev);
    let records = &corpus.record.splits;
    assert_eq!(
        (records[&Split::Train].lines, records[&Split::Valid].lines),
        (95, 5)
    );
    let mut all: Vec<String> = [Split::Train, Split::Valid]
        .iter()
        .flat_map(|&split| {
            text_of(&corpus, split)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 100);
}

#[test]
fn a_random_split_depends_on_the_seed_only() {
    let place = Place::with(&[("a.txt", &lines(0..200))]);
    let draw = |seed| {
        let settings = Settings {
            split: SplitRule::Random,
            seed,
            ..tokenized_as("words")
        };
        let corpus = place.prepare(&settings).unwrap();
        let texts = Split::ALL.map(|split| text_of(&corpus, split));
        std::fs::remove_dir_all(corpus.folder()).unwrap();
        texts
    };
    let first = draw(1);
    assert_eq!(draw(1), first);
    assert_ne!(draw(2), first);
    assert_eq!(
        first.each_ref().map(|text| text.lines().count()),
        [180, 10, 10]
    );
    // Every line occurs exactly once, and each split keeps the order of the text.
    let whole: BTreeSet<String> = lines(0..200).lines().map(str::to_owned).collect();
    let drawn: BTreeSet<String> = first
        .iter()
        .flat_map(|text| text.lines().map(str::to_owned))
        .collect();
    assert_eq!(drawn, whole);
    let numbers: Vec<usize> = first[0]
        .lines()
        .map(|line| line.split(' ').nth(1).unwrap().parse().unwrap())
        .collect();
    assert!(numbers.is_sorted());
}

#[test]
fn random_splits_ignore_file_names() {
    let place = Place::with(&[("train.txt", &lines(0..20)), ("test.txt", &lines(20..40))]);
    let settings = Settings {
        split: SplitRule::Random,
        ..tokenized_as("words")
    };
    let corpus = place.prepare(&settings).unwrap();
    let counts = Split::ALL.map(|split| corpus.record.splits[&split].lines);
    assert_eq!(counts, [36, 2, 2]);
}

#[test]
fn without_splits_everything_is_for_training() {
    let place = Place::with(&[
        ("train.txt", "a\n"),
        ("valid.txt", "b\n"),
        ("test.txt", "c\n"),
    ]);
    let corpus = place.prepare(&plain()).unwrap();
    assert_eq!(splits(&corpus), [Split::Train]);
    // In the order of the file names.
    assert_eq!(text_of(&corpus, Split::Train), "c\na\nb\n");
    assert!(matches!(
        corpus.split(Split::Test),
        Err(Error::NoPart { .. })
    ));
}

#[test]
fn documents_are_never_split() {
    let document = |n: usize| format!(" = Title {n} = \n\nfirst of {n}\n\nlast of {n}\n\n");
    let text: String = (0..60).map(document).collect();
    let place = Place::with(&[("a.txt", &text)]);
    let corpus = place.prepare(&tokenized_as("chars")).unwrap();
    let mut all: Vec<String> = Split::ALL
        .iter()
        .flat_map(|&split| documents(&corpus, split))
        .collect();
    let mut expected: Vec<String> = (0..60).map(document).collect();
    all.sort();
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn each_rule_finds_its_documents() {
    let place = Place::with(&[("a.txt", "= A =\nx\n\ny\n"), ("b.txt", "z\n= B =\nw\n")]);
    for (rule, expected) in [
        (
            DocumentRule::Files,
            vec!["= A =\nx\n\ny\n", "z\n= B =\nw\n"],
        ),
        (
            DocumentRule::Headings,
            vec!["= A =\nx\n\ny\n", "z\n", "= B =\nw\n"],
        ),
        (
            DocumentRule::BlankLines,
            vec!["= A =\nx\n\n", "y\n", "z\n= B =\nw\n"],
        ),
        (
            DocumentRule::Lines,
            vec!["= A =\n", "x\n\n", "y\n", "z\n", "= B =\n", "w\n"],
        ),
    ] {
        let settings = Settings {
            documents: rule,
            ..plain()
        };
        let corpus = place.prepare(&settings).unwrap();
        assert_eq!(documents(&corpus, Split::Train), expected, "{rule:?}");
        std::fs::remove_dir_all(corpus.folder()).unwrap();
    }
}
