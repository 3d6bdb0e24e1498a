//! The translation track with stand-in translators; expected values are computed by hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::{
    BleuCase, BleuSettings, CopySource, Cost, CostRow, EntryId, Error, Result, SentencePair, Track,
    TrackResult, TranslationEvaluation, TranslationRecord, TranslationRow, Translator,
    judge_translation,
};

fn pair(source: &str, target: &str) -> SentencePair {
    SentencePair {
        source: source.to_owned(),
        target: target.to_owned(),
    }
}

/// Pairs with equal sides, of these numbers of words.
fn pairs(lengths: &[usize]) -> Vec<SentencePair> {
    let sentence = |length: usize| (0..length).map(|at| format!("w{at}")).collect::<Vec<_>>();
    let sentences = lengths.iter().map(|&length| sentence(length).join(" "));
    sentences.map(|text| pair(&text, &text)).collect()
}

/// The fault of a stand-in.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    ForgetsSentences,
    ForgetsScores,
    Impossible,
    NotANumber,
    AboveOne,
    NoTokens,
}

/// Copies the source, and assigns each word and each end of a sentence p = 1/4.
struct Scorer(Fault);

impl Translator for Scorer {
    fn translate(&self, sources: &[&str]) -> Result<Vec<String>> {
        let forgotten = usize::from(self.0 == Fault::ForgetsSentences);
        CopySource.translate(&sources[forgotten..])
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> Result<Vec<f64>> {
        let words = |target: &str| target.split_whitespace().count() as f64;
        let score = |(_, target): &(&str, &str)| match self.0 {
            Fault::Impossible => f64::NEG_INFINITY,
            Fault::NotANumber => f64::NAN,
            Fault::AboveOne => 0.001,
            _ => (words(target) + 1.0) * 0.25f64.ln(),
        };
        let forgotten = usize::from(self.0 == Fault::ForgetsScores);
        Ok(pairs.iter().skip(forgotten).map(score).collect())
    }

    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        let words = |target: &&str| target.split_whitespace().count() as u64 + 1;
        match self.0 {
            Fault::NoTokens => Some(0),
            _ => Some(targets.iter().map(words).sum()),
        }
    }
}

fn evaluated(fault: Fault, pairs: &[SentencePair]) -> Result<TranslationEvaluation> {
    let outcome = judge_translation(&Scorer(fault), pairs, BleuSettings::default())?;
    Ok(outcome.evaluation)
}

#[test]
fn copying_is_rewarded_for_shared_words() {
    let pairs = [
        pair("Otto Maier in Ulm .", "Otto Maier in Ulm ."),
        pair("drei Katzen", "three cats"),
    ];
    let evaluated = judge_translation(&CopySource, &pairs, BleuSettings::default()).unwrap();
    assert_eq!(
        evaluated.translations,
        ["Otto Maier in Ulm .", "drei Katzen"]
    );
    let evaluation = evaluated.evaluation;
    let precisions = [5.0 / 7.0, 4.0 / 5.0, 1.0, 1.0].map(|share: f64| 100.0 * share);
    assert_eq!(evaluation.bleu_precisions, precisions);
    let score = 100.0 * (5.0 / 7.0 * 4.0 / 5.0f64).powf(0.25);
    assert!((evaluation.bleu - score).abs() < 1e-9);
    assert_eq!((evaluation.sentences, evaluation.brevity_penalty), (2, 1.0));
    assert!(evaluation.chrf > 50.0 && evaluation.chrf < 90.0);
    assert_eq!((evaluation.perplexity, evaluation.scored()), (None, 0));
    assert_eq!(evaluation.signature, "case:mixed|eff:no|tok:13a|smooth:exp");
}

#[test]
fn perplexity_is_per_target_token() {
    let evaluation = evaluated(Fault::None, &pairs(&[3, 6])).unwrap();
    assert!((evaluation.perplexity.unwrap() - 4.0).abs() < 1e-12);
    assert_eq!((evaluation.tokens, evaluation.scored()), (11, 11));
    assert_eq!(TranslationEvaluation::TRACK, Track::Translation);
    for fault in [Fault::Impossible, Fault::NoTokens] {
        assert_eq!(evaluated(fault, &pairs(&[3])).unwrap().perplexity, None);
    }
}

#[test]
fn both_metrics_respect_the_case_setting() {
    let pairs = [pair("Wien im März 2020", "WIEN IM MÄRZ 2020")];
    let evaluated = |case| {
        let settings = BleuSettings {
            case,
            ..BleuSettings::default()
        };
        judge_translation(&CopySource, &pairs, settings)
            .unwrap()
            .evaluation
    };
    let lower = evaluated(BleuCase::LowerCase);
    assert!((lower.bleu - 100.0).abs() < 1e-9 && (lower.chrf - 100.0).abs() < 1e-9);
    let cased = evaluated(BleuCase::Cased);
    assert!(cased.bleu < 50.0 && cased.chrf < 50.0);
    assert_ne!(lower.signature, cased.signature);
}

