//! Language modelling: every token of a text is predicted; minimal pairs; samples.

use std::path::Path;
use std::time::Instant;

use corpus::{Codec, TokenId};

use super::{
    Learned, Questions, Subject, Tests, TextTable, TrackEvaluator, check, number, percent, share,
    thousands, training_notes,
};
use crate::entry::Track;
use crate::error::{Error, Result};
use crate::evaluate::{Evaluation, Protocol, evaluate};
use crate::metrics;
use crate::minimal_pairs::{MinimalPairsResult, judge_minimal_pairs};
use crate::model::{Generator, LanguageModel};
use crate::records::{Cost, EntryRecord, RunRecord, Sample, SampledToken};
use crate::run::{EntryFolder, read_entry_records};
use crate::sampling::Sampling;
use crate::test_set::TestSet;
use crate::trained_model::Model;
use crate::training::Progress;

/// The track.
pub(super) struct LanguageModelling;

/// The table of a run: the perplexity on the validation split stands beside that on the test split.
const RUN_HEADER: [&str; 8] = [
    "model",
    "perplexity",
    "validation",
    "without <unk>",
    "bits/token",
    "bits/byte",
    "top 1",
    "top 5",
];

const HEADER: [&str; 7] = [
    "model",
    "perplexity",
    "without <unk>",
    "bits/token",
    "bits/byte",
    "top 1",
    "top 5",
];

impl TrackEvaluator for LanguageModelling {
    fn track(&self) -> Track {
        Track::LanguageModelling
    }

    fn evaluate(
        &self,
        model: Model,
        subject: &Subject<'_>,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let questions = subject.questions;
        let Model::Text(text) = &model else {
            return Err(subject.refuse(&model, "language model"));
        };
        let began = Instant::now();
        let protocol = Protocol {
            seed: questions.seed,
            ..Protocol::default()
        };
        let evaluated = evaluate(&*text.model, &questions.set, protocol)?;
        // A model that fails the audit has no perplexity on any text.
        let valid_perplexity = match evaluated.evaluation.perplexity {
            Some(_) => valid_perplexity(&*text.model, questions, &evaluated.evaluation)?,
            None => None,
        };
        let pairs = questions.minimal_pairs.as_deref();
        let minimal_pairs = pairs
            .map(|pairs| judge_minimal_pairs(&*text.model, &text.codec, pairs))
            .transpose()?;
        let seconds = began.elapsed().as_secs_f64();
        check(progress)?;
        let samples = samples(&*text.model, questions)?;
        check(progress)?;
        let mut record = EntryRecord {
            valid_perplexity,
            minimal_pairs,
            ..subject.record(evaluated.evaluation, seconds)
        };
        record.cost.scoring_seconds = evaluated.scoring_seconds;
        subject
            .folder
            .write_evaluation(&record, &evaluated.log_probs, &samples)
    }

    fn check_record(&self, folder: &EntryFolder, questions: &Questions) -> Result<()> {
        folder.read_record::<Evaluation>()?;
        folder.read_log_probs(questions.set.tokens.len()).map(drop)
    }

    fn headline(&self, folder: &EntryFolder) -> Option<(String, Cost)> {
        let record = folder.read_record::<Evaluation>().ok()?;
        let evaluation = &record.evaluation;
        let shown = match evaluation.compared() {
            Some(found) => format!("{} {found:.2}", evaluation.measure()),
            None => perplexity(None),
        };
        Some((shown, record.cost))
    }

