//! Words: word vectors, evaluated on analogies and human similarity scores.

use std::path::Path;
use std::time::Instant;

use super::{Questions, Subject, Tests, TextTable, TrackEvaluator, check, number, percent, share};
use crate::entry::Track;
use crate::error::Result;
use crate::records::{Cost, RunRecord, WordsEvaluation, WordsRecord};
use crate::run::{EntryFolder, read_entry_records};
use crate::trained_model::Model;
use crate::training::Progress;
use crate::vectors::{MOST_FREQUENT, WordAnswers, WordPlane, WordTest, WordTestResult};

/// The track.
pub(super) struct Words;

const HEADER: [&str; 7] = [
    "word vectors",
    "test",
    "semantic",
    "syntactic",
    "total",
    "rho",
    "known",
];

impl TrackEvaluator for Words {
    fn track(&self) -> Track {
        Track::Words
    }

    fn evaluate(
        &self,
        model: Model,
        subject: &Subject<'_>,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let questions = subject.questions;
        let Model::Vectors(vectors) = &model else {
            return Err(subject.refuse(&model, "model of word vectors"));
        };
        let began = Instant::now();
        let judge = |test: &WordTest| test.judge(vectors, MOST_FREQUENT);
        let tests = questions.word_tests.iter().map(judge).collect();
        let mut planes = questions.word_tests.iter();
        let plane = planes.find_map(|test| WordPlane::of(vectors, test));
        let seconds = began.elapsed().as_secs_f64();
        let record = subject.record(WordsEvaluation { tests, plane }, seconds);
        check(progress)?;
        subject.folder.write_record(&record)
    }

    fn check_record(&self, folder: &EntryFolder, _: &Questions) -> Result<()> {
        folder.read_record::<WordsEvaluation>().map(drop)
    }

    fn headline(&self, folder: &EntryFolder) -> Option<(String, Cost)> {
        let record = folder.read_record::<WordsEvaluation>().ok()?;
        let figure = match &record.evaluation.tests.first()?.answers {
            WordAnswers::Analogies(found) => {
                format!(
                    "analogies {}",
                    percent(found.total.accuracy().unwrap_or(0.0))
                )
            }
            WordAnswers::Similarity(found) => {
                format!("similarity {:.3}", found.rho.unwrap_or(0.0))
            }
        };
        Some((figure, record.cost))
    }

    fn table(&self, run: &Path, record: &RunRecord) -> Result<Option<TextTable>> {
        let records: Vec<WordsRecord> = read_entry_records(run, record)?;
        let rows = records.iter().flat_map(|record| {
            let label = record.entry.label();
            let tests = record.evaluation.tests.iter();
            tests.map(move |test| row(&label, test))
        });
        Ok(TextTable::of(&HEADER, rows.collect()))
    }

    fn json(&self, run: &Path, record: &RunRecord) -> Result<serde_json::Value> {
        let records: Vec<WordsRecord> = read_entry_records(run, record)?;
        super::to_json(run, &records)
    }

    fn missing(&self, tests: &Tests<'_>) -> Option<String> {
        let reason = "The words track: the run has no word tests.";
        (!tests.word_tests).then(|| reason.to_owned())
    }
}

fn row(label: &str, test: &WordTestResult) -> Vec<String> {
    let empty = String::new;
    let found = match &test.answers {
        WordAnswers::Analogies(found) => [
            share(found.semantic.accuracy()),
            share(found.syntactic.accuracy()),
            share(found.total.accuracy()),
            empty(),
            share(found.total.coverage()),
        ],
        WordAnswers::Similarity(found) => [
            empty(),
            empty(),
            empty(),
            number(found.rho, 3),
            share(found.coverage()),
        ],
    };
    let names = [label.to_owned(), test.test.clone()];
    names.into_iter().chain(found).collect()
}
