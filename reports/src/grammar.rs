//! Grammar by phenomenon, where minimal pairs were judged.

use std::collections::BTreeSet;

use harness::{EntryId, MinimalPairsResult};

use crate::charts::{HeatMap, Values};
use crate::data::RunData;
use crate::human;
use crate::style::era_colour;
use crate::table::{Cell, Column, Table};

/// What entries know of grammar.
pub(crate) struct Grammar<'a> {
    judged: Vec<(&'a EntryId, &'a MinimalPairsResult)>,
    phenomena: BTreeSet<&'a str>,
}

impl Grammar<'_> {
    /// Of the entries that were judged; nothing where none was.
    pub(crate) fn of(data: &RunData) -> Option<Grammar<'_>> {
        let pairs = data
            .language_models()
            .map(|record| Some((&record.entry, record.minimal_pairs.as_ref()?)));
        let judged: Vec<_> = pairs.flatten().collect();
        let phenomena = judged
            .iter()
            .flat_map(|(_, pairs)| pairs.by_phenomenon.keys().map(String::as_str));
        let phenomena: BTreeSet<&str> = phenomena.collect();
        (!phenomena.is_empty()).then_some(Grammar { judged, phenomena })
    }

    /// A phenomenon in words, and how often each entry is right.
    fn rows(&self) -> impl Iterator<Item = (String, Vec<Option<f64>>)> {
        self.phenomena.iter().map(|phenomenon| {
            let judged = self.judged.iter();
            let shares = judged.map(|(_, pairs)| pairs.by_phenomenon.get(*phenomenon).copied());
            (phenomenon.replace('_', " "), shares.collect())
        })
    }

    /// As numbers.
    pub(crate) fn table(&self) -> Table {
        let entries = self.judged.iter();
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
            caption: "How often the good sentence of a minimal pair is the more probable; chance is 50 %."
                .to_owned(),
            columns: std::iter::once(Column::words("phenomenon"))
                .chain(entries)
                .collect(),
            rows: rows.collect(),
        }
    }

    /// As a picture.
    pub(crate) fn heat_map(&self) -> HeatMap {
        let entries = self.judged.iter();
        let entries = entries.map(|(id, _)| (id.label(), era_colour(&id.era)));
        HeatMap {
            name: "heat-map-grammar".to_owned(),
            breakdown: "phenomenon".to_owned(),
            entries: entries.collect(),
            rows: self.rows().collect(),
            values: Values::Shares,
        }
    }
}