#[test]
fn sentences_are_grouped_by_source_length() {
    let mut pairs = pairs(&[4, 5, 6, 10, 21, 30, 31, 99]);
    pairs.push(pair("", "nothing"));
    pairs[4].target = "something else".to_owned();
    pairs[5].target = "once more".to_owned();
    let evaluation = evaluated(Fault::None, &pairs).unwrap();
    let found = evaluation.by_length.iter();
    let found: Vec<_> = found
        .map(|bucket| {
            (
                bucket.from,
                bucket.to,
                bucket.sentences,
                bucket.bleu.round(),
            )
        })
        .collect();
    let expected = [
        (1, Some(5), 2, 100.0),
        (6, Some(10), 2, 100.0),
        (21, Some(30), 2, 0.0),
        (31, None, 2, 100.0),
    ];
    assert_eq!(found, expected);
    assert_eq!(evaluation.sentences, 9);
}

#[test]
fn five_examples_are_spread_over_the_split() {
    let lengths: Vec<usize> = (1..=23).collect();
    let evaluation = evaluated(Fault::None, &pairs(&lengths)).unwrap();
    let words = |example: &harness::TranslationExample| example.source.split(' ').count();
    let shown: Vec<usize> = evaluation.examples.iter().map(words).collect();
    assert_eq!(shown, [1, 5, 10, 14, 19]);
    let few = evaluated(Fault::None, &pairs(&[2, 3])).unwrap().examples;
    assert_eq!(few.len(), 2);
    assert_eq!(few[1].translation, "w0 w1 w2");
}

#[test]
fn invalid_answers_are_rejected_with_the_reason() {
    let message = |fault, pairs: &[SentencePair]| evaluated(fault, pairs).unwrap_err().to_string();
    let two = pairs(&[2, 3]);
    assert_eq!(message(Fault::None, &[]), "pairs = 0: must be at least 1");
    for (fault, expected) in [
        (Fault::ForgetsSentences, "`translate` gives 1 answers"),
        (Fault::ForgetsScores, "`score_pairs` gives 1 answers"),
        (Fault::NotANumber, "gives ln p = NaN for \"w0 w1\""),
        (Fault::AboveOne, "gives ln p = 0.001 for \"w0 w1\""),
    ] {
        let message = message(fault, &two);
        assert!(message.contains(expected), "{message}");
    }
    assert!(matches!(
        CopySource.score_pairs(&[("a", "b")]),
        Err(Error::Model { .. })
    ));
    assert_eq!(CopySource.perplexity_tokens(&["b"]), None);
}

fn record(evaluation: TranslationEvaluation) -> TranslationRecord {
    TranslationRecord {
        format: harness::RECORD_FORMAT,
        entry: EntryId {
            year: Some(2014),
            era: "seq2seq".to_owned(),
            variant: "lstm".to_owned(),
            track: Track::Translation,
        },
        evaluation,
        valid_perplexity: None,
        minimal_pairs: None,
        cost: Cost {
            training_seconds: 1.0,
            evaluation_seconds: 3.0,
            scoring_seconds: 2.0,
            peak_memory_bytes: None,
            model_bytes: 10,
            parameters: 20,
            training_tokens: 30,
            training_flops: 40.0,
        },
        ancestry: Vec::new(),
        borrowed_ideas: Vec::new(),
    }
}

#[test]
fn the_record_round_trips_and_has_a_row_in_the_table() {
    let record = record(evaluated(Fault::None, &pairs(&[3, 6])).unwrap());
    let text = serde_json::to_string(&record).unwrap();
    let read: TranslationRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(read, record);
    assert_eq!(CostRow::of(&record).scoring_tokens_per_second, 5.5);
    let with_more = text.replace("\"chrf\"", "\"seconds\":1,\"chrf\"");
    assert!(serde_json::from_str::<TranslationRecord>(&with_more).is_err());
    let mut table = csv::Writer::from_writer(Vec::new());
    table.serialize(TranslationRow::of(&record)).unwrap();
    let table = String::from_utf8(table.into_inner().unwrap()).unwrap();
    let mut lines = table.lines();
    assert_eq!(
        lines.next(),
        Some("era,variant,sentences,bleu,chrf,perplexity,signature")
    );
    let line = lines.next().unwrap();
    assert!(line.starts_with("seq2seq,lstm,2,"), "{line}");
    assert!(
        line.ends_with(",case:mixed|eff:no|tok:13a|smooth:exp"),
        "{line}"
    );
}
