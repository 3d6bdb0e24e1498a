//! The records of a run, read once. The evaluations are the source; the tables derived from them are only checked.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use harness::{
    BorrowedIdea, BreakdownRow, Comparison, ConversationRecord, CostRow, CurvePoint, EntryFolder,
    EntryId, EntryRecord, ResultRow, RunRecord, Sample, ScalingRow, State, Track,
    TranslationRecord, WordsRecord, is_running, read_csv, read_entry_records, read_run_record,
};

use crate::eras::Eras;
use crate::error::{Error, Result};

/// A run.
#[derive(Debug)]
pub(crate) struct RunData {
    /// `run.toml`: the request and the machine.
    pub(crate) record: RunRecord,
    /// The eras of the record.
    pub(crate) eras: Eras,
    /// All entries, in the order of the list of eras.
    pub(crate) entries: Vec<Entry>,
    /// Where the entries of the language-modelling track differ.
    pub(crate) breakdowns: Vec<BreakdownRow>,
    /// The results of entries that were trained on parts of the text.
    pub(crate) scaling: Vec<ScalingRow>,
    /// Whether their differences are significant.
    pub(crate) comparisons: Vec<Comparison>,
    /// Whether `results.csv` and the evaluations differ in their entries, because the run was stopped in between.
    pub(crate) is_stale: bool,
    /// Whether a process was working on the run.
    pub(crate) is_running: bool,
}

/// An entry of a run, in any state.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its id.
    pub(crate) id: EntryId,
    /// Its state.
    pub(crate) state: State,
    /// Its result as a language model, once it is done.
    pub(crate) record: Option<EntryRecord>,
    /// Its result as word vectors, once it is done.
    pub(crate) words: Option<WordsRecord>,
    /// Its result as a translator, once it is done.
    pub(crate) translation: Option<TranslationRecord>,
    /// Its result as a dialogue model, once it is done.
    pub(crate) conversation: Option<ConversationRecord>,
    /// Its learning curve so far.
    pub(crate) curve: Vec<CurvePoint>,
    /// Texts that it generated.
    pub(crate) samples: Vec<Sample>,
    /// Its settings, as they were resolved.
    pub(crate) config: Option<String>,
}

impl Entry {
    /// Its line in the table of costs, once it is done.
    pub(crate) fn costs(&self) -> Option<CostRow> {
        let language_model = self.record.as_ref().map(CostRow::of);
        language_model
            .or(self.translation.as_ref().map(CostRow::of))
            .or(self.conversation.as_ref().map(CostRow::of))
            .or(self.words.as_ref().map(CostRow::of))
    }

    /// Whether its training began from another model's weights.
    pub(crate) fn has_ancestors(&self) -> bool {
        let language_model = self.record.as_ref().map(|record| &record.ancestry);
        let ancestry = language_model
            .or(self.translation.as_ref().map(|record| &record.ancestry))
            .or(self.conversation.as_ref().map(|record| &record.ancestry))
            .or(self.words.as_ref().map(|record| &record.ancestry));
        ancestry.is_some_and(|ancestors| !ancestors.is_empty())
    }

    /// The ideas of other papers that it borrows; none before it is done.
    fn borrowed_ideas(&self) -> Option<&[BorrowedIdea]> {
        let language_model = self.record.as_ref().map(|record| &record.borrowed_ideas);
        let ideas = language_model
            .or(self
                .translation
                .as_ref()
                .map(|record| &record.borrowed_ideas))
            .or(self
                .conversation
                .as_ref()
                .map(|record| &record.borrowed_ideas))
            .or(self.words.as_ref().map(|record| &record.borrowed_ideas));
        ideas.map(Vec::as_slice)
    }

    /// Its label, marked if it has no result.
    pub(crate) fn marked_label(&self) -> String {
        match self.has_result() {
            true => self.id.label(),
            false => format!("{} (no result)", self.id.label()),
        }
    }

    /// Whether it was evaluated.
    pub(crate) fn has_result(&self) -> bool {
        self.record.is_some()
            || self.words.is_some()
            || self.translation.is_some()
            || self.conversation.is_some()
    }
}

impl RunData {
    /// Reads a run folder.
    pub(crate) fn read(folder: &Path) -> Result<RunData> {
        let record = read_run_record(folder)?;
        let evaluated = read_entry_records(folder, &record)?;
        let words = read_entry_records(folder, &record)?;
        let translations = read_entry_records(folder, &record)?;
        let conversations = read_entry_records(folder, &record)?;
        let entries = record.entries.iter();
        let entries = entries.map(|id| read_entry(folder, id, &evaluated));
        let mut entries = entries.collect::<Result<Vec<Entry>>>()?;
        for entry in &mut entries {
            entry.words = of(&entry.id, &words);
            entry.translation = of(&entry.id, &translations);
            entry.conversation = of(&entry.id, &conversations);
        }
        let eras = Eras::of(&record);
        entries.sort_by_key(|entry| eras.order(&entry.id));
        let results: Vec<ResultRow> = read_csv(&folder.join("results.csv"))?;
        // Derived from the evaluations like the results: read only to find out whether it is corrupt.
        let _: Vec<CostRow> = read_csv(&folder.join("costs.csv"))?;
        let mut data = RunData {
            is_stale: is_stale(&results, &evaluated),
            is_running: is_running(folder),
            record,
            eras,
            entries,
            scaling: read_csv(&folder.join("scaling.csv"))?,
            breakdowns: read_csv(&folder.join("breakdowns.csv"))?,
            comparisons: read_csv(&folder.join("comparisons.csv"))?,
        };
        data.keep_evaluated();
        Ok(data)
    }

