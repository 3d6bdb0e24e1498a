//! How learning curves of language models ended, in the answer and in the table of results.

use harness::{CurveEnd, EntryRecord, Learned, Track, training_notes};

use crate::data::{Entry, RunData};
use crate::human;
use crate::table::Cell;

/// What the answer says about short training, a sentence per element.
pub(crate) fn sentences(data: &RunData) -> Vec<String> {
    let finished = data.of_track(Track::LanguageModelling).filter_map(|entry| {
        Some(Learned {
            record: entry.record.as_ref()?,
            curve: &entry.curve,
        })
    });
    training_notes(&data.record, &finished.collect::<Vec<_>>())
}

/// How the learning curve of an entry ended, as a cell of a table.
pub(crate) fn cell(data: &RunData, record: &EntryRecord) -> Cell {
    let entry = data.entries.iter().find(|entry| entry.id == record.entry);
    let percent = human::percent;
    let text = match entry.and_then(|entry| end(data, entry)) {
        None => return Cell::Empty,
        Some(CurveEnd::Begun { steps }) => format!("undertrained: {steps} steps"),
        Some(CurveEnd::Falling { per_doubling, .. }) => format!(
            "undertrained: falling by {} per doubling",
            percent(per_doubling)
        ),
        Some(CurveEnd::Level { per_doubling }) if per_doubling > 0.0 => {
            format!("falling by {} per doubling", percent(per_doubling))
        }
        Some(CurveEnd::Level { .. }) => "level".to_owned(),
        Some(CurveEnd::Risen { above_lowest }) => {
            format!("risen again by {}", percent(above_lowest))
        }
    };
    Cell::Text(text)
}

/// Whether the learning curve of any language model says how it ended.
pub(crate) fn is_known(data: &RunData) -> bool {
    let mut entries = data.of_track(Track::LanguageModelling);
    entries.any(|entry| entry.record.is_some() && end(data, entry).is_some())
}

fn end(data: &RunData, entry: &Entry) -> Option<CurveEnd> {
    CurveEnd::within(data.record.budget, &entry.curve)
}
