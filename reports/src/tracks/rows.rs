//! What the rows of all tracks have in common.

use harness::EntryId;

use crate::charts::RankingRow;
use crate::data::RunData;
use crate::table::Cell;

/// A row of a chart that ranks entries by a value.
pub(crate) fn ranking_row(data: &RunData, entry: &EntryId, value: Option<f64>) -> RankingRow {
    RankingRow {
        label: entry.label(),
        year: entry.year_text(),
        mark: data.eras.mark(entry),
        value,
    }
}

/// The year of an entry in a table.
pub(crate) fn year_cell(entry: &EntryId) -> Cell {
    Cell::number(entry.year.map(f64::from), |year| format!("{year}"))
}
