//! Conversation: the replies of a split's dialogues are scored, and some are generated.

use std::path::Path;
use std::time::Instant;

use corpus::write_atomically;

use super::language_modelling::perplexity;
use super::{Questions, Subject, Tests, TextTable, TrackEvaluator, check, number, percent, share};
use crate::conversation::{
    ConversationEvaluation, ConversationRecord, TURNS_SHOWN, judge_conversation,
};
use crate::entry::Track;
use crate::error::{Error, Result};
use crate::records::{Cost, RunRecord};
use crate::run::{EntryFolder, read_entry_records};
use crate::trained_model::Model;
use crate::training::Progress;

/// The track.
pub(super) struct Conversation;

const HEADER: [&str; 8] = [
    "replies",
    "perplexity",
    "sensible",
    "specific",
    "distinct-1",
    "distinct-2",
    "commonest",
    "consistent",
];

impl TrackEvaluator for Conversation {
    fn track(&self) -> Track {
        Track::Conversation
    }

    fn evaluate(
        &self,
        model: Model,
        subject: &Subject<'_>,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let questions = subject.questions;
        let refusal = subject.refuse(&model, "dialogue model or a language model");
        let responder = model.into_responder().ok_or(refusal)?;
        let began = Instant::now();
        let protocol = questions.conversation_protocol(subject.role, TURNS_SHOWN);
        let outcome = judge_conversation(&*responder, &questions.dialogues, &protocol)?;
        check(progress)?;
        let record = subject.record(outcome.evaluation, began.elapsed().as_secs_f64());
        let path = subject.folder.path().join("replies.json");
        let replies = serde_json::to_vec_pretty(&outcome.replies)
            .map_err(|error| Error::corrupt(&path, error.to_string()))?;
        write_atomically(&path, &replies)?;
        subject.folder.write_record(&record)
    }

    fn check_record(&self, folder: &EntryFolder, _: &Questions) -> Result<()> {
        folder.read_record::<ConversationEvaluation>().map(drop)
    }

    fn headline(&self, folder: &EntryFolder) -> Option<(String, Cost)> {
        let record = folder.read_record::<ConversationEvaluation>().ok()?;
        let figure = perplexity(record.evaluation.perplexity);
        Some((format!("replies, {figure}"), record.cost))
    }

    fn table(&self, run: &Path, record: &RunRecord) -> Result<Option<TextTable>> {
        let records: Vec<ConversationRecord> = read_entry_records(run, record)?;
        let row = |record: &ConversationRecord| row(&record.entry.label(), &record.evaluation);
        Ok(TextTable::of(&HEADER, records.iter().map(row).collect()))
    }

    fn json(&self, run: &Path, record: &RunRecord) -> Result<serde_json::Value> {
        let records: Vec<ConversationRecord> = read_entry_records(run, record)?;
        super::to_json(run, &records)
    }

    fn missing(&self, tests: &Tests<'_>) -> Option<String> {
        let reason = "The conversation track: the corpus has no dialogues.";
        (!tests.corpus.has_dialogues()).then(|| reason.to_owned())
    }
}

fn row(label: &str, found: &ConversationEvaluation) -> Vec<String> {
    vec![
        label.to_owned(),
        number(found.perplexity, 2),
        share(found.sensible),
        share(found.specific),
        format!("{:.3}", found.distinct[0]),
        format!("{:.3}", found.distinct[1]),
        percent(found.common),
        percent(found.consistent),
    ]
}

impl ConversationEvaluation {
    /// The result of one model as a table.
    pub fn table(&self, label: &str) -> TextTable {
        TextTable {
            header: &HEADER,
            rows: vec![row(label, self)],
            notes: Vec::new(),
        }
    }
}
