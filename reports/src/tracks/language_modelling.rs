//! Language modelling: perplexity, bits per byte, differences, breakdowns, grammar, and growth with the text.

use harness::EntryRecord;
use maud::{Markup, html};

use super::Section;
use super::rows::{ranking_row, year_cell};
use crate::answer::floor;
use crate::charts::Ranking;
use crate::data::RunData;
use crate::error::Result;
use crate::glossary::{heading, phenomenon};
use crate::grammar::Grammar;
use crate::page::{Figure, figure, ideas, table as show};
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;
use crate::{bits_per_byte, breakdowns, growth, human, short_training};

/// The track.
pub(super) struct LanguageModelling;

impl Section for LanguageModelling {
    fn write(&self, data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
        let perplexity = perplexity_figure(data, writer)?;
        let results = writer.table(results(data))?;
        let comparisons = writer.table_if_any(comparisons(data))?;
        let bits = bits_per_byte::section(data, writer)?;
        let learned = learned(data, writer)?;
        let growth = growth::section(data, writer)?;
        let Some(perplexity) = perplexity else {
            return Ok(None);
        };
        Ok(Some(html! {
            h2 { "Language modelling" }
            (figure(&perplexity))
            (ideas(data, harness::Track::LanguageModelling))
            (show(&results))
            (faults(data))
            @if let Some(comparisons) = &comparisons { (show(comparisons)) }
            (bits)
            (learned)
            @if let Some(growth) = &growth { (growth) }
        }))
    }
}

/// Entries that failed the audit, and damage to the table of results.
fn faults(data: &RunData) -> Markup {
    let faults = data.language_models().filter_map(|record| {
        let fault = record.evaluation.audit.fault.as_ref()?;
        Some((record.entry.label(), fault))
    });
    html! {
        @for (label, fault) in faults {
            p { strong { (label) " does not define a distribution" } ": " (fault) ". It has no perplexity." }
        }
        @if data.is_stale {
            p.quiet {
                "results.csv lists other entries than the evaluations; this page follows the evaluations."
            }
        }
    }
}

const READING: &str = "How to read it: further left is better. At perplexity 100 a model is on average as uncertain as if it had \
                       to choose among 100 equally likely words.";

/// Perplexity of every entry; none without entries.
fn perplexity_figure(data: &RunData, writer: &mut Writer) -> Result<Option<Figure>> {
    let rows = data
        .language_models()
        .map(|record| ranking_row(data, &record.entry, record.evaluation.compared()));
    let chart = Ranking {
        name: "perplexity",
        measure: data.measure(),
        of: " on the test split",
        rows: rows.collect(),
        floor: floor(data),
    };
    if chart.rows.is_empty() {
        return Ok(None);
    }
    writer.chart(&chart, READING.to_owned()).map(Some)
}

/// The results of every entry.
fn results(data: &RunData) -> Table {
    let has_pairs = data
        .language_models()
        .any(|record| record.minimal_pairs.is_some());
    let titles = match leaves_out_unknown(data) {
        true => ["without <unk>", "perplexity"],
        false => ["perplexity", "without <unk>"],
    };
    let mut columns = vec![
        Column::words("entry"),
        Column::numbers("year"),
        Column::numbers(titles[0]),
        Column::numbers("on validation"),
        Column::numbers(titles[1]),
        Column::numbers("bits per token"),
        Column::numbers("bits per byte"),
        Column::measured("top-1"),
        Column::measured("top-5"),
    ];
    if has_pairs {
        columns.push(Column::numbers("minimal pairs"));
    }
    // Where every word is known, the column would repeat the one before.
    let has_unknown = data.language_models().any(|record| {
        let pairs = record.minimal_pairs.as_ref();
        pairs.is_some_and(|pairs| pairs.pairs_with_unknown > 0)
    });
    if has_unknown {
        columns.push(Column::numbers("minimal pairs without <unk>"));
    }
    let has_ends = short_training::is_known(data);
    if has_ends {
        columns.push(Column::words("validation perplexity at the end"));
    }
    let rows = data.language_models().map(|record| {
        let mut cells = results_row(data, record, has_pairs, has_unknown);
        cells.extend(has_ends.then(|| short_training::cell(data, record)));
        cells
    });
    Table {
        name: "results".to_owned(),
        caption: format!(
            "Results on the test split, and {} on the validation split, on which settings are chosen; ± is one standard error.{}",
            data.measure(),
            match leaves_out_unknown(data) {
                true =>
                    " Entries are compared by perplexity without <unk>; accuracy is that on known words.",
                false => "",
            }
        ),
        columns,
        rows: rows.collect(),
    }
}

