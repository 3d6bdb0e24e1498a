//! Translation: BLEU and chrF, by length of the source, and example translations.

use harness::{LengthBucket, Track, TranslationExample, TranslationRecord};
use maud::{Markup, html};

use super::Section;
use super::rows::year_cell;
use crate::data::RunData;
use crate::error::Result;
use crate::human;
use crate::page::{ideas, table as show};
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// The track.
pub(super) struct Translation;

impl Section for Translation {
    fn write(&self, data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
        let tables = writer.tables(tables(data))?;
        let mut eras = data.translators().map(|record| &record.entry.era);
        let has_oracle = eras.any(|era| data.eras.is_oracle(era));
        Ok((!tables.is_empty()).then(|| {
            html! {
                h2 { "Translation" }
                p {
                    "BLEU is the geometric mean of the precisions of n-grams of up to four words, with a penalty for brevity; chrF \
                     is the F-score of character n-grams."
                    @if has_oracle {
                        " The oracle knows both languages, but not which of several correct words the reference uses."
                    }
                }
                (ideas(data, Track::Translation))
                @for table in &tables { (show(table)) }
            }
        }))
    }
}

/// The scores of each translator, also by length of the source, and examples of its translations.
fn tables(data: &RunData) -> Vec<Table> {
    let records: Vec<&TranslationRecord> = data.translators().collect();
    let all = [
        summary(data, &records),
        by_length(&records),
        examples(data, &records),
    ]
    .into_iter();
    all.filter(|table| !table.rows.is_empty()).collect()
}

fn two(value: f64) -> String {
    format!("{value:.2}")
}

fn summary(data: &RunData, records: &[&TranslationRecord]) -> Table {
    let rows = records.iter().map(|record| {
        let found = &record.evaluation;
        let sentences = |count: f64| human::thousands(count as u64);
        vec![
            data.eras.cell(&record.entry),
            year_cell(&record.entry),
            Cell::number(Some(found.bleu), two),
            Cell::number(Some(found.chrf), two),
            Cell::number(found.perplexity, human::decimal),
            Cell::number(Some(found.brevity_penalty), two),
            Cell::number(Some(found.sentences as f64), sentences),
        ]
    });
    let signature = records
        .first()
        .map_or("", |record| record.evaluation.signature.as_str());
    let titles = [
        "year",
        "BLEU",
        "chrF",
        "perplexity",
        "brevity penalty",
        "sentences",
    ];
    Table {
        name: "translation".to_owned(),
        caption: format!(
            "Translations of the test sentences against one reference each; 100 is the maximum (BLEU {signature}). Perplexity is \
             that of the references, per token."
        ),
        columns: std::iter::once(Column::words("entry"))
            .chain(titles.map(Column::numbers))
            .collect(),
        rows: rows.collect(),
    }
}

/// The columns of `head` and one for each entry.
fn with_entries(head: Vec<Column>, records: &[&TranslationRecord]) -> Vec<Column> {
    let entries = records.iter().map(|record| record.entry.label());
    let entries = entries.map(|label| Column::numbers(&label));
    head.into_iter().chain(entries).collect()
}

/// A length in a row, an entry in a column.
fn by_length(records: &[&TranslationRecord]) -> Table {
    let buckets = records
        .first()
        .map_or(&[][..], |record| &record.evaluation.by_length);
    let rows = buckets.iter().map(|bucket| {
        let own = |record: &&TranslationRecord| {
            let mut found = record.evaluation.by_length.iter();
            let found = found.find(|found| found.from == bucket.from);
            Cell::number(found.map(|found| found.bleu), two)
        };
        let head = [
            Cell::Text(range(bucket)),
            Cell::number(Some(bucket.sentences as f64), |count| {
                human::thousands(count as u64)
            }),
        ];
        head.into_iter().chain(records.iter().map(own)).collect()
    });
    let head = vec![
        Column::words("source length in words"),
        Column::numbers("sentences"),
    ];
    Table {
        name: "translation-by-length".to_owned(),
        caption: "BLEU by length of the source.".to_owned(),
        columns: with_entries(head, records),
        rows: rows.collect(),
    }
}

fn range(bucket: &LengthBucket) -> String {
    match bucket.to {
        Some(to) => format!("{} to {to}", bucket.from),
        None => format!("{} and more", bucket.from),
    }
}

/// A text in a row: each source, its reference, and the translations of all entries.
fn examples(data: &RunData, records: &[&TranslationRecord]) -> Table {
    let Some(first) = records.first() else {
        return Table {
            name: "translations".to_owned(),
            caption: String::new(),
            columns: Vec::new(),
            rows: Vec::new(),
        };
    };
    let text = |text: &str| Cell::Text(text.to_owned());
    let of_source = |(at, example): (usize, &TranslationExample)| {
        let given = [
            ("source", &example.source),
            ("reference", &example.reference),
        ];
        let given = given.map(|(what, content)| vec![text(what), text(content)]);
        let own = records.iter().filter_map(move |record| {
            let own = record.evaluation.examples.get(at)?;
            Some(vec![data.eras.cell(&record.entry), text(&own.translation)])
        });
        given.into_iter().chain(own).collect::<Vec<_>>()
    };
    let examples = first.evaluation.examples.iter().enumerate();
    Table {
        name: "translations".to_owned(),
        caption: "The same sentences, translated by every entry.".to_owned(),
        columns: ["entry", "text"].map(Column::words).into(),
        rows: examples.flat_map(of_source).collect(),
    }
}
