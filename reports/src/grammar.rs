//! Grammar by phenomenon, from minimal pairs.

use std::collections::BTreeSet;

use harness::{EntryId, MinimalPairsResult};

use crate::charts::{HeatMap, Values};
use crate::data::RunData;
use crate::eras::Eras;
use crate::error::Result;
use crate::human;
use crate::page::Figure;
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// The accuracy of entries on minimal pairs.
pub(crate) struct Grammar<'a> {
    eras: &'a Eras,
    evaluated: Vec<(&'a EntryId, &'a MinimalPairsResult)>,
    phenomena: BTreeSet<&'a str>,
}

impl Grammar<'_> {
    /// The entries that were evaluated on minimal pairs; none if there are no such entries.
    pub(crate) fn of(data: &RunData) -> Option<Grammar<'_>> {
        let pairs = data
            .language_models()
            .map(|record| Some((&record.entry, record.minimal_pairs.as_ref()?)));
        let evaluated: Vec<_> = pairs.flatten().collect();
        let phenomena = evaluated
            .iter()
            .flat_map(|(_, pairs)| pairs.by_phenomenon.keys().map(String::as_str));
        let phenomena: BTreeSet<&str> = phenomena.collect();
        (!phenomena.is_empty()).then_some(Grammar {
            eras: &data.eras,
            evaluated,
            phenomena,
        })
    }

    /// Each phenomenon with the accuracy of each entry.
    fn rows(&self) -> impl Iterator<Item = (String, Vec<Option<f64>>)> {
        self.phenomena.iter().map(|phenomenon| {
            let evaluated = self.evaluated.iter();
            let shares = evaluated.map(|(_, pairs)| pairs.by_phenomenon.get(*phenomenon).copied());
            (phenomenon.replace('_', " "), shares.collect())
        })
    }

    /// A heat map and a table.
    pub(crate) fn figure(&self, writer: &mut Writer) -> Result<(Figure, Table)> {
        let reading = "How to read it: deeper blue means a higher share of pairs in which the entry prefers the grammatical \
                       sentence; pale is chance, orange is below chance.";
        let figure = writer.chart(&self.heat_map(), reading.to_owned())?;
        Ok((figure, writer.table(self.table())?))
    }

    /// As numbers.
    fn table(&self) -> Table {
        let entries = self.evaluated.iter();
        let entries = entries.map(|(id, _)| Column::numbers(&id.label()));
        let rows = self.rows().map(|(phenomenon, shares)| {
            let shares = shares.into_iter();
            let shares = shares.map(|share| Cell::number(share, human::percent));
            std::iter::once(Cell::Text(phenomenon))
                .chain(shares)
                .collect()
        });
        Table {
            name: "grammar".to_owned(),
            caption: "Share of minimal pairs in which the grammatical sentence has the higher probability; chance is 50 %."
                .to_owned(),
            columns: std::iter::once(Column::words("phenomenon"))
                .chain(entries)
                .collect(),
            rows: rows.collect(),
        }
    }

    /// As a heat map.
    fn heat_map(&self) -> HeatMap {
        let entries = self.evaluated.iter();
        let entries = entries.map(|(id, _)| (id.label(), self.eras.colour(&id.era)));
        HeatMap {
            name: "heat-map-grammar".to_owned(),
            breakdown: "phenomenon".to_owned(),
            entries: entries.collect(),
            rows: self.rows().collect(),
            values: Values::Shares,
        }
    }
}
