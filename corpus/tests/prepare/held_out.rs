//! Held-out splits hold their share of a text, whatever its documents.

use std::collections::BTreeSet;

use corpus::{Corpus, DocumentRule, Settings, Split};

use crate::{Place, documents, held_out_shares, lines, text_of, tokenized_as};

/// A book as it is typed: a title, and chapters that differ in length, each below a heading.
fn book(chapters: usize) -> String {
    let chapter = |number: usize| {
        let line = |at: usize| {
            format!("line {at} of chapter {number}, which goes on and on for a while\n")
        };
        let lines: String = (0..30 + 17 * number % 60).map(line).collect();
        format!("CHAPTER {number}\n\n{lines}\n")
    };
    let chapters: String = (1..=chapters).map(chapter).collect();
    format!("THE BOOK\n\nBY NOBODY\n\n{chapters}")
}

fn prepared(place: &Place, settings: &Settings) -> Corpus {
    let corpora = place.corpora().join("corpus");
    if corpora.exists() {
        std::fs::remove_dir_all(corpora).unwrap();
    }
    place.prepare(settings).unwrap()
}

fn seeded(seed: u64) -> Settings {
    Settings {
        seed,
        ..tokenized_as("words")
    }
}

fn assert_shares(corpus: &Corpus, what: &str) {
    for share in held_out_shares(corpus) {
        assert!((0.045..0.055).contains(&share), "{what}: {share}");
    }
}

#[test]
fn a_book_is_cut_at_its_lines() {
    let text = book(24);
    let place = Place::with(&[("book.txt", &text)]);
    let mut tests = BTreeSet::new();
    for seed in 1..=8 {
        let corpus = prepared(&place, &seeded(seed));
        assert_shares(&corpus, &format!("seed {seed}"));
        let texts = Split::ALL.map(|split| text_of(&corpus, split));
        // Every line is in one split, with the blank lines that follow it.
        let mut drawn: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
        let mut expected: Vec<&str> = text.lines().collect();
        drawn.sort_unstable();
        expected.sort_unstable();
        assert_eq!(drawn, expected);
        for text in &texts {
            let filled: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            for pair in filled.windows(2) {
                if let Some(number) = pair[0].strip_prefix("CHAPTER ") {
                    let first = format!("line 0 of chapter {number},");
                    assert!(pair[1].starts_with(&first), "{pair:?}");
                }
            }
        }
        tests.insert(texts);
    }
    assert_eq!(tests.len(), 8, "each seed has a split of its own");
    let again = prepared(&place, &seeded(1));
    assert!(tests.contains(&Split::ALL.map(|split| text_of(&again, split))));
}

#[test]
fn a_text_without_paragraphs_is_split() {
    let text: String = "the same words in every line of a very long chapter\n".repeat(400);
    let text = format!("A TITLE\n\n{text}");
    let place = Place::with(&[("a.txt", &text)]);
    assert_shares(&prepared(&place, &seeded(1)), "one chapter");
    // The shortest text that can be split has a line for each split.
    let place = Place::with(&[("a.txt", "one\ntwo\n\nthree\n")]);
    let corpus = prepared(&place, &seeded(1));
    assert_eq!(
        Split::ALL.map(|split| corpus.record.splits[&split].documents),
        [1, 1, 1]
    );
}

#[test]
fn documents_that_are_asked_for_are_never_cut() {
    let text = book(24);
    let place = Place::with(&[("book.txt", &text)]);
    let settings = Settings {
        documents: DocumentRule::BlankLines,
        ..tokenized_as("bytes")
    };
    let corpus = prepared(&place, &settings);
    let mut drawn: Vec<String> = Split::ALL
        .iter()
        .flat_map(|&split| documents(&corpus, split))
        .collect();
    drawn.sort();
    assert_eq!(drawn.len(), 2 + 2 * 24);
    assert_eq!(drawn.concat().len(), text.len());
    let chapter = |document: &&String| document.starts_with("line 0 of");
    assert_eq!(drawn.iter().filter(chapter).count(), 24);
}

#[test]
fn many_documents_of_all_sizes_stay_whole() {
    // From one line to 97.
    let document =
        |number: usize| format!("= Title {number} =\n{}", lines(0..1 + 37 * number % 97));
    let expected: BTreeSet<String> = (0..600).map(document).collect();
    let text: String = (0..600).map(document).collect();
    let place = Place::with(&[("a.txt", &text)]);
    for seed in 1..=3 {
        let settings = Settings {
            seed,
            ..tokenized_as("bytes")
        };
        let corpus = prepared(&place, &settings);
        assert_shares(&corpus, &format!("seed {seed}"));
        let drawn: BTreeSet<String> = Split::ALL
            .iter()
            .flat_map(|&split| documents(&corpus, split))
            .collect();
        assert!(drawn == expected, "seed {seed}");
    }
}

#[test]
fn files_of_different_lengths_stay_whole() {
    let place = Place::new();
    for number in 0..90 {
        let text = lines(0..20 + 7 * number % 40);
        place.write(&format!("{number:02}.txt"), text);
    }
    let corpus = prepared(&place, &tokenized_as("words"));
    assert_shares(&corpus, "files");
    let documents = Split::ALL.map(|split| corpus.record.splits[&split].documents);
    assert_eq!(documents.iter().sum::<u64>(), 90);
}

#[test]
fn the_draw_goes_on_after_the_pool() {
    let text = lines(0..50_000);
    let place = Place::with(&[("a.txt", &text)]);
    let corpus = prepared(&place, &tokenized_as("words"));
    let counts = Split::ALL.map(|split| corpus.record.splits[&split].documents);
    assert_eq!(counts, [45_000, 2_500, 2_500]);
    // More text does not change the splits of what is there.
    let longer = Place::with(&[("a.txt", &lines(0..60_000))]);
    let longer = prepared(&longer, &tokenized_as("words"));
    for split in [Split::Valid, Split::Test] {
        assert!(text_of(&longer, split).starts_with(&text_of(&corpus, split)));
    }
}

#[test]
fn small_splits_are_named() {
    let place = Place::with(&[("a.txt", &lines(0..400))]);
    let corpus = prepared(&place, &tokenized_as("words"));
    let small: Vec<Split> = corpus
        .record
        .small_splits()
        .iter()
        .map(|small| small.split)
        .collect();
    assert_eq!(small, [Split::Valid, Split::Test]);
    let place = Place::with(&[("a.txt", &lines(0..4_000))]);
    let corpus = prepared(&place, &tokenized_as("words"));
    assert!(corpus.record.small_splits().is_empty());
}
