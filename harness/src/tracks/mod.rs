//! The tracks of a run. Each evaluates models in one way, records the results, and has one headline figure and one table.
//!
//! A track is one file here, behind [`TrackEvaluator`], and one section of the report; [`evaluator`] lists them.

mod conversation;
mod language_modelling;
mod questions;
mod short_training;
mod table;
mod trained;
mod translation;
mod words;

use std::path::Path;

pub use language_modelling::{failed_audit, minimal_pairs_sentence};
pub use questions::{Questions, Tests};
pub use short_training::{Learned, training_notes};
pub use table::{TextTable, thousands};
pub use trained::Trained;

use crate::entry::EraRole;
use crate::entry::{EntryId, Track};
use crate::error::{Error, Result};
use crate::model_folder::ModelCard;
use crate::records::{Cost, EntryRecord, FORMAT, RunRecord};
use crate::run::EntryFolder;
use crate::trained_model::Model;
use crate::training::Progress;

/// The evaluation of a track in a run.
pub trait TrackEvaluator: Sync {
    /// The track.
    fn track(&self) -> Track;

    /// Evaluates a model and writes the results into the folder of its entry.
    ///
    /// # Errors
    /// Errors of evaluation and writing; [`Error::Interrupted`] if progress asks to stop.
    fn evaluate(
        &self,
        model: Model,
        subject: &Subject<'_>,
        progress: &mut dyn Progress,
    ) -> Result<()>;

    /// Refuses a record that cannot be read as a whole.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    fn check_record(&self, folder: &EntryFolder, questions: &Questions) -> Result<()>;

    /// The headline figure with its name, and the cost; none if there is no record.
    fn headline(&self, folder: &EntryFolder) -> Option<(String, Cost)>;

    /// The results of all finished entries of a run; none if there are none.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    fn table(&self, run: &Path, record: &RunRecord) -> Result<Option<TextTable>>;

    /// The records of all finished entries of a run, as JSON.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    fn json(&self, run: &Path, record: &RunRecord) -> Result<serde_json::Value>;

    /// The reason why a run with these tests has no results in this track, as a sentence; none if it has some.
    fn missing(&self, questions: &Tests<'_>) -> Option<String>;
}

/// What is known about a model that is evaluated in a track.
pub struct Subject<'a> {
    /// Its entry.
    pub id: &'a EntryId,
    /// What its folder says about it.
    pub card: &'a ModelCard,
    /// The role of its era in a comparison.
    pub role: EraRole,
    /// The cost of its training.
    pub trained: &'a Trained,
    /// Where the result is written.
    pub folder: &'a EntryFolder,
    /// The data that it is evaluated on.
    pub questions: &'a Questions,
}

impl Subject<'_> {
    /// The record of a result.
    fn record<E>(&self, evaluation: E, evaluation_seconds: f64) -> EntryRecord<E> {
        EntryRecord {
            format: FORMAT,
            entry: self.id.clone(),
            evaluation,
            valid_perplexity: None,
            minimal_pairs: None,
            cost: Cost {
                evaluation_seconds,
                ..self.trained.cost(self.card, self.folder)
            },
            ancestry: self.card.ancestry.clone(),
            borrowed_ideas: self.card.borrowed_ideas.clone(),
        }
    }

    /// The error for a model of a kind that the track cannot evaluate.
    fn refuse(&self, model: &Model, needed: &str) -> Error {
        Error::Model {
            model: self.id.label(),
            what: format!(
                "the track {} needs a {needed}, not a {}",
                self.id.track,
                model.kind()
            ),
        }
    }
}

/// All tracks, in the order of the report.
pub fn evaluators() -> [&'static dyn TrackEvaluator; 4] {
    Track::ALL.map(evaluator)
}

/// A track by name.
pub fn evaluator(track: Track) -> &'static dyn TrackEvaluator {
    match track {
        Track::LanguageModelling => &language_modelling::LanguageModelling,
        Track::Translation => &translation::Translation,
        Track::Conversation => &conversation::Conversation,
        Track::Words => &words::Words,
    }
}

/// An error if progress asks to stop.
fn check(progress: &mut dyn Progress) -> Result<()> {
    match progress.tick("evaluating", 0, None) {
        std::ops::ControlFlow::Continue(()) => Ok(()),
        std::ops::ControlFlow::Break(()) => Err(Error::Interrupted),
    }
}

/// A percentage with one digit.
fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A number, or a dash.
fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}

/// A percentage, or a dash.
fn share(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), percent)
}

/// Records as JSON.
fn to_json<T: serde::Serialize>(run: &Path, records: &T) -> Result<serde_json::Value> {
    let value = serde_json::to_value(records);
    value.map_err(|error| Error::corrupt(run, error.to_string()))
}