    fn table(&self, run: &Path, record: &RunRecord) -> Result<Option<TextTable>> {
        let records: Vec<EntryRecord> = read_entry_records(run, record)?;
        let table = TextTable::of(&RUN_HEADER, records.iter().map(row).collect());
        let mut notes = Vec::new();
        for record in &records {
            let label = record.entry.label();
            let pairs = record.minimal_pairs.as_ref();
            notes.extend(pairs.map(|pairs| minimal_pairs_sentence(&label, pairs)));
        }
        for record in &records {
            notes.extend(failed_audit(&record.entry.label(), &record.evaluation));
        }
        let first = records.first().map(|record| &record.evaluation);
        notes.extend(first.and_then(comparison_sentence));
        notes.extend(first.and_then(unknown_sentence));
        let curves = records
            .iter()
            .map(|found| EntryFolder::open(&found.entry.folder(run)).read_curve());
        let curves = curves.collect::<Result<Vec<_>>>()?;
        let learned = records.iter().zip(&curves);
        let learned = learned.map(|(record, curve)| Learned { record, curve });
        notes.extend(training_notes(record, &learned.collect::<Vec<_>>()));
        Ok(table.map(|table| TextTable { notes, ..table }))
    }

    fn json(&self, run: &Path, record: &RunRecord) -> Result<serde_json::Value> {
        let records: Vec<EntryRecord> = read_entry_records(run, record)?;
        super::to_json(run, &records)
    }

    fn missing(&self, tests: &Tests<'_>) -> Option<String> {
        (!tests.minimal_pairs).then(|| "Minimal pairs: the run has none.".to_owned())
    }
}

/// Perplexity with its name.
pub(super) fn perplexity(found: Option<f64>) -> String {
    found.map_or("no perplexity".to_owned(), |found| {
        format!("perplexity {found:.2}")
    })
}

/// Perplexity on the validation split, by the measure of the test split; none for an empty text, or where it is not finite.
fn valid_perplexity(
    model: &dyn LanguageModel,
    questions: &Questions,
    on_test: &Evaluation,
) -> Result<Option<f64>> {
    let tokens = &questions.validation;
    if tokens.is_empty() {
        return Ok(None);
    }
    let left_out = questions.set.unk.filter(|_| on_test.unknown > 0);
    let found = metrics::perplexity_without(left_out, tokens, &model.score(tokens)?);
    Ok(found.is_finite().then_some(found))
}

/// By what models are compared where some words are unknown, as a sentence.
fn comparison_sentence(evaluation: &Evaluation) -> Option<String> {
    (evaluation.unknown > 0).then(|| {
        format!(
            "Models are compared by {}, on the validation split as well: guessing <unk> is not knowing a word.",
            evaluation.measure()
        )
    })
}

/// A warning where many words are unknown, as a sentence.
fn unknown_sentence(evaluation: &Evaluation) -> Option<String> {
    evaluation.has_many_unknown().then(|| {
        format!(
            "{} of the tokens are <unk>, words that are not in the vocabulary; the results say nothing about them. With subwords \
             or characters every word is predicted.",
            percent(evaluation.unknown_share())
        )
    })
}

/// A model's row in the table of a run.
fn row(record: &EntryRecord) -> Vec<String> {
    let mut row = evaluation_row(&record.entry.label(), &record.evaluation);
    row.insert(2, number(record.valid_perplexity, 2));
    row
}

/// A model's row in the table of results.
pub(super) fn evaluation_row(label: &str, evaluation: &Evaluation) -> Vec<String> {
    let accuracy = evaluation.accuracy.as_ref();
    vec![
        label.to_owned(),
        number(evaluation.perplexity, 2),
        number(evaluation.perplexity_without_unk, 2),
        number(evaluation.bits_per_token, 3),
        number(evaluation.bits_per_byte, 3),
        share(accuracy.map(|accuracy| accuracy.top1)),
        share(accuracy.map(|accuracy| accuracy.top5)),
    ]
}

impl Evaluation {
    /// The result of one model as a table.
    pub fn table(&self, label: &str) -> TextTable {
        TextTable {
            header: &HEADER,
            rows: vec![evaluation_row(label, self)],
            notes: failed_audit(label, self)
                .into_iter()
                .chain(unknown_sentence(self))
                .collect(),
        }
    }
}

