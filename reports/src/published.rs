//! The scale of published systems, from n-gram tables to models whose size is not published.

use harness::EntryRecord;
use maud::{Markup, html};

use crate::charts::{Mark, ScaleChart, ScaleRow};
use crate::data::RunData;
use crate::error::Result;
use crate::human;
use crate::page::{figure, table as show};
use crate::style::INK;
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// A quantity of a published system.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// Published by its authors, or co-authors.
    Published(f64),
    /// Calculated from published numbers, or estimated by others.
    Estimated(f64),
    /// Not published.
    Not,
}

use Known::{Estimated as E, Not, Published as P};

struct Published {
    year: u16,
    system: &'static str,
    parameters: Known,
    tokens: Known,
    flops: Known,
    source: &'static str,
}

const fn of(
    year: u16,
    system: &'static str,
    [parameters, tokens, flops]: [Known; 3],
    source: &'static str,
) -> Published {
    Published {
        year,
        system,
        parameters,
        tokens,
        flops,
        source,
    }
}

/// In the order of publication. FLOPs are of the whole training; tokens are those that were seen, again and again
/// where there were several passes; the n-grams of 2007 are counts, not weights.
const SYSTEMS: [Published; 24] = [
    of(
        2007,
        "Stupid Backoff on the web",
        [P(300e9), P(2e12), Not],
        "Brants et al. 2007",
    ),
    of(
        2013,
        "word2vec, skip-gram",
        [E(2e9), P(6e9), E(8e15)],
        "Mikolov et al. 2013a",
    ),
    of(
        2013,
        "word2vec with phrases",
        [Not, P(33e9), Not],
        "Mikolov et al. 2013b",
    ),
    of(
        2014,
        "Sequence to sequence, one LSTM",
        [P(384e6), E(4.9e9), E(2.2e18)],
        "Sutskever et al. 2014",
    ),
    of(
        2015,
        "Neural conversational model",
        [E(5e8), Not, Not],
        "Vinyals and Le 2015",
    ),
    of(
        2017,
        "Transformer, base",
        [P(65e6), E(5e9), P(3.3e18)],
        "Vaswani et al. 2017",
    ),
    of(
        2017,
        "Transformer, big",
        [P(213e6), E(1.5e10), P(2.3e19)],
        "Vaswani et al. 2017",
    ),
    of(
        2018,
        "GPT-1",
        [P(117e6), E(1e11), E(1.8e19)],
        "Radford et al. 2018",
    ),
    of(
        2018,
        "BERT, large",
        [P(340e6), E(137e9), P(5.33e20)],
        "Devlin et al. 2018; Brown et al. 2020, table D.1",
    ),
    of(
        2019,
        "Evolved Transformer, big",
        [P(222e6), Not, Not],
        "So et al. 2019",
    ),
    of(
        2019,
        "GPT-2",
        [P(1.542e9), Not, E(1.5e21)],
        "Radford et al. 2019",
    ),
    of(
        2020,
        "T5",
        [P(11e9), P(1e12), P(3.3e22)],
        "Raffel et al. 2020; Brown et al. 2020, table D.1",
    ),
    of(
        2020,
        "Meena",
        [P(2.6e9), P(10e12), P(1.12e23)],
        "Adiwardana et al. 2020; Patterson et al. 2021",
    ),
    of(
        2020,
        "GPT-3",
        [P(175e9), P(300e9), P(3.14e23)],
        "Brown et al. 2020",
    ),
    of(
        2021,
        "Gopher",
        [P(280e9), P(300e9), P(6.31e23)],
        "Rae et al. 2021",
    ),
    of(
        2022,
        "LaMDA",
        [P(137e9), Not, P(3.55e23)],
        "Thoppilan et al. 2022",
    ),
    of(
        2022,
        "InstructGPT, beyond GPT-3",
        [P(175e9), Not, P(5.6e21)],
        "Ouyang et al. 2022",
    ),
    of(
        2022,
        "Chinchilla",
        [P(70e9), P(1.4e12), P(5.76e23)],
        "Hoffmann et al. 2022",
    ),
    of(
        2022,
        "PaLM",
        [P(540e9), P(780e9), P(2.56e24)],
        "Chowdhery et al. 2022",
    ),
    of(
        2022,
        "Med-PaLM, tuned from PaLM",
        [P(540e9), Not, Not],
        "Singhal et al. 2022",
    ),
    of(
        2023,
        "GPT-4",
        [Not, Not, E(2.1e25)],
        "OpenAI 2023; estimate by others",
    ),
    of(
        2023,
        "PaLM 2",
        [Not, Not, E(7e24)],
        "Anil et al. 2023; estimate by others",
    ),
    of(
        2023,
        "Gemini 1.0 Ultra",
        [Not, Not, E(5e25)],
        "Gemini team 2023; estimate by others",
    ),
    of(
        2023,
        "Gemini 1.0 Nano-2",
        [P(3.25e9), Not, Not],
        "Gemini team 2023",
    ),
];

