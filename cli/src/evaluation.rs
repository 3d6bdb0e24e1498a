//! Judging one model, for `eras evaluate` and `eras run` alike.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use corpus::{Codec, MinimalPair, Source, read_minimal_pairs};
use harness::{
    ConversationEvaluation, ConversationRecord, Evaluated, LanguageModel, MinimalPairsResult,
    Protocol, TestSet, TranslationEvaluation, TranslationRecord, WordAnswers, WordTest,
    WordsRecord, evaluate, judge_minimal_pairs,
};

use crate::output::{table, thousands};

/// What judging found and took.
pub(crate) struct Judgement {
    pub(crate) evaluated: Evaluated,
    pub(crate) minimal_pairs: Option<MinimalPairsResult>,
    pub(crate) seconds: f64,
    pub(crate) scoring_seconds: f64,
}

/// Reads minimal pairs where a source is given.
pub(crate) fn minimal_pairs(source: Option<&str>) -> anyhow::Result<Option<Vec<MinimalPair>>> {
    let read = |name: &str| {
        let source = Source::find(name).with_context(|| format!("--minimal-pairs {name}"))?;
        Ok(read_minimal_pairs(&source)?)
    };
    source.map(read).transpose()
}

/// Reads tests of word vectors.
pub(crate) fn word_tests(files: &[String]) -> anyhow::Result<Vec<WordTest>> {
    let read = |file: &String| {
        WordTest::read(Path::new(file)).with_context(|| format!("--word-tests {file}"))
    };
    files.iter().map(read).collect()
}

/// Judges a model by a split and, where given, by minimal pairs.
pub(crate) fn judge(
    model: &dyn LanguageModel,
    set: &TestSet,
    codec: &Codec,
    pairs: Option<&[MinimalPair]>,
    seed: u64,
) -> anyhow::Result<Judgement> {
    let began = Instant::now();
    let evaluated = evaluate(
        model,
        set,
        Protocol {
            seed,
            ..Protocol::default()
        },
    )?;
    let minimal_pairs = pairs
        .map(|pairs| judge_minimal_pairs(model, codec, pairs))
        .transpose()?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(Judgement {
        scoring_seconds: evaluated.scoring_seconds,
        evaluated,
        minimal_pairs,
        seconds,
    })
}

/// The header of the table of results.
pub(crate) const HEADER: [&str; 7] = [
    "model",
    "perplexity",
    "without <unk>",
    "bits/token",
    "bits/byte",
    "top 1",
    "top 5",
];

/// A model's line in the table of results.
pub(crate) fn row(label: &str, evaluation: &harness::Evaluation) -> Vec<String> {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let share = |value: Option<f64>| {
        value.map_or("-".to_owned(), |value| format!("{:.1} %", 100.0 * value))
    };
    vec![
        label.to_owned(),
        number(evaluation.perplexity, 2),
        number(evaluation.perplexity_without_unk, 2),
        number(evaluation.bits_per_token, 3),
        number(evaluation.bits_per_byte, 3),
        share(evaluation.accuracy.as_ref().map(|accuracy| accuracy.top1)),
        share(evaluation.accuracy.as_ref().map(|accuracy| accuracy.top5)),
    ]
}

/// What a failed audit found, as a sentence.
pub(crate) fn fault(label: &str, evaluation: &harness::Evaluation) -> Option<String> {
    let fault = evaluation.audit.fault.as_ref()?;
    Some(format!(
        "{label} is not a distribution and gets no perplexity: {fault}"
    ))
}

/// How well grammar was judged, as a sentence, where it was.
pub(crate) fn grammar(label: &str, result: Option<&MinimalPairsResult>) -> Option<String> {
    let result = result?;
    let (right, unknown) = (
        100.0 * result.accuracy,
        thousands(result.pairs_with_unknown as u64),
    );
    let pairs = thousands(result.pairs as u64);
    Some(format!(
        "{label}: {right:.1} % of {pairs} minimal pairs right ({unknown} hold a word that is <unk>)"
    ))
}

/// What was judged, as a sentence.
pub(crate) fn subject(set: &TestSet, corpus: &str, split: corpus::Split) -> String {
    format!(
        "{} tokens of {corpus} ({split}), vocabulary {}",
        thousands(set.tokens.len() as u64),
        thousands(set.vocab_size() as u64)
    )
}

/// What tests of words found, a line for each entry and test.
pub(crate) fn words_table(records: &[WordsRecord]) -> String {
    let percent = |share: Option<f64>| {
        share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
    };
    let rows = records.iter().flat_map(|record| {
        let tests = record.evaluation.tests.iter();
        tests.map(|test| {
            let found = match &test.answers {
                WordAnswers::Analogies(found) => [
                    percent(found.semantic.accuracy()),
                    percent(found.syntactic.accuracy()),
                    percent(found.total.accuracy()),
                    String::new(),
                    percent(found.total.coverage()),
                ],
                WordAnswers::Similarity(found) => [
                    String::new(),
                    String::new(),
                    String::new(),
                    found.rho.map_or("-".to_owned(), |rho| format!("{rho:.3}")),
                    percent(found.coverage()),
                ],
            };
            let names = [record.entry.label(), test.test.clone()];
            names.into_iter().chain(found).collect()
        })
    });
    let header = [
        "word vectors",
        "test",
        "semantic",
        "syntactic",
        "total",
        "rho",
        "known",
    ];
    table(&header, &rows.collect::<Vec<Vec<String>>>())
}

/// How well sentences were translated, a line for each entry.
pub(crate) fn translations_table(records: &[TranslationRecord]) -> String {
    let rows = records
        .iter()
        .map(|record| translations_row(&record.entry.label(), &record.evaluation));
    table(&TRANSLATIONS_HEADER, &rows.collect::<Vec<_>>())
}

/// The header of the table of translations.
pub(crate) const TRANSLATIONS_HEADER: [&str; 5] =
    ["translator", "BLEU", "chrF", "perplexity", "sentences"];

/// A translator's line in the table.
pub(crate) fn translations_row(label: &str, found: &TranslationEvaluation) -> Vec<String> {
    let perplexity = found.perplexity;
    vec![
        label.to_owned(),
        format!("{:.2}", found.bleu),
        format!("{:.2}", found.chrf),
        perplexity.map_or("-".to_owned(), |perplexity| format!("{perplexity:.2}")),
        thousands(found.sentences),
    ]
}

/// How well was replied, a line for each entry.
pub(crate) fn conversations_table(records: &[ConversationRecord]) -> String {
    let rows = records
        .iter()
        .map(|record| conversations_row(&record.entry.label(), &record.evaluation));
    table(&CONVERSATIONS_HEADER, &rows.collect::<Vec<_>>())
}

/// The header of the table of conversations.
pub(crate) const CONVERSATIONS_HEADER: [&str; 8] = [
    "replies",
    "perplexity",
    "sensible",
    "specific",
    "distinct-1",
    "distinct-2",
    "commonest",
    "consistent",
];

/// The line in the table of one who replies.
pub(crate) fn conversations_row(label: &str, found: &ConversationEvaluation) -> Vec<String> {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let known = |share: Option<f64>| share.map_or("-".to_owned(), percent);
    let perplexity = found.perplexity;
    vec![
        label.to_owned(),
        perplexity.map_or("-".to_owned(), |perplexity| format!("{perplexity:.2}")),
        known(found.sensible),
        known(found.specific),
        format!("{:.3}", found.distinct[0]),
        format!("{:.3}", found.distinct[1]),
        percent(found.common),
        percent(found.consistent),
    ]
}