fn results_row(
    data: &RunData,
    record: &EntryRecord,
    has_pairs: bool,
    has_unknown: bool,
) -> Vec<Cell> {
    let found = &record.evaluation;
    let other = match leaves_out_unknown(data) {
        true => found.perplexity,
        false => found.perplexity_without_unk,
    };
    let mut cells = vec![
        data.eras.cell(&record.entry),
        year_cell(&record.entry),
        match &found.audit.fault {
            Some(_) => Cell::Text("not a distribution".to_owned()),
            None => Cell::number(found.compared(), human::decimal),
        },
        Cell::number(record.valid_perplexity, human::decimal),
        Cell::number(other, human::decimal),
        Cell::number(found.bits_per_token, human::three),
        Cell::number(found.bits_per_byte, human::three),
        share(
            found
                .accuracy
                .as_ref()
                .map(|hits| (hits.top1, hits.top1_error)),
        ),
        share(
            found
                .accuracy
                .as_ref()
                .map(|hits| (hits.top5, hits.top5_error)),
        ),
    ];
    if has_pairs {
        let accuracy = record.minimal_pairs.as_ref().map(|pairs| pairs.accuracy);
        cells.push(Cell::number(accuracy, human::percent));
    }
    if has_unknown {
        let pairs = record.minimal_pairs.as_ref();
        let known = pairs.and_then(|pairs| pairs.accuracy_without_unknown);
        cells.push(Cell::number(known, human::percent));
    }
    cells
}

/// Whether the test split has unknown words, which comparisons leave out.
fn leaves_out_unknown(data: &RunData) -> bool {
    let mut models = data.language_models();
    models.any(|record| record.evaluation.unknown > 0)
}

fn share(found: Option<(f64, Option<f64>)>) -> Cell {
    let Some((share, error)) = found else {
        return Cell::Empty;
    };
    match error {
        Some(error) => {
            let shown = format!("{:.1} ± {:.1} %", 100.0 * share, 100.0 * error);
            Cell::Measured(shown, share, error)
        }
        None => Cell::number(Some(share), human::percent),
    }
}

/// Which differences are significant.
fn comparisons(data: &RunData) -> Option<Table> {
    let three = |value: f64| human::signed(value, 3);
    let rows = data.comparisons.iter().map(|found| {
        let verdict = match found.is_within_noise() {
            _ if found.has_too_few_units() => "too few units",
            true => "within noise",
            false => "significant",
        };
        vec![
            data.eras.label_cell(&found.model),
            data.eras.label_cell(&found.other),
            Cell::number(Some(found.difference), three),
            Cell::number(Some(found.low), three),
            Cell::number(Some(found.high), three),
            Cell::Text(verdict.to_owned()),
        ]
    });
    let table = Table {
        name: "differences".to_owned(),
        caption: format!(
            "Differences in nats per token{} with 95 % intervals; positive if the first entry is better.",
            match leaves_out_unknown(data) {
                true => ", <unk> left out,",
                false => "",
            }
        ),
        columns: vec![
            Column::words("entry"),
            Column::words("against"),
            Column::numbers("difference"),
            Column::numbers("low"),
            Column::numbers("high"),
            Column::words("verdict"),
        ],
        rows: rows.collect(),
    };
    (!table.rows.is_empty()).then_some(table)
}

/// Where entries differ, by kinds of token and by phenomena of grammar.
fn learned(data: &RunData, writer: &mut Writer) -> Result<Markup> {
    let breakdowns = breakdowns::figures(data, writer)?;
    let grammar = match Grammar::of(data) {
        Some(grammar) => Some(grammar.figure(writer)?),
        None => None,
    };
    Ok(html! {
        @if !breakdowns.is_empty() || grammar.is_some() {
            h2 { "What each era learned" }
            @for (name, chart, numbers) in &breakdowns {
                h3 { (heading(name)) }
                (figure(chart))
                (kinds(numbers))
                (show(numbers))
            }
            @if let Some((chart, numbers)) = &grammar {
                h3 { "Grammar: minimal pairs" }
                (figure(chart))
                (show(numbers))
            }
        }
    })
}

/// What predicting the kinds of tokens in a table's first column requires, where that is known.
fn kinds(numbers: &Table) -> Markup {
    let names = numbers.rows.iter().filter_map(|row| match row.first() {
        Some(Cell::Text(name)) => Some(name.as_str()),
        _ => None,
    });
    let known: Vec<(&str, &str)> = names
        .filter_map(|name| Some((name, phenomenon(name)?)))
        .collect();
    html! {
        @if !known.is_empty() {
            p.caption { "What a model must do to predict a word of each kind:" }
            dl.ideas {
                @for (name, task) in known { dt { (name) } dd { (task) } }
            }
        }
    }
}
