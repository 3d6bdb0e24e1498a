//! Scores, counts, discounts and ARPA files compared with KenLM's. `golden/kenlm.py` makes the reference values.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use corpus::Vocab;
use harness::{LanguageModel, Silent, Training};
use ngram::{Config, Error, Model, Smoothing, TokenScore, arpa};
use serde::Deserialize;

const TEXT: &str = include_str!("golden/kenlm.txt");
const FULL: &str = include_str!("golden/kenlm.arpa");
const PRUNED: &str = include_str!("golden/kenlm_pruned.arpa");

#[derive(Deserialize)]
struct Golden {
    order: usize,
    full: Part,
    pruned: Part,
}

#[derive(Deserialize)]
struct Part {
    counts: Vec<u64>,
    discounts: Vec<[f64; 3]>,
    /// Word, log10 p, order of the longest matching n-gram, whether the word is out of vocabulary.
    sentences: Vec<Vec<(String, f64, usize, bool)>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/kenlm.json")).unwrap()
}

fn import(text: &str) -> Result<arpa::Imported, Error> {
    arpa::read(Path::new("file.arpa"), &mut text.as_bytes(), None)
}

/// Kneser-Ney trained on the same text as KenLM.
fn train(cutoffs: Vec<u64>) -> (Model, Vocab) {
    let mut counts = BTreeMap::<&str, usize>::new();
    TEXT.split_whitespace()
        .for_each(|word| *counts.entry(word).or_default() += 1);
    let mut words: Vec<&str> = counts.keys().copied().collect();
    words.sort_by_key(|word| std::cmp::Reverse(counts[word]));
    let vocab = Vocab::new(["<eos>", "<unk>"].into_iter().chain(words)).unwrap();
    let tokens: Vec<u32> = TEXT
        .lines()
        .flat_map(|line| line.split_whitespace().chain(["<eos>"]))
        .map(|word| vocab.id(word).unwrap())
        .collect();
    let config = Config {
        smoothing: Smoothing::KneserNey,
        order: golden().order,
        cutoffs,
        ..Config::default()
    };
    let mut silent = Silent;
    let model = config
        .train(
            &tokens,
            vocab.len(),
            vocab.eos(),
            &mut Training::new(&mut silent),
        )
        .unwrap();
    (model, vocab)
}

fn assert_scores(model: &Model, vocab: &Vocab, part: &Part) {
    let mut scored = 0;
    for sentence in &part.sentences {
        let ids = sentence.iter().map(|(word, ..)| match word.as_str() {
            "</s>" => vocab.eos(),
            word => vocab.id(word).or(vocab.unk()).unwrap(),
        });
        let ids: Vec<u32> = ids.collect();
        let mut scores: Vec<TokenScore> = Vec::new();
        model
            .query(&ids, &mut |_, score| scores.push(score))
            .unwrap();
        for ((word, log10, matched, is_unknown), score) in sentence.iter().zip(&scores) {
            let got = score.log_prob / std::f64::consts::LN_10;
            assert!(
                (got - log10).abs() < 1e-5,
                "{word}: {got}, KenLM says {log10}"
            );
            // KenLM reports no match for <unk>.
            assert!(
                *is_unknown || score.matched == *matched,
                "{word}: {} {matched}",
                score.matched
            );
            scored += 1;
        }
        // Scoring all tokens at once gives the same values.
        assert_eq!(
            model.score(&ids).unwrap(),
            scores
                .iter()
                .map(|score| score.log_prob)
                .collect::<Vec<f64>>()
        );
    }
    assert!(scored > 100);
}

#[test]
fn training_yields_the_model_of_kenlm() {
    let golden = golden();
    for (part, cutoffs) in [(&golden.full, vec![]), (&golden.pruned, vec![1, 1, 2])] {
        let (model, vocab) = train(cutoffs);
        let mut counts = model.store().header.ngrams.clone();
        // KenLM also counts <unk>, which does not occur.
        counts[0] += 1;
        assert_eq!(counts, part.counts);
        for (got, reference) in model.discounts().unwrap().iter().zip(&part.discounts) {
            for (got, reference) in got.0.iter().zip(reference) {
                assert!((got - reference).abs() < 1e-5, "{got} {reference}");
            }
        }
        assert_scores(&model, &vocab, part);
    }
}

#[test]
fn an_imported_model_scores_like_kenlm_and_its_distributions_sum_to_one() {
    let golden = golden();
    for (text, part) in [(FULL, &golden.full), (PRUNED, &golden.pruned)] {
        let imported = import(text).unwrap();
        assert_eq!(imported.model.store().header.ngrams, part.counts);
        assert_scores(&imported.model, &imported.vocab, part);
        for length in 0..3 {
            let context: Vec<u32> = (5..5 + length).collect();
            let sum: f64 = imported
                .model
                .next(&context)
                .unwrap()
                .iter()
                .map(|log_prob| log_prob.exp())
                .sum();
            // The values in the file have seven digits.
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        }
    }
}

/// The n-grams of an ARPA file with log10 p and backoff weight.
fn ngrams(text: &str) -> BTreeMap<&str, (f64, f64)> {
    let lines = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<&str>>());
    let ngrams = lines.filter(|fields| fields.len() > 1).map(|fields| {
        let backoff = fields.get(2).map_or(0.0, |field| field.parse().unwrap());
        (fields[1], (fields[0].parse().unwrap(), backoff))
    });
    ngrams.collect()
}

