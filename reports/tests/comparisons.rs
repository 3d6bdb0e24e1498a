//! The answer of a report where words are unknown, and where time was short.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod fixture;

use std::fs;
use std::path::Path;

use harness::{CurvePoint, EntryId, EntryRecord, Run, State};
use reports::{Experiments, write_report};

const KNESER_NEY: (u16, &str, &str) = (2007, "ngram", "kneser-ney");
const CACHE: (u16, &str, &str) = (2007, "ngram", "kneser-ney-cache");
const LSTM: (u16, &str, &str) = (2014, "seq2seq", "lstm");
const UNIGRAM: (u16, &str, &str) = (1948, "baselines", "unigram");

fn id((year, era, variant): (u16, &str, &str)) -> EntryId {
    EntryId::language_model(year, era, variant)
}

fn finish(run: &Run, record: &EntryRecord, curve: &[CurvePoint]) {
    let entry = run.entry(&record.entry).unwrap();
    entry.write_evaluation(record, &[-1.0], &[]).unwrap();
    entry.write_curve(curve).unwrap();
    entry.set_state(&State::Done).unwrap();
}

/// The page's text up to its first table or chart, and the table of results.
fn report(folder: &Path, run: &Run) -> (String, String) {
    run.write_tables(&[], &[]).unwrap();
    let paths = write_report(folder, &Experiments::default()).unwrap();
    let page = fs::read_to_string(paths.page).unwrap();
    let answer = page.split("<p class=\"answer\">").nth(1).unwrap();
    let answer = answer.split("</p>").next().unwrap().to_owned();
    let results = folder.join("report/tables/results.csv");
    (answer, fs::read_to_string(results).unwrap())
}

/// A model with this perplexity on all words and on those that are known, where a share of all is unknown.
fn with_unknown(entry: (u16, &str, &str), [all, known]: [f64; 2], unknown: u64) -> EntryRecord {
    let mut record = fixture::evaluated(&id(entry), Some(all), None);
    record.evaluation.unknown = unknown;
    record.evaluation.perplexity_without_unk = Some(known);
    record
}

#[test]
fn guessing_unknown_words_does_not_win() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let run = fixture::begin(&folder, &[id(KNESER_NEY), id(CACHE)]);
    finish(&run, &with_unknown(KNESER_NEY, [130.0, 100.0], 24_557), &[]);
    finish(&run, &with_unknown(CACHE, [110.0, 102.0], 24_557), &[]);
    let (answer, results) = report(&folder, &run);
    assert!(
        answer.contains("ngram/kneser-ney has the lowest perplexity without &lt;unk&gt;: 100.0"),
        "{answer}"
    );
    assert!(
        answer.contains("10.0 % of the test tokens are words that are not in the vocabulary"),
        "{answer}"
    );
    assert!(
        answer.contains("with them it would be ngram/kneser-ney-cache, perplexity 110.0"),
        "{answer}"
    );
    assert!(
        answer.contains("say little about the whole text"),
        "{answer}"
    );
    assert!(
        results.starts_with("entry,year,without <unk>,on validation,perplexity,"),
        "{results}"
    );
    assert!(results.contains("ngram/kneser-ney,2007,100,"), "{results}");
    let chart = fs::read_to_string(folder.join("report/charts/perplexity.svg")).unwrap();
    assert!(
        chart.contains("perplexity without &lt;unk&gt;") && chart.contains("102.0"),
        "{chart}"
    );
}

#[test]
fn few_unknown_words_are_named_without_a_warning() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let run = fixture::begin(&folder, &[id(KNESER_NEY), id(CACHE)]);
    finish(&run, &with_unknown(KNESER_NEY, [130.0, 100.0], 2_456), &[]);
    finish(&run, &with_unknown(CACHE, [140.0, 102.0], 2_456), &[]);
    let (answer, _) = report(&folder, &run);
    assert!(answer.contains("1.0 % of the test tokens"), "{answer}");
    assert!(!answer.contains("with them it would be"), "{answer}");
    assert!(!answer.contains("say little"), "{answer}");
}

#[test]
fn a_network_that_was_short_of_time_is_named_and_so_is_why_it_is_behind() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let run = fixture::begin(&folder, &[id(UNIGRAM), id(KNESER_NEY), id(LSTM)]);
    let one_step = fixture::curve(1, 0.1, 100.0);
    for (entry, perplexity) in [(UNIGRAM, 500.0), (KNESER_NEY, 100.0)] {
        let record = fixture::evaluated(&id(entry), Some(perplexity), None);
        finish(&run, &record, &one_step);
    }
    // The curve falls by half with the last doubling.
    let record = fixture::evaluated(&id(LSTM), Some(700.0), None);
    finish(&run, &record, &fixture::curve(20, 10.0, 690.0));
    let (answer, results) = report(&folder, &run);
    let clause = "its validation perplexity was still falling by 51.9 % per doubling of the tokens";
    assert!(
        answer.contains("Undertrained when their budget ended")
            && answer.contains(&format!("seq2seq/lstm ({clause})")),
        "{answer}"
    );
    assert!(
        answer.contains("a budget of tokens=320000000 for each entry would suit"),
        "{answer}"
    );
    assert!(
        answer.contains(
            "seq2seq/lstm (2014) is behind ngram/kneser-ney (2007), which only counts, and even behind \
             baselines/unigram, because its budget was short"
        ),
        "{answer}"
    );
    assert!(
        answer.contains("2.4 passes over 2,088,628 tokens"),
        "{answer}"
    );
    assert!(
        results.contains("undertrained: falling by 51.9 % per doubling"),
        "{results}"
    );
}

#[test]
fn a_network_that_is_ahead_or_levelled_off_is_not_called_undertrained() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let run = fixture::begin(&folder, &[id(KNESER_NEY), id(LSTM)]);
    let record = fixture::evaluated(&id(KNESER_NEY), Some(100.0), None);
    finish(&run, &record, &fixture::curve(1, 0.1, 100.0));
    let mut level = fixture::curve(20, 10.0, 90.0);
    let loss = 90_f64.ln();
    for point in &mut level[4..] {
        point.valid_log_prob = Some(-loss);
    }
    let ahead = fixture::evaluated(&id(LSTM), Some(90.0), None);
    finish(&run, &ahead, &level);
    let (answer, _) = report(&folder, &run);
    assert!(!answer.contains("ndertrained"), "{answer}");
    assert!(!answer.contains("is behind"), "{answer}");
    let behind = fixture::evaluated(&id(LSTM), Some(120.0), None);
    finish(&run, &behind, &level);
    let (answer, _) = report(&folder, &run);
    assert!(
        answer.contains("this text gives it no more, whatever the time: its validation perplexity no longer fell"),
        "{answer}"
    );
}
