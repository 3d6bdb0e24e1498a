//! Where entries differ, by kinds of token.

use std::collections::BTreeSet;

use harness::BreakdownRow;

use crate::charts::{HeatMap, Values};
use crate::data::RunData;
use crate::eras::era_of;
use crate::error::Result;
use crate::human::{self, slug};
use crate::page::Figure;
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// Every breakdown: its name, a heat map and a table.
pub(crate) fn figures(data: &RunData, writer: &mut Writer) -> Result<Vec<(String, Figure, Table)>> {
    let limit = limit(data);
    let reference = reference(&data.breakdowns);
    let figure = |name: &str| {
        let reading = format!(
            "How to read it: deeper orange means a higher loss than that of {reference} on tokens of that kind, blue a \
             lower one."
        );
        let figure = writer.chart(&heat_map(data, name, limit), reading)?;
        let table = writer.table(table(data, name))?;
        Ok((name.to_owned(), figure, table))
    };
    names(&data.breakdowns).into_iter().map(figure).collect()
}

/// The breakdowns' names, in the order of the file.
fn names(rows: &[BreakdownRow]) -> Vec<&str> {
    in_order(rows.iter().map(|row| row.breakdown.as_str()))
}

/// Names without repetition, in the order of their first appearance.
fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

/// The entries of a breakdown: in the order of the run, unknown ones after them.
fn entries_of<'a>(data: &'a RunData, breakdown: &str) -> Vec<&'a str> {
    let rows = data
        .breakdowns
        .iter()
        .filter(|row| row.breakdown == breakdown);
    let mut entries = in_order(rows.map(|row| row.entry.as_str()));
    let labels: Vec<String> = data.entries.iter().map(|entry| entry.id.label()).collect();
    let place = |label: &str| labels.iter().position(|known| known == label);
    entries.sort_by_key(|label| place(label).unwrap_or(usize::MAX));
    entries
}

/// The row of a breakdown that belongs to an entry and a cell.
fn row_of<'a>(
    data: &'a RunData,
    breakdown: &str,
    entry: &str,
    cell: &str,
) -> Option<&'a BreakdownRow> {
    let mut rows = data.breakdowns.iter();
    rows.find(|row| row.breakdown == breakdown && row.entry == entry && row.cell == cell)
}

/// The cells of a breakdown, in the order of the file.
fn cells_of<'a>(data: &'a RunData, breakdown: &str) -> Vec<&'a str> {
    let rows = data
        .breakdowns
        .iter()
        .filter(|row| row.breakdown == breakdown);
    in_order(rows.map(|row| row.cell.as_str()))
}

/// A breakdown as a table.
fn table(data: &RunData, name: &str) -> Table {
    let entries = entries_of(data, name);
    let cells = cells_of(data, name);
    let rows = cells.iter().map(|cell| {
        let found: Vec<_> = entries
            .iter()
            .map(|entry| row_of(data, name, entry, cell))
            .collect();
        let tokens = found.iter().flatten().map(|row| row.tokens).max();
        let tokens = tokens.map(|tokens| tokens as f64);
        let show_tokens = |tokens: f64| human::thousands(tokens as u64);
        let head = [
            Cell::Text((*cell).to_owned()),
            Cell::number(tokens, show_tokens),
        ];
        head.into_iter()
            .chain(found.into_iter().map(excess))
            .collect()
    });
    let head = [Column::words(name), Column::numbers("tokens")];
    let columns = entries.iter().map(|entry| Column::measured(entry));
    Table {
        name: slug("breakdown", name),
        caption: format!(
            "By {name}: loss above that of the reference, in nats per token, ± one standard error."
        ),
        columns: head.into_iter().chain(columns).collect(),
        rows: rows.collect(),
    }
}

fn excess(row: Option<&BreakdownRow>) -> Cell {
    let Some(row) = row.filter(|row| row.excess.is_finite()) else {
        return Cell::Empty;
    };
    let shown = match row.standard_error.is_finite() {
        true => format!(
            "{} ± {:.2}",
            human::signed(row.excess, 2),
            row.standard_error
        ),
        false => human::signed(row.excess, 2),
    };
    Cell::Measured(shown, row.excess, row.standard_error)
}

/// A breakdown as a heat map; `limit` is the excess that has full colour.
fn heat_map(data: &RunData, name: &str, limit: f64) -> HeatMap {
    let entries = entries_of(data, name);
    let excess = |entry: &str, cell: &str| row_of(data, name, entry, cell).map(|row| row.excess);
    let rows = cells_of(data, name).into_iter().map(|cell| {
        let values = entries.iter().map(|entry| excess(entry, cell)).collect();
        (cell.to_owned(), values)
    });
    let rows = rows.collect();
    let coloured = |label: &&str| ((*label).to_owned(), data.eras.colour(era_of(label)));
    HeatMap {
        name: slug("heat-map", name),
        breakdown: name.to_owned(),
        entries: entries.iter().map(coloured).collect(),
        rows,
        values: Values::Losses { limit },
    }
}

/// The excess that has full colour in all breakdowns: the largest of any entry but baselines, on kinds with enough tokens, but at
/// most 4 nats (a factor of 55), so that one bad entry does not make all others pale.
fn limit(data: &RunData) -> f64 {
    const ENOUGH: u64 = 100;
    let learned = data
        .breakdowns
        .iter()
        .filter(|row| !data.eras.is_baseline(era_of(&row.entry)) && row.tokens >= ENOUGH);
    let sizes = learned
        .map(|row| row.excess.abs())
        .filter(|size| size.is_finite());
    let largest = sizes.fold(0.0, f64::max);
    if largest > 0.0 { largest.min(4.0) } else { 1.0 }
}

/// The reference, if it is the same in all rows.
fn reference(rows: &[BreakdownRow]) -> &str {
    match in_order(rows.iter().map(|row| row.reference.as_str())).as_slice() {
        [only] => only,
        _ => "the reference",
    }
}
