//! What training and evaluation cost: a table of all entries, and learning curves.

use std::collections::BTreeMap;

use harness::{CostRow, CurvePoint, Track, metrics::perplexity};
use maud::{Markup, html};

use crate::charts::{Abscissa, Curve, Curves};
use crate::data::{Entry, RunData};
use crate::error::Result;
use crate::human;
use crate::page::{Figure, figure, table as show};
use crate::reached;
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// The section of the page; none where no entry has a result or a learning curve.
pub(crate) fn section(data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
    let costs = writer.table(table(data))?;
    let curves = curve_figures(data, writer)?;
    let reached = writer.table_if_any(reached::table(data))?;
    let is_empty = costs.rows.is_empty() && curves.is_empty();
    Ok((!is_empty).then(|| {
        html! {
            h2 { "Costs" }
            @if !costs.rows.is_empty() { (show(&costs)) }
            @for chart in &curves { (figure(chart)) }
            @if let Some(reached) = &reached { (show(reached)) }
        }
    }))
}

/// A column of the table of costs.
struct Cost {
    title: &'static str,
    of: fn(&CostRow) -> Option<f64>,
    show: fn(f64) -> String,
}

fn rate(rate: f64) -> String {
    format!("{}/s", human::scaled(rate))
}

fn count(count: f64) -> String {
    human::scaled(count).trim_end().to_owned()
}

fn bytes(count: f64) -> String {
    human::bytes(count as u64)
}

/// None where nothing was trained.
fn trained(row: &CostRow, value: f64) -> Option<f64> {
    (row.training_tokens_per_second > 0.0).then_some(value)
}

/// The costs of training, if no entry has ancestors.
const TRAINING: [Cost; 3] = [
    Cost {
        title: "training",
        of: |row| Some(row.training_seconds),
        show: human::duration,
    },
    TOKEN_RATE,
    Cost {
        title: "FLOPs",
        of: |row| trained(row, row.training_flops),
        show: count,
    },
];

const TOKEN_RATE: Cost = Cost {
    title: "tokens trained",
    of: |row| trained(row, row.training_tokens_per_second),
    show: rate,
};

/// The costs of training, with its last stage apart.
const STAGES: [Cost; 7] = [
    Cost {
        title: "training, last stage",
        of: |row| Some(row.training_seconds),
        show: human::duration,
    },
    Cost {
        title: "training, total",
        of: |row| Some(row.total_training_seconds),
        show: human::duration,
    },
    TOKEN_RATE,
    Cost {
        title: "tokens, last stage",
        of: |row| {
            trained(
                row,
                (row.training_tokens_per_second * row.training_seconds).round(),
            )
        },
        show: count,
    },
    Cost {
        title: "tokens, total",
        of: |row| Some(row.total_training_tokens as f64).filter(|tokens| *tokens > 0.0),
        show: count,
    },
    Cost {
        title: "FLOPs, last stage",
        of: |row| trained(row, row.training_flops),
        show: count,
    },
    Cost {
        title: "FLOPs, total",
        of: |row| Some(row.total_training_flops).filter(|flops| *flops > 0.0),
        show: count,
    },
];

const REST: [Cost; 5] = [
    Cost {
        title: "evaluation",
        of: |row| Some(row.evaluation_seconds),
        show: human::duration,
    },
    Cost {
        title: "tokens scored",
        of: |row| Some(row.scoring_tokens_per_second).filter(|rate| *rate > 0.0),
        show: rate,
    },
    Cost {
        title: "peak memory",
        of: |row| row.peak_memory_bytes.map(|count| count as f64),
        show: bytes,
    },
    Cost {
        title: "model on disk",
        of: |row| Some(row.model_bytes as f64),
        show: bytes,
    },
    Cost {
        title: "parameters",
        of: |row| Some(row.parameters as f64),
        show: count,
    },
];

/// The costs of every entry; with those of all stages if the training of any entry began from another model.
fn table(data: &RunData) -> Table {
    let training = match data.entries.iter().any(Entry::has_ancestors) {
        true => STAGES.as_slice(),
        false => TRAINING.as_slice(),
    };
    let columns: Vec<&Cost> = training.iter().chain(&REST).collect();
    let finished = data.entries.iter();
    let finished = finished.filter_map(|entry| Some((&entry.id, entry.costs()?)));
    let rows = finished.map(|(id, row)| {
        let head = [
            data.eras.cell(id),
            Cell::Text(id.track.to_string().replace('-', " ")),
        ];
        let cells = columns.iter();
        let cells = cells.map(|column| Cell::number((column.of)(&row), column.show));
        head.into_iter().chain(cells).collect()
    });
    Table {
        name: "costs".to_owned(),
        caption: "Time, computation and space on this machine. FLOPs are those of training; peak memory is what an entry used \
                  beyond the memory resident at its start. CSV files use seconds and bytes."
            .to_owned(),
        rows: rows.collect(),
        columns: [Column::words("entry"), Column::words("track")]
            .into_iter()
            .chain(columns.iter().map(|column| Column::numbers(column.title)))
            .collect(),
    }
}

/// The cost at a point of a learning curve.
type Spent = fn(&CurvePoint) -> f64;

fn curve_figures(data: &RunData, writer: &mut Writer) -> Result<Vec<Figure>> {
    let spent: [(Abscissa, Spent, &str); 2] = [
        (
            Abscissa::Seconds,
            |point| point.seconds,
            "How to read it: lower and further left is better, a lower perplexity in less time. A single point is an entry that \
             is trained in one step.",
        ),
        (
            Abscissa::Flops,
            |point| point.flops,
            "How to read it: lower and further left is better, a lower perplexity for less computation. Counting n-grams needs \
             almost none.",
        ),
    ];
    let mut figures = Vec::new();
    for (abscissa, spent, reading) in spent {
        let curves = curves(data, spent);
        if curves.iter().any(|curve| curve.points.len() > 1) {
            let chart = Curves { abscissa, curves };
            figures.push(writer.chart(&chart, reading.to_owned())?);
        }
    }
    Ok(figures)
}

fn curves(data: &RunData, spent: Spent) -> Vec<Curve> {
    let mut siblings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut curves = Vec::new();
    for entry in data.of_track(Track::LanguageModelling) {
        let points = points(entry, spent);
        if points.is_empty() {
            continue;
        }
        let sibling = siblings.entry(&entry.id.era).or_default();
        curves.push(Curve {
            label: entry.marked_label(),
            colour: data.eras.colour(&entry.id.era),
            sibling: *sibling,
            points,
        });
        *sibling += 1;
    }
    curves
}

/// What was spent and validation perplexity, where both can be shown on a logarithmic scale.
fn points(entry: &Entry, spent: Spent) -> Vec<(f64, f64)> {
    let points = entry
        .curve
        .iter()
        .filter_map(|point| Some((spent(point), perplexity(point.valid_log_prob?, 1))));
    points
        .filter(|(spent, perplexity)| *spent > 0.0 && spent.is_finite() && perplexity.is_finite())
        .collect()
}
