//! Entries that have no result.

use harness::State;

use crate::data::RunData;
use crate::table::{Cell, Column, Table};

/// Entries that have no result, and why.
pub(crate) fn table(data: &RunData) -> Option<Table> {
    let open = data.entries.iter().filter(|entry| !entry.has_result());
    let rows = open.map(|entry| {
        let (state, reason) = match &entry.state {
            State::Open => ("open", "not started, or the program was killed"),
            State::Interrupted => ("interrupted", "stopped by the user; can be resumed"),
            State::Failed(reason) => ("failed", reason.as_str()),
            State::Done => ("done", "the evaluation is missing"),
        };
        vec![
            data.eras.cell(&entry.id),
            Cell::Text(entry.id.track.to_string()),
            Cell::Text(state.to_owned()),
            Cell::Text(reason.to_owned()),
        ]
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
