//! The results of a run: tables, comparisons, the report.

use std::path::{Path, PathBuf};

use corpus::Split;
use eras_list::ERAS;
use harness::{
    Breakdown, BreakdownRow, Comparison, EntryFolder, EntryId, EntryRecord, EraRole, Track,
    breakdowns, cells, compare, evaluators, read_entry_records,
};
use serde_json::{Value, json};

use super::Stage;
use crate::output::{say, say_json, say_table, thousands};

/// A finished entry and its ln p of each token.
type Scored<'a> = (&'a EntryRecord, Vec<f32>);

impl Stage {
    /// Writes tables, comparisons and the report from the entries finished so far.
    pub(super) fn conclude(&self) -> anyhow::Result<PathBuf> {
        let folder = self.run.folder();
        let records: Vec<EntryRecord> = read_entry_records(folder, &self.run.record)?;
        let mut scored = Vec::new();
        for record in records
            .iter()
            .filter(|record| record.evaluation.audit.passed())
        {
            let log_probs = self
                .run
                .entry(&record.entry)?
                .read_log_probs(self.questions.set.tokens.len())?;
            scored.push((record, log_probs));
        }
        let by_quality = |a: &Scored<'_>, b: &Scored<'_>| {
            let perplexity =
                |entry: &EntryRecord| entry.evaluation.compared().unwrap_or(f64::INFINITY);
            // The reference is the generator or, without one, the best model.
            let is_model = |entry: &EntryRecord| ERAS.role(&entry.entry.era) != EraRole::Oracle;
            is_model(a.0)
                .cmp(&is_model(b.0))
                .then(perplexity(a.0).total_cmp(&perplexity(b.0)))
        };
        scored.sort_by(by_quality);
        let Some((reference, others)) = scored.split_first() else {
            self.run.write_tables(&[], &[])?;
            return Ok(reports::write_report(folder, &self.experiments)?.page);
        };
        let rows: Vec<BreakdownRow> = others
            .iter()
            .flat_map(|other| self.breakdown_rows(reference, other))
            .collect();
        self.run.write_tables(&rows, &self.comparisons(&scored))?;
        Ok(reports::write_report(folder, &self.experiments)?.page)
    }

    /// Compares the best model with each other one, and each model with the next best.
    fn comparisons(&self, scored: &[Scored<'_>]) -> Vec<Comparison> {
        let with_best = (1..scored.len()).map(|other| (0, other));
        let neighbours = (2..scored.len()).map(|other| (other - 1, other));
        let compared = with_best.chain(neighbours).map(|(model, other)| {
            let (model, other) = (&scored[model], &scored[other]);
            let names = (model.0.entry.label(), other.0.entry.label());
            compare(
                &self.questions.set,
                (&names.0, &model.1),
                (&names.1, &other.1),
                self.run.record.seed,
            )
        });
        compared.collect()
    }

    fn breakdown_rows(&self, reference: &Scored<'_>, other: &Scored<'_>) -> Vec<BreakdownRow> {
        let of =
            |breakdown: Breakdown| cells(&self.questions.set, &breakdown, &other.1, &reference.1);
        let (entry, reference) = (other.0.entry.label(), reference.0.entry.label());
        breakdowns(&self.questions.set)
            .into_iter()
            .flat_map(of)
            .map(|cell| BreakdownRow::of(&entry, &reference, cell))
            .collect()
    }

    /// Prints the results of all tracks and the path of the report.
    pub(super) fn summarise(&self, page: &Path, json: bool) -> anyhow::Result<()> {
        let (folder, run) = (self.run.folder(), &self.run.record);
        if json {
            return say_json(&self.json(page)?);
        }
        let set = &self.questions.set;
        say(&format!(
            "{} tokens of {} ({}), vocabulary {}",
            thousands(set.tokens.len() as u64),
            self.questions.corpus.name(),
            Split::Test,
            thousands(set.vocab_size() as u64)
        ))?;
        for track in evaluators() {
            if let Some(results) = track.table(folder, run)? {
                say_table(&results)?;
            }
        }
        say(&format!("report: {}", page.display()))
    }

    fn json(&self, page: &Path) -> anyhow::Result<Value> {
        let (folder, run) = (self.run.folder(), &self.run.record);
        let state = |id: &EntryId| {
            let state = EntryFolder::open(&id.folder(folder)).state();
            json!({ "entry": id, "state": format!("{state:?}").to_lowercase() })
        };
        let states: Vec<Value> = self.entries().iter().map(state).collect();
        let mut all = json!({
            "run": folder.to_string_lossy(), "report": page.to_string_lossy(), "states": states,
        });
        for track in evaluators() {
            let key = match track.track() {
                Track::LanguageModelling => "results",
                Track::Translation => "translations",
                Track::Conversation => "conversations",
                Track::Words => "words",
            };
            all[key] = track.json(folder, run)?;
        }
        Ok(all)
    }
}
