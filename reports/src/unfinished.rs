//! Entries that have no result: they are named wherever results are shown or compared.

use harness::State;

use crate::data::{Entry, RunData};
use crate::table::{Cell, Column, Table};

const IN_TRAINING: &str = "in training";

/// The state of an entry without a result, and why it is in it; none if the entry has a result.
pub(crate) fn state<'a>(data: &RunData, entry: &'a Entry) -> Option<(&'static str, &'a str)> {
    // The configuration is written before the first step.
    let has_begun = entry.config.is_some();
    let state = match &entry.state {
        State::Open if has_begun && data.is_running => (IN_TRAINING, "the run was going on"),
        State::Open if data.is_running => ("not started", "the run had not come to it"),
        State::Open if !has_begun => ("missing", "not started, or its folder was removed"),
        State::Open => ("stopped", "the program was killed"),
        State::Interrupted => ("interrupted", "stopped by the user"),
        State::Failed(reason) => ("failed", reason.as_str()),
        State::Done => ("damaged", "its evaluation is missing"),
    };
    (!entry.has_result()).then_some(state)
}

/// Entries without a result and how many there are in all, as a sentence; none if all have one.
pub(crate) fn sentence(data: &RunData) -> Option<String> {
    let named = named(data)?;
    let states: Vec<&str> = data
        .entries
        .iter()
        .filter_map(|entry| Some(state(data, entry)?.0))
        .collect();
    let (have, them) = match states.len() {
        1 => ("has", "it"),
        _ => ("have", "them"),
    };
    let remedy = match states.contains(&IN_TRAINING) {
        true => "the run was going on when this was written",
        false => "eras run --resume continues the run",
    };
    Some(format!(
        "{} of {} entries {have} no result, and nothing is compared with {them}: {named}; {remedy}.",
        states.len(),
        data.entries.len()
    ))
}

/// The labels of the entries without a result, each with its state; none if all have one.
pub(crate) fn named(data: &RunData) -> Option<String> {
    let entries = data.entries.iter();
    let named: Vec<String> = entries
        .filter_map(|entry| Some(format!("{} ({})", entry.id.label(), state(data, entry)?.0)))
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// Entries that have no result, and why.
pub(crate) fn table(data: &RunData) -> Option<Table> {
    let rows = data.entries.iter().filter_map(|entry| {
        let (state, reason) = state(data, entry)?;
        Some(vec![
            data.eras.cell(&entry.id),
            Cell::Text(entry.id.track.to_string()),
            Cell::Text(state.to_owned()),
            Cell::Text(reason.to_owned()),
        ])
    });
    let table = Table {
        name: "unfinished".to_owned(),
        caption: "Entries without a result.".to_owned(),
        columns: ["entry", "track", "state", "reason"]
            .map(Column::words)
            .into(),
        rows: rows.collect(),
    };
    (!table.rows.is_empty()).then_some(table)
}
