//! What comes of a run: tables, comparisons, the report.

use std::path::{Path, PathBuf};

use corpus::Split;
use harness::{
    Breakdown, BreakdownRow, Comparison, ConversationRecord, EntryFolder, EntryRecord,
    TranslationRecord, WordsRecord, breakdowns, cells, compare, read_entry_records,
};
use serde_json::{Value, json};

use super::Stage;
use crate::eras;
use crate::evaluation::{
    HEADER, conversations_table, fault, grammar, row, subject, translations_table, words_table,
};
use crate::output::{say, say_json, table};

/// A finished entry with the ln p of each token.
type Judged<'a> = (&'a EntryRecord, Vec<f32>);

impl Stage {
    /// Tables, comparisons and the report, from what is done so far.
    pub(super) fn conclude(&self) -> anyhow::Result<PathBuf> {
        let folder = self.run.folder();
        let records: Vec<EntryRecord> = read_entry_records(folder, &self.run.record)?;
        let mut judged = Vec::new();
        for record in records
            .iter()
            .filter(|record| record.evaluation.audit.passed())
        {
            let log_probs = self
                .run
                .entry(&record.entry)?
                .read_log_probs(self.set.tokens.len())?;
            judged.push((record, log_probs));
        }
        let by_quality = |a: &Judged<'_>, b: &Judged<'_>| {
            let perplexity =
                |entry: &EntryRecord| entry.evaluation.perplexity.unwrap_or(f64::INFINITY);
            // The generator itself is the floor; without one, the best model is.
            let is_model = |entry: &EntryRecord| entry.entry.era != eras::ORACLE;
            is_model(a.0)
                .cmp(&is_model(b.0))
                .then(perplexity(a.0).total_cmp(&perplexity(b.0)))
        };
        judged.sort_by(by_quality);
        let Some((reference, others)) = judged.split_first() else {
            self.run.write_tables(&[], &[])?;
            return Ok(reports::write_report(folder, Some(&self.reproductions))?.page);
        };
        let rows: Vec<BreakdownRow> = others
            .iter()
            .flat_map(|other| self.breakdown_rows(reference, other))
            .collect();
        self.run.write_tables(&rows, &self.comparisons(&judged))?;
        Ok(reports::write_report(folder, Some(&self.reproductions))?.page)
    }

    /// The best against each other one, and each against the next best.
    fn comparisons(&self, judged: &[Judged<'_>]) -> Vec<Comparison> {
        let with_best = (1..judged.len()).map(|other| (0, other));
        let neighbours = (2..judged.len()).map(|other| (other - 1, other));
        let compared = with_best.chain(neighbours).map(|(model, other)| {
            let (model, other) = (&judged[model], &judged[other]);
            let names = (model.0.entry.label(), other.0.entry.label());
            compare(
                &self.set,
                (&names.0, &model.1),
                (&names.1, &other.1),
                self.run.record.seed,
            )
        });
        compared.collect()
    }

    fn breakdown_rows(&self, reference: &Judged<'_>, other: &Judged<'_>) -> Vec<BreakdownRow> {
        let of = |breakdown: Breakdown| cells(&self.set, &breakdown, &other.1, &reference.1);
        let (entry, reference) = (other.0.entry.label(), reference.0.entry.label());
        breakdowns(&self.set)
            .into_iter()
            .flat_map(of)
            .map(|cell| BreakdownRow::of(&entry, &reference, cell))
            .collect()
    }

    pub(super) fn summarise(&self, page: &Path, json: bool) -> anyhow::Result<()> {
        let (folder, run) = (self.run.folder(), &self.run.record);
        let records: Vec<EntryRecord> = read_entry_records(folder, run)?;
        let words: Vec<WordsRecord> = read_entry_records(folder, run)?;
        let translations: Vec<TranslationRecord> = read_entry_records(folder, run)?;
        let conversations: Vec<ConversationRecord> = read_entry_records(folder, run)?;
        if json {
            let states: Vec<Value> = self
                .entries()
                .iter()
                .map(|id| {
                    let state = format!(
                        "{:?}",
                        EntryFolder::open(&id.folder(self.run.folder())).state()
                    )
                    .to_lowercase();
                    json!({ "entry": id, "state": state })
                })
                .collect();
            return say_json(
                &json!({ "run": self.run.folder(), "report": page, "states": states, "results": records, "translations": translations, "conversations": conversations, "words": words }),
            );
        }
        say(&subject(&self.set, self.corpus.name(), Split::Test))?;
        let rows: Vec<Vec<String>> = records
            .iter()
            .map(|record| row(&record.entry.label(), &record.evaluation))
            .collect();
        say(&table(&HEADER, &rows))?;
        let grammars = records
            .iter()
            .filter_map(|record| grammar(&record.entry.label(), record.minimal_pairs.as_ref()));
        grammars.into_iter().try_for_each(|grammar| say(&grammar))?;
        let faults = records
            .iter()
            .filter_map(|record| fault(&record.entry.label(), &record.evaluation));
        faults.into_iter().try_for_each(|fault| say(&fault))?;
        if !translations.is_empty() {
            say(&translations_table(&translations))?;
        }
        if !conversations.is_empty() {
            say(&conversations_table(&conversations))?;
        }
        if !words.is_empty() {
            say(&words_table(&words))?;
        }
        say(&format!("report: {}", page.display()))
    }
}
