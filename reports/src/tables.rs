//! The tables of the report: results, differences, what is missing, costs.

use harness::{CostRow, EntryId, EntryRecord, State};

use crate::data::RunData;
use crate::human;
use crate::style::era_colour;
use crate::table::{Cell, Column, Table};

/// What every entry of the language-modelling track achieved.
pub(crate) fn results(data: &RunData) -> Table {
    let has_pairs = data
        .language_models()
        .any(|record| record.minimal_pairs.is_some());
    let mut columns = vec![
        Column::words("entry"),
        Column::numbers("year"),
        Column::numbers("perplexity"),
        Column::numbers("without <unk>"),
        Column::numbers("bits per token"),
        Column::numbers("bits per byte"),
        Column::measured("top-1"),
        Column::measured("top-5"),
    ];
    if has_pairs {
        columns.push(Column::numbers("minimal pairs"));
    }
    let rows = data
        .language_models()
        .map(|record| results_row(record, has_pairs));
    Table {
        name: "results".to_owned(),
        caption: "Quality, in the order of the years. ± is one standard error.".to_owned(),
        columns,
        rows: rows.collect(),
    }
}

fn results_row(record: &EntryRecord, has_pairs: bool) -> Vec<Cell> {
    let found = &record.evaluation;
    let three = |value: f64| format!("{value:.3}");
    let mut cells = vec![
        entry_cell(&record.entry),
        Cell::number(record.entry.year.map(f64::from), |year| format!("{year}")),
        match &found.audit.fault {
            Some(_) => Cell::Text("not a distribution".to_owned()),
            None => Cell::number(found.perplexity, human::decimal),
        },
        Cell::number(found.perplexity_without_unk, human::decimal),
        Cell::number(found.bits_per_token, three),
        Cell::number(found.bits_per_byte, three),
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
    cells
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

pub(crate) fn entry_cell(id: &EntryId) -> Cell {
    Cell::Entry(id.label(), era_colour(&id.era))
}

/// Which differences are more than chance.
pub(crate) fn comparisons(data: &RunData) -> Option<Table> {
    let three = |value: f64| human::signed(value, 3);
    let rows = data.comparisons.iter().map(|found| {
        let verdict = match found.is_within_noise() {
            true => "within noise",
            false => "more than chance",
        };
        vec![
            Cell::Entry(found.model.clone(), era_colour(data.era_of(&found.model))),
            Cell::Entry(found.other.clone(), era_colour(data.era_of(&found.other))),
            Cell::number(Some(found.difference), three),
            Cell::number(Some(found.low), three),
            Cell::number(Some(found.high), three),
            Cell::Text(verdict.to_owned()),
        ]
    });
    let table = Table {
        name: "differences".to_owned(),
        caption: "Differences in nats per token, positive where the first is better, with 95 % intervals.".to_owned(),
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

/// Entries that have no result, and why.
pub(crate) fn unfinished(data: &RunData) -> Option<Table> {
    let open = data.entries.iter().filter(|entry| !entry.has_result());
    let rows = open.map(|entry| {
        let (state, reason) = match &entry.state {
            State::Open => ("open", "not begun, or the program was stopped by force"),
            State::Interrupted => ("interrupted", "stopped by the user; can be resumed"),
            State::Failed(reason) => ("failed", reason.as_str()),
            State::Done => ("done", "but without an evaluation"),
        };
        vec![
            entry_cell(&entry.id),
            Cell::Text(entry.id.track.to_string()),
            Cell::Text(state.to_owned()),
            Cell::Text(reason.to_owned()),
        ]
    });
    let table = Table {
        name: "unfinished".to_owned(),
        caption: "Entries without a result.".to_owned(),
        columns: ["entry", "track", "state", "reason"]
            .map(Column::words)
            .into(),
        rows: rows.collect(),
    };
    (!table.rows.is_empty()).then_some(table)
}

/// What every entry took.
pub(crate) fn costs(data: &RunData) -> Table {
    let costs = data.entries.iter().filter_map(|entry| {
        let language_model = entry.record.as_ref().map(CostRow::of);
        let cost = language_model
            .or(entry.translation.as_ref().map(CostRow::of))
            .or(entry.conversation.as_ref().map(CostRow::of))
            .or(entry.words.as_ref().map(CostRow::of));
        Some((&entry.id, cost?))
    });
    let rows = costs.map(|(id, cost)| {
        let scored = Some(cost.scoring_tokens_per_second).filter(|&rate| rate > 0.0);
        // Nothing, where nothing was trained.
        let trained = |value: f64| Some(value).filter(|_| cost.training_tokens_per_second > 0.0);
        let memory = cost.peak_memory_bytes.map(|bytes| bytes as f64);
        let bytes = |count: f64| human::bytes(count as u64);
        let rate = |rate: f64| format!("{}/s", human::scaled(rate));
        let count = |count: f64| human::scaled(count).trim_end().to_owned();
        let (model, parameters) = (cost.model_bytes as f64, cost.parameters as f64);
        vec![
            entry_cell(id),
            Cell::Text(id.track.to_string().replace('-', " ")),
            Cell::number(Some(cost.training_seconds), human::duration),
            Cell::number(trained(cost.training_tokens_per_second), rate),
            Cell::number(trained(cost.training_flops), count),
            Cell::number(Some(cost.evaluation_seconds), human::duration),
            Cell::number(scored, rate),
            Cell::number(memory, bytes),
            Cell::number(Some(model), bytes),
            Cell::number(Some(parameters), count),
        ]
    });
    let titles = [
        "training",
        "tokens trained",
        "FLOPs",
        "evaluation",
        "tokens scored",
        "peak memory",
        "model on disk",
        "parameters",
    ];
    let columns = titles.map(Column::numbers);
    Table {
        name: "costs".to_owned(),
        caption: "Time, work and space on this machine; FLOPs are of training, and peak memory is what an entry took beyond what \
                  was there when it began. Files are in seconds and bytes."
            .to_owned(),
        columns: [Column::words("entry"), Column::words("track")]
            .into_iter()
            .chain(columns)
            .collect(),
        rows: rows.collect(),
    }
}
