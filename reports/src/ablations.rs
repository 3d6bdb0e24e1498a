//! What each borrowed idea is worth: the records of `eras ablate`.

use std::fs;
use std::path::Path;

use harness::{AblationRecord, metrics::perplexity};
use maud::{Markup, html};

use crate::data::RunData;
use crate::error::{Error, Result};
use crate::human;
use crate::page::table as show;
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// All ablations.
#[derive(Debug, Default)]
pub(crate) struct Ablations {
    records: Vec<AblationRecord>,
    /// Files that cannot be read, and why; the rest of the report does not depend on them.
    unreadable: Vec<String>,
}

/// Reads the records of a folder, by name. No folder, no records.
pub(crate) fn read(folder: &Path) -> Result<Ablations> {
    let mut ablations = Ablations::default();
    if !folder.is_dir() {
        return Ok(ablations);
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        paths.push(entry.map_err(Error::io("read", folder))?.path());
    }
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        match serde_json::from_str(&text) {
            Ok(record) => ablations.records.push(record),
            Err(error) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                ablations.unreadable.push(format!("{name}: {error}"));
            }
        }
    }
    Ok(ablations)
}

/// The ideas of each ablation on the text of the run, by year, and all of them together.
fn rows(record: &AblationRecord, data: &RunData) -> Vec<Vec<Cell>> {
    let mean = |losses: &[f64]| perplexity(-losses.iter().sum::<f64>(), losses.len() as u64);
    let row = |name: String, year: Option<u16>, losses: &[f64]| {
        let gain = record.gain(losses);
        let loss = (!losses.is_empty()).then(|| mean(losses));
        vec![
            data.eras.cell(&record.tuned),
            Cell::Text(name),
            Cell::number(year.map(f64::from), |year| format!("{year}")),
            Cell::number(loss, human::decimal),
            match gain {
                Some((gain, error)) => {
                    let shown = format!("{} ± {error:.3}", human::signed(gain, 3));
                    Cell::Measured(shown, gain, error)
                }
                None => Cell::Empty,
            },
        ]
    };
    let paper = format!("none ({})", record.faithful.label());
    let mut rows = vec![row(paper, record.faithful.year, &record.without)];
    rows.extend(record.alone.iter().map(|one| {
        let name = format!("{} ({})", one.idea.name, one.idea.source);
        row(name, Some(one.idea.year), &one.losses)
    }));
    let all = "all of them, with the settings that suit them".to_owned();
    rows.push(row(all, record.tuned.year, &record.together));
    rows
}

fn table(ablations: &Ablations, data: &RunData) -> Option<Table> {
    let of_text =
        |record: &&AblationRecord| record.content_checksum == data.record.corpus.content_checksum;
    let records: Vec<&AblationRecord> = ablations.records.iter().filter(of_text).collect();
    let seeds = records.iter().map(|record| record.seeds.len()).max()?;
    Some(Table {
        name: "learnt-since".to_owned(),
        caption: format!(
            "What was learnt since: the entry of the paper with one borrowed idea at a time. Validation perplexity (mean of {seeds} \
             seeds), and the gain over the paper's entry in nats per token with the seeds paired; ± is one standard error. Gains \
             do not add up, since ideas help each other or replace each other."
        ),
        columns: vec![
            Column::words("entry"),
            Column::words("idea"),
            Column::numbers("year"),
            Column::numbers("validation perplexity"),
            Column::measured("gain"),
        ],
        rows: records
            .into_iter()
            .flat_map(|record| rows(record, data))
            .collect(),
    })
}

/// The section of the page; none without ablations on this text.
pub(crate) fn section(
    ablations: &Ablations,
    data: &RunData,
    writer: &mut Writer,
) -> Result<Option<Markup>> {
    let table = writer.table_if_any(table(ablations, data))?;
    if table.is_none() && ablations.unreadable.is_empty() {
        return Ok(None);
    }
    Ok(Some(html! {
        h2 { "What was learnt since" }
        @if let Some(table) = &table { (show(table)) }
        @if !ablations.unreadable.is_empty() {
            p.quiet {
                "These ablations cannot be read, perhaps because another version wrote them; run eras ablate again: "
                (ablations.unreadable.join("; ")) "."
            }
        }
    }))
}
