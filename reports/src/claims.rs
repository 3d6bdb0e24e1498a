//! The papers' claims and the findings of `eras reproduce` about them.

use std::fs;
use std::path::Path;

use harness::FindingRecord;
use maud::{Markup, html};

use crate::data::RunData;
use crate::error::{Error, Result};
use crate::page::table as show;
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// All findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Findings by era, which is the name of their folder.
    of_eras: Vec<(String, Vec<FindingRecord>)>,
    /// Files that cannot be read as findings, and why; the rest of the report does not depend on them.
    unreadable: Vec<String>,
}

/// Reads the findings of all eras, a folder each. No folder, no findings.
pub(crate) fn read(folder: &Path) -> Result<Findings> {
    let mut findings = Findings::default();
    for (era, own) in entries(folder)? {
        let mut records = Vec::new();
        for (name, path) in entries(&own)? {
            if !name.ends_with(".json") {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
            match serde_json::from_str(&text) {
                Ok(record) => records.push(record),
                Err(error) => findings.unreadable.push(format!("{era}/{name}: {error}")),
            }
        }
        findings.of_eras.push((era, records));
    }
    Ok(findings)
}

/// Names and paths of what is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        all.push((
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        ));
    }
    all.sort();
    Ok(all)
}

/// Statement, evidence of the paper, measurement, verdict; for the eras of the run, in their order.
fn table(findings: &Findings, data: &RunData) -> Option<Table> {
    let words = |text: &str| Cell::Text(text.to_owned());
    let of_era = |era: &&str| findings.of_eras.iter().find(|(known, _)| known == *era);
    let names = data.era_names();
    let found = names.iter().filter_map(of_era);
    let rows = found.flat_map(|(era, records)| {
        records.iter().map(|record| {
            let finding = &record.finding;
            vec![
                data.eras.label_cell(era),
                words(&finding.claim.statement),
                words(&format!(
                    "{} ({})",
                    finding.claim.evidence, finding.claim.source
                )),
                words(&format!(
                    "{}, {} seeds: {}",
                    record.corpus,
                    record.seeds.len(),
                    finding.measured
                )),
                words(&finding.verdict.to_string()),
            ]
        })
    });
    let table = Table {
        name: "claims".to_owned(),
        caption: "Claims of the papers, tested by eras reproduce with several seeds each. A claim is decided if the 95 % interval \
                  of its measure lies on one side of the threshold."
            .to_owned(),
        columns: ["era", "claim", "the paper", "here", "verdict"]
            .map(Column::words)
            .into(),
        rows: rows.collect(),
    };
    (!table.rows.is_empty()).then_some(table)
}

/// The section of the page; none without findings.
pub(crate) fn section(
    findings: &Findings,
    data: &RunData,
    writer: &mut Writer,
) -> Result<Option<Markup>> {
    let claims = writer.table_if_any(table(findings, data))?;
    if claims.is_none() && findings.unreadable.is_empty() {
        return Ok(None);
    }
    Ok(Some(html! {
        h2 { "Claims" }
        @if let Some(claims) = &claims { (show(claims)) }
        @if !findings.unreadable.is_empty() {
            p.quiet {
                "These findings cannot be read, perhaps because another version wrote them; run eras reproduce again: "
                (findings.unreadable.join("; ")) "."
            }
        }
    }))
}
