//! Bits per byte of language models.

use harness::EntryRecord;
use maud::{Markup, html};

use crate::charts::Ranking;
use crate::data::RunData;
use crate::error::Result;
use crate::human;
use crate::page::{figure, table as show};
use crate::table::{Cell, Column, Table};
use crate::tracks::rows::{ranking_row, year_cell};
use crate::writer::Writer;

const MEANING: &str = "Perplexity per token is comparable only within one prepared corpus, bits per byte also between tokenizers.";

const READING: &str = "How to read it: further left is better. Bits per byte are the bits per byte of the test text that an ideal \
                       compressor needs if it uses the probabilities of the model.";

/// A heading with a chart and a table of bits per byte, or the reason why no entry has them.
pub(crate) fn section(data: &RunData, writer: &mut Writer) -> Result<Markup> {
    let measured: Vec<(&EntryRecord, f64)> = data
        .language_models()
        .filter_map(|record| Some((record, record.evaluation.bits_per_byte?)))
        .collect();
    let shown = match measured.is_empty() {
        true => None,
        false => Some((
            writer.chart(&chart(data, &measured), READING.to_owned())?,
            writer.table(table(data, &measured))?,
        )),
    };
    Ok(html! {
        h3 { "Bits per byte" }
        p { (MEANING) }
        @match &shown {
            Some((chart, numbers)) => { (figure(chart)) (show(numbers)) }
            None => p.quiet { "No entry has bits per byte: " (data.record.corpus.bits_per_byte) "." }
        }
    })
}

fn chart(data: &RunData, measured: &[(&EntryRecord, f64)]) -> Ranking {
    let rows = measured.iter();
    let rows = rows.map(|(record, bits)| ranking_row(data, &record.entry, Some(*bits)));
    let oracles = measured.iter();
    let oracles = oracles.filter(|(record, _)| data.eras.is_oracle(&record.entry.era));
    Ranking {
        name: "bits-per-byte",
        measure: "bits per byte",
        of: " of the test split",
        rows: rows.collect(),
        floor: oracles.map(|(_, bits)| *bits).min_by(f64::total_cmp),
    }
}

fn table(data: &RunData, measured: &[(&EntryRecord, f64)]) -> Table {
    let rows = measured.iter().map(|(record, bits)| {
        let found = &record.evaluation;
        vec![
            data.eras.cell(&record.entry),
            year_cell(&record.entry),
            Cell::number(Some(*bits), human::three),
            Cell::number(found.bits_per_token, human::three),
            Cell::number(found.perplexity, human::decimal),
        ]
    });
    let titles = [
        "year",
        "bits per byte",
        "bits per token",
        "perplexity per token",
    ];
    Table {
        name: "bits-per-byte".to_owned(),
        caption: "Bits per byte of the test split.".to_owned(),
        columns: std::iter::once(Column::words("entry"))
            .chain(titles.map(Column::numbers))
            .collect(),
        rows: rows.collect(),
    }
}
