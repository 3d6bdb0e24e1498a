//! Translation: the sentences of a split, by BLEU, chrF and perplexity.

use std::path::Path;
use std::time::Instant;

use corpus::write_atomically;

use super::{Questions, Subject, Tests, TextTable, TrackEvaluator, check, number, thousands};
use crate::entry::Track;
use crate::error::Result;
use crate::records::{Cost, RunRecord};
use crate::run::{EntryFolder, read_entry_records};
use crate::trained_model::Model;
use crate::training::Progress;
use crate::translation::{TranslationEvaluation, TranslationRecord, judge_translation};

/// The track.
pub(super) struct Translation;

const HEADER: [&str; 5] = ["translator", "BLEU", "chrF", "perplexity", "sentences"];

impl TrackEvaluator for Translation {
    fn track(&self) -> Track {
        Track::Translation
    }

    fn evaluate(
        &self,
        model: Model,
        subject: &Subject<'_>,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let questions = subject.questions;
        let Model::Translator(translator) = &model else {
            return Err(subject.refuse(&model, "translator"));
        };
        let began = Instant::now();
        let outcome = judge_translation(&**translator, &questions.sentences, questions.bleu)?;
        check(progress)?;
        let record = subject.record(outcome.evaluation, began.elapsed().as_secs_f64());
        let translations = outcome.translations.join("\n") + "\n";
        let path = subject.folder.path().join("translations.txt");
        write_atomically(&path, translations.as_bytes())?;
        subject.folder.write_record(&record)
    }

    fn check_record(&self, folder: &EntryFolder, _: &Questions) -> Result<()> {
        folder.read_record::<TranslationEvaluation>().map(drop)
    }

    fn headline(&self, folder: &EntryFolder) -> Option<(String, Cost)> {
        let record = folder.read_record::<TranslationEvaluation>().ok()?;
        Some((format!("BLEU {:.1}", record.evaluation.bleu), record.cost))
    }

    fn table(&self, run: &Path, record: &RunRecord) -> Result<Option<TextTable>> {
        let records: Vec<TranslationRecord> = read_entry_records(run, record)?;
        let row = |record: &TranslationRecord| row(&record.entry.label(), &record.evaluation);
        Ok(TextTable::of(&HEADER, records.iter().map(row).collect()))
    }

    fn json(&self, run: &Path, record: &RunRecord) -> Result<serde_json::Value> {
        let records: Vec<TranslationRecord> = read_entry_records(run, record)?;
        super::to_json(run, &records)
    }

    fn missing(&self, tests: &Tests<'_>) -> Option<String> {
        let reason = "The translation track: the corpus has no sentence pairs.";
        (!tests.corpus.has_pairs()).then(|| reason.to_owned())
    }
}

fn row(label: &str, found: &TranslationEvaluation) -> Vec<String> {
    vec![
        label.to_owned(),
        format!("{:.2}", found.bleu),
        format!("{:.2}", found.chrf),
        number(found.perplexity, 2),
        thousands(found.sentences),
    ]
}

impl TranslationEvaluation {
    /// The result of one translator as a table.
    pub fn table(&self, label: &str) -> TextTable {
        TextTable {
            header: &HEADER,
            rows: vec![row(label, self)],
            notes: Vec::new(),
        }
    }
}
