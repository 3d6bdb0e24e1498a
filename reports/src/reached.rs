//! The computation and time that each era needs to reach the best perplexity of the others.

use harness::{CurvePoint, Track, metrics::perplexity};

use crate::data::{Entry, RunData};
use crate::human;
use crate::table::{Cell, Column, Table};

/// The best validation perplexity on a learning curve.
fn best(entry: &Entry) -> Option<f64> {
    let found = entry.curve.iter().filter_map(of_point);
    found.min_by(f64::total_cmp)
}

fn of_point(point: &CurvePoint) -> Option<f64> {
    let found = perplexity(point.valid_log_prob?, 1);
    found.is_finite().then_some(found)
}

/// The best language model of each era that has a learning curve, in the order of the entries.
fn eras(data: &RunData) -> Vec<(&Entry, f64)> {
    let mut all: Vec<(&Entry, f64)> = Vec::new();
    for entry in data.of_track(Track::LanguageModelling) {
        let Some(own) = best(entry) else { continue };
        match all
            .iter_mut()
            .find(|(known, _)| known.id.era == entry.id.era)
        {
            Some(known) if own < known.1 => *known = (entry, own),
            Some(_) => {}
            None => all.push((entry, own)),
        }
    }
    all
}

/// FLOPs and seconds until the era of the row reaches the best validation perplexity of the era of the column.
pub(crate) fn table(data: &RunData) -> Option<Table> {
    let eras = eras(data);
    if eras.len() < 2 {
        return None;
    }
    let columns = eras.iter().map(|(entry, own)| {
        Column::words(&format!(
            "{}: {}",
            entry.marked_label(),
            human::decimal(*own)
        ))
    });
    let rows = eras.iter().map(|(entry, _)| {
        let until = |goal: f64| {
            let reached = |point: &&CurvePoint| of_point(point).is_some_and(|own| own <= goal);
            match entry.curve.iter().find(reached) {
                Some(point) => Cell::Text(format!(
                    "{}FLOPs, {}",
                    human::scaled(point.flops),
                    human::duration(point.seconds)
                )),
                None => Cell::Empty,
            }
        };
        let cells = eras.iter().map(|(_, goal)| until(*goal));
        std::iter::once(data.eras.cell(&entry.id))
            .chain(cells)
            .collect()
    });
    Some(Table {
        name: "reached".to_owned(),
        caption: format!(
            "Computation and time that each entry needs to reach the best validation perplexity of the entry in the column; empty \
             if it never does. Validation happens at intervals, so an entry may get there slightly earlier.{}",
            match data.measure() {
                "perplexity" => "",
                _ =>
                    " Learning curves count <unk>, so their order may differ from that of the results.",
            }
        ),
        rows: rows.collect(),
        columns: std::iter::once(Column::words("entry"))
            .chain(columns)
            .collect(),
    })
}