#[test]
fn an_exported_model_equals_the_file_of_kenlm_and_can_be_imported() {
    for (reference, cutoffs) in [(FULL, vec![]), (PRUNED, vec![1, 1, 2])] {
        let (model, vocab) = train(cutoffs);
        let mut written = Vec::new();
        arpa::write(&model, &vocab, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        let (got, reference) = (ngrams(&written), ngrams(reference));
        assert_eq!(
            got.keys().collect::<Vec<_>>(),
            reference.keys().collect::<Vec<_>>()
        );
        for (words, (log_prob, backoff)) in &got {
            let (expected, expected_backoff) = reference[words];
            assert!(
                *words == "<s>" || (log_prob - expected).abs() < 1e-5,
                "{words}: {log_prob} {expected}"
            );
            assert!(
                (backoff - expected_backoff).abs() < 1e-5,
                "{words}: {backoff} {expected_backoff}"
            );
        }
        let again = import(&written).unwrap();
        let mut rewritten = Vec::new();
        arpa::write(&again.model, &again.vocab, &mut rewritten).unwrap();
        assert_eq!(
            ngrams(&written),
            ngrams(std::str::from_utf8(&rewritten).unwrap())
        );
    }
}

#[test]
fn an_imported_model_can_be_saved_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let imported = arpa::read(
        Path::new("file.arpa"),
        &mut FULL.as_bytes(),
        Some(folder.path()),
    )
    .unwrap();
    imported.model.save(folder.path(), "checksum").unwrap();
    let again = Model::open(folder.path()).unwrap();
    assert_scores(&again, &imported.vocab, &golden().full);
}

#[test]
fn malformed_files_are_rejected_with_the_line() {
    let replaced = |from: &str, to: &str| {
        assert!(FULL.contains(from), "{from}");
        FULL.replacen(from, to, 1)
    };
    let bigram = FULL
        .lines()
        .skip_while(|line| *line != "\\2-grams:")
        .nth(1)
        .unwrap();
    let trigram = FULL
        .lines()
        .skip_while(|line| *line != "\\3-grams:")
        .nth(1)
        .unwrap();
    let (count, eos_line) = (
        golden().full.counts[1],
        FULL.lines().find(|line| line.contains("\t</s>\t")).unwrap(),
    );
    let without_line = |line: &str, order: usize| {
        let count = golden().full.counts[order - 1];
        replaced(&format!("{line}\n"), "").replacen(
            &format!("ngram {order}={count}"),
            &format!("ngram {order}={}", count - 1),
            1,
        )
    };
    let words = |line: &str| line.split('\t').nth(1).unwrap().to_owned();
    // No other n-gram can end with the beginning of a sentence.
    let first = FULL
        .lines()
        .find(|line| line.contains("\t<s> ") && words(line).split(' ').count() == 3)
        .unwrap();
    let start = words(first).rsplit_once(' ').unwrap().0.to_owned();
    let context = FULL
        .lines()
        .find(|line| line.contains(&format!("\t{start}\t")))
        .unwrap();
    for (text, expected) in [
        (
            String::new(),
            "line 1: the file ends where \\data\\ should come",
        ),
        (
            replaced("\\data\\", "\\date\\"),
            "the file ends where \\data\\ should come",
        ),
        (
            replaced("\\2-grams:", "\\4-grams:"),
            "expected \\2-grams:, found \\4-grams:",
        ),
        (
            replaced(&format!("ngram 2={count}"), "ngram 2=many"),
            "expected ngram 2=NUMBER",
        ),
        (
            replaced(
                &format!("ngram 2={count}"),
                &format!("ngram 2={}", count + 1),
            ),
            "fewer than the announced",
        ),
        (
            replaced(
                &format!("ngram 2={count}"),
                &format!("ngram 2={}", count - 1),
            ),
            "more than the announced",
        ),
        (
            replaced("\\end\\", ""),
            "the file ends where \\end\\ should come",
        ),
        (replaced(bigram, "x\ty z\t0"), "x is not a number"),
        (
            replaced(bigram, "-1.5\ty"),
            "2 words and perhaps a weight, with tabs or spaces between",
        ),
        (replaced(bigram, "0.5\ta b\t0"), "is above 0"),
        (
            replaced(bigram, "-1\tnobody nowhere\t0"),
            "nobody is not a unigram",
        ),
        (
            replaced(
                trigram,
                &trigram.replace(
                    &words(trigram),
                    &words(
                        FULL.lines()
                            .skip_while(|line| *line != "\\3-grams:")
                            .nth(2)
                            .unwrap(),
                    ),
                ),
            ),
            "is listed twice",
        ),
        (
            replaced(bigram, &"a ".repeat(1 << 20)),
            "a line of more than 1048576 bytes",
        ),
        (without_line(eos_line, 1), "there is no unigram </s>"),
        (without_line(context, 2), "is listed, but"),
        (FULL[..FULL.len() / 2].to_owned(), "line"),
    ] {
        let error = import(&text).map(|_| expected).unwrap_err().to_string();
        assert!(
            error.starts_with("file.arpa, line ") && error.contains(expected),
            "{error} / {expected}"
        );
    }
    let (model, vocab) = train(vec![]);
    let other = Vocab::new(["<eos>", "a"].into_iter()).unwrap();
    assert!(
        arpa::write(&model, &other, &mut Vec::new())
            .unwrap_err()
            .to_string()
            .starts_with("vocabulary")
    );
    let mut silent = Silent;
    let scores = Config::default()
        .train(&[1, 0, 1], 3, 0, &mut Training::new(&mut silent))
        .unwrap();
    let error = arpa::write(&scores, &vocab, &mut Vec::new())
        .unwrap_err()
        .to_string();
    assert!(error.contains("kneser-ney"), "{error}");
}