    /// Drops what was derived from entries that have no result any more: what is compared is in the table of results.
    fn keep_evaluated(&mut self) {
        let evaluated = self.language_models().map(|record| record.entry.label());
        let evaluated: BTreeSet<String> = evaluated.collect();
        self.comparisons
            .retain(|found| evaluated.contains(&found.model) && evaluated.contains(&found.other));
        self.breakdowns
            .retain(|row| evaluated.contains(&row.entry) && evaluated.contains(&row.reference));
        self.scaling
            .retain(|row| evaluated.contains(&format!("{}/{}", row.era, row.variant)));
    }

    /// The finished entries of the language-modelling track.
    pub(crate) fn language_models(&self) -> impl Iterator<Item = &EntryRecord> + Clone {
        self.entries
            .iter()
            .filter_map(|entry| entry.record.as_ref())
    }

    /// The name of the figure by which language models are compared, see [`harness::Evaluation::compared`].
    pub(crate) fn measure(&self) -> &'static str {
        let mut models = self.language_models();
        let first = models.next();
        first.map_or("perplexity", |record| record.evaluation.measure())
    }

    /// The finished entries of the words track.
    pub(crate) fn word_vectors(&self) -> impl Iterator<Item = &WordsRecord> + Clone {
        self.entries.iter().filter_map(|entry| entry.words.as_ref())
    }

    /// The finished entries of the translation track.
    pub(crate) fn translators(&self) -> impl Iterator<Item = &TranslationRecord> + Clone {
        let all = self.entries.iter();
        all.filter_map(|entry| entry.translation.as_ref())
    }

    /// The finished entries of the conversation track.
    pub(crate) fn responders(&self) -> impl Iterator<Item = &ConversationRecord> + Clone {
        let all = self.entries.iter();
        all.filter_map(|entry| entry.conversation.as_ref())
    }

    /// The names of the eras that take part, in the order of the entries.
    pub(crate) fn era_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.entries.iter().map(|entry| &entry.id.era[..]).collect();
        names.dedup();
        names
    }

    /// The ideas of other papers that an entry borrows: those of its own configuration once it is done.
    pub(crate) fn borrowed_ideas(&self, id: &EntryId) -> &[BorrowedIdea] {
        let entry = self.entries.iter().find(|entry| entry.id == *id);
        let own = entry.and_then(Entry::borrowed_ideas);
        own.unwrap_or_else(|| self.eras.borrowed_ideas(id))
    }

    /// The entries of a track, in any state.
    pub(crate) fn of_track(&self, track: Track) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.id.track == track)
    }

    /// Tokens of the test split.
    pub(crate) fn test_tokens(&self) -> Option<u64> {
        let evaluated = self
            .language_models()
            .map(|record| record.evaluation.tokens);
        let known = self.record.corpus.tokens.get("test").copied();
        evaluated.max().or(known)
    }
}

/// The record of an entry, if it is among these.
fn of<R: Clone>(id: &EntryId, records: &[EntryRecord<R>]) -> Option<EntryRecord<R>> {
    records.iter().find(|record| record.entry == *id).cloned()
}

fn read_entry(folder: &Path, id: &EntryId, evaluated: &[EntryRecord]) -> Result<Entry> {
    let own = id.folder(folder);
    Ok(Entry {
        state: EntryFolder::open(&own).state(),
        record: of(id, evaluated),
        words: None,
        translation: None,
        conversation: None,
        curve: read_csv(&own.join("curve.csv"))?,
        samples: read_samples(&own)?,
        config: read_if_there(&own.join("config.toml"))?,
        id: id.clone(),
    })
}

fn read_samples(entry: &Path) -> Result<Vec<Sample>> {
    let path = entry.join("samples.json");
    match read_if_there(&path)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| Error::corrupt(&path, error)),
        None => Ok(Vec::new()),
    }
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

fn is_stale(results: &[ResultRow], evaluated: &[EntryRecord]) -> bool {
    let listed: BTreeSet<_> = results
        .iter()
        .map(|row| (&row.era, &row.variant, row.track))
        .collect();
    let known = evaluated.iter().map(|record| &record.entry);
    let known: BTreeSet<_> = known.map(|id| (&id.era, &id.variant, id.track)).collect();
    !results.is_empty() && listed != known
}