/// The fault that a failed audit found, as a sentence.
pub fn failed_audit(label: &str, evaluation: &Evaluation) -> Option<String> {
    let fault = evaluation.audit.fault.as_ref()?;
    Some(format!(
        "{label} is not a distribution and gets no perplexity: {fault}"
    ))
}

/// The accuracy on minimal pairs, as a sentence.
pub fn minimal_pairs_sentence(label: &str, result: &MinimalPairsResult) -> String {
    let all = format!(
        "{label}: {} of {} minimal pairs correct",
        percent(result.accuracy),
        thousands(result.pairs as u64),
    );
    let known = result.pairs - result.pairs_with_unknown;
    match result.accuracy_without_unknown {
        Some(accuracy) if result.pairs_with_unknown > 0 => format!(
            "{all}, and {} of the {} without <unk>",
            percent(accuracy),
            thousands(known as u64)
        ),
        _ => all,
    }
}

/// Tokens of a sample.
const SAMPLE: usize = 40;

/// The beginnings of three lines of the split, continued.
fn samples(model: &dyn Generator, questions: &Questions) -> Result<Vec<Sample>> {
    let codec = questions.corpus.codec();
    let text = |ids: &[TokenId]| Ok::<String, Error>(codec.decode(ids)?.trim().to_owned());
    // Each prompt has its own seed: models that ignore the prompt would otherwise generate the same text three times.
    let seeds = (0..).map(|index: u64| questions.seed.wrapping_add(index));
    let prompts = prompts(&questions.set, codec);
    let continued = prompts.into_iter().zip(seeds).map(|(prompt, seed)| {
        let how = Sampling {
            top_p: 0.9,
            seed,
            ..Sampling::default()
        };
        let written = model.generate(&prompt, SAMPLE, None, how)?;
        Ok(Sample {
            prompt: text(&prompt)?,
            continuation: text(&written)?,
            tokens: sampled(model, codec, &prompt, &written)?,
        })
    });
    continued.collect()
}

/// The continuation of a prompt, with the probability of each token.
fn sampled(
    model: &dyn Generator,
    codec: &Codec,
    prompt: &[TokenId],
    written: &[TokenId],
) -> Result<Vec<SampledToken>> {
    let log_probs = model.score(&[prompt, written].concat())?;
    let (mut tokens, mut before) = (Vec::new(), String::new());
    for (at, log_prob) in log_probs[prompt.len()..].iter().enumerate() {
        let text = codec.decode(&written[..=at])?;
        // A token that changes the text before it is shown as in the vocabulary.
        let new = match text.strip_prefix(&before) {
            Some(new) => new.to_owned(),
            None => format!(" {}", codec.vocab().token(written[at])),
        };
        before = text;
        tokens.push(SampledToken {
            text: new,
            probability: log_prob.exp(),
        });
    }
    Ok(tokens)
}

/// Three prompts: the first words of long lines, from the first, a middle and a late third of the split.
fn prompts(set: &TestSet, codec: &Codec) -> Vec<Vec<TokenId>> {
    const LONG: usize = 20;
    const WORDS: usize = 8;
    let eos = codec.vocab().eos();
    let third = |index: usize| {
        &set.tokens[index * set.tokens.len() / 3..(index + 1) * set.tokens.len() / 3]
    };
    let prompt = |index: usize| {
        // The first line of a third may be the end of one.
        let lines: Vec<&[TokenId]> = third(index)
            .split(|&token| token == eos)
            .skip(usize::from(index > 0))
            .collect();
        let longest = lines.iter().max_by_key(|line| line.len());
        let line = lines.iter().find(|line| line.len() >= LONG).or(longest)?;
        Some(line[..line.len().min(WORDS)].to_vec())
    };
    let prompts = (0..3).filter_map(prompt);
    prompts.filter(|prompt| !prompt.is_empty()).collect()
}