impl Known {
    fn mark(self) -> Option<Mark> {
        let (value, is_estimate) = match self {
            Known::Published(value) => (value, false),
            Known::Estimated(value) => (value, true),
            Known::Not => return None,
        };
        Some(Mark { value, is_estimate })
    }

    fn cell(self) -> Cell {
        let scaled = |value: f64| human::scaled(value).trim_end().to_owned();
        match self {
            Known::Published(value) => Cell::Number(scaled(value), value),
            Known::Estimated(value) => Cell::Number(format!("~ {}", scaled(value)), value),
            Known::Not => Cell::Empty,
        }
    }
}

/// The published systems and, in its year, the best entry of each era of this run.
fn chart(data: &RunData) -> ScaleChart {
    let published = SYSTEMS.iter().map(|system| {
        let marks = [system.parameters, system.tokens, system.flops].map(Known::mark);
        (
            system.year,
            ScaleRow {
                year: system.year.to_string(),
                label: system.system.to_owned(),
                colour: INK,
                is_ours: false,
                marks,
            },
        )
    });
    let mut rows: Vec<(u16, ScaleRow)> = ours(data).chain(published).collect();
    rows.sort_by_key(|(year, _)| *year);
    ScaleChart {
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    }
}

/// Parameters, tokens and FLOPs of the best language model of each era.
fn ours(data: &RunData) -> impl Iterator<Item = (u16, ScaleRow)> + '_ {
    let mut best: Vec<&EntryRecord> = Vec::new();
    for record in data.language_models() {
        let perplexity =
            |record: &EntryRecord| record.evaluation.compared().unwrap_or(f64::INFINITY);
        match best
            .iter_mut()
            .find(|known| known.entry.era == record.entry.era)
        {
            Some(known) if perplexity(record) < perplexity(known) => *known = record,
            Some(_) => {}
            None => best.push(record),
        }
    }
    best.into_iter().filter_map(|record| {
        let cost = &record.cost;
        let mark = |value: f64| {
            (value > 0.0 && value.is_finite()).then_some(Mark {
                value,
                is_estimate: false,
            })
        };
        let row = ScaleRow {
            year: record.entry.year_text(),
            label: record.entry.label(),
            colour: data.eras.colour(&record.entry.era),
            is_ours: true,
            marks: [
                mark(cost.parameters as f64),
                mark(cost.training_tokens as f64),
                mark(cost.training_flops),
            ],
        };
        Some((record.entry.year?, row))
    })
}

/// The published numbers with their sources.
fn table() -> Table {
    let rows = SYSTEMS.iter().map(|system| {
        vec![
            Cell::Text(system.system.to_owned()),
            Cell::number(Some(f64::from(system.year)), |year| format!("{year}")),
            system.parameters.cell(),
            system.tokens.cell(),
            system.flops.cell(),
            Cell::Text(system.source.to_owned()),
        ]
    });
    Table {
        name: "published-scale".to_owned(),
        caption: "Published systems; tokens and FLOPs are those of the whole training. ~ marks an estimate, calculated from \
                  published numbers or made by others; an empty cell is unknown or does not apply."
            .to_owned(),
        columns: vec![
            Column::words("system"),
            Column::numbers("year"),
            Column::numbers("parameters"),
            Column::numbers("tokens seen"),
            Column::numbers("FLOPs"),
            Column::words("source"),
        ],
        rows: rows.collect(),
    }
}

/// The section of the page; none for a run without language models.
pub(crate) fn section(data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
    if data.language_models().next().is_none() {
        return Ok(None);
    }
    let chart = writer.chart(&chart(data), READING.to_owned())?;
    let table = writer.table(table())?;
    Ok(Some(html! {
        h2 { "Published scale" }
        (figure(&chart))
        (show(&table))
    }))
}

const READING: &str = "How to read it: each step of the axis is a factor. Coloured entries are from this run, all others are \
                       published systems. From the first LSTM translators to PaLM, eight years later, training computation grew \
                       by a factor of a million; for later systems it is not published.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_ordered_by_year_and_their_numbers_are_plausible() {
        assert!(SYSTEMS.is_sorted_by_key(|system| system.year));
        for system in &SYSTEMS {
            let [parameters, tokens, flops] =
                [system.parameters, system.tokens, system.flops].map(|known| known.mark());
            // A dense model takes six operations per parameter and token, forward and backward; an encoder-decoder or a
            // hierarchical softmax takes fewer, but not a hundred times fewer.
            if let (Some(parameters), Some(tokens), Some(flops)) = (parameters, tokens, flops) {
                let share = flops.value / (6.0 * parameters.value * tokens.value);
                assert!(
                    (0.01..2.0).contains(&share) || system.year == 2013,
                    "{}: {share}",
                    system.system
                );
            }
        }
    }
}
