//! The papers' claims and the findings of `eras reproduce` about them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use harness::{FindingRecord, Judgement, SIGNIFICANCE_LEVEL, judge};
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

/// Findings with their verdicts. Those measured under the same conditions are judged together.
fn judged(records: &[FindingRecord]) -> Vec<(&FindingRecord, Judgement)> {
    let mut families: BTreeMap<&str, Vec<&FindingRecord>> = BTreeMap::new();
    for record in records {
        let own = families.entry(&record.conditions).or_default();
        own.push(record);
    }
    let mut all = Vec::new();
    for records in families.into_values() {
        let findings = records.iter().map(|record| record.finding.clone());
        let family = records.iter().map(|record| record.family).max();
        let judged = judge(findings.collect(), family.unwrap_or(0));
        all.extend(records.into_iter().zip(judged));
    }
    all
}

/// Statement, evidence of the paper, measurement, verdict; for the eras of the run, in their order.
fn table(findings: &Findings, data: &RunData) -> Option<Table> {
    let words = |text: &str| Cell::Text(text.to_owned());
    let of_era = |era: &&str| findings.of_eras.iter().find(|(known, _)| known == *era);
    let names = data.era_names();
    let found = names.iter().filter_map(of_era);
    let rows = found.flat_map(|(era, records)| {
        judged(records).into_iter().map(move |(record, judgement)| {
            let finding = &judgement.finding;
            vec![
                data.eras.label_cell(era),
                words(&finding.claim.statement),
                words(&format!(
                    "{} ({})",
                    finding.claim.evidence, finding.claim.source
                )),
                words(&format!(
                    "{}, {} repetitions, Eras {}: {}",
                    record.corpus,
                    record.seeds.len(),
                    record.version,
                    finding.measured
                )),
                words(&format!("{:.4}", judgement.adjusted_p_value)),
                words(&judgement.verdict.to_string()),
            ]
        })
    });
    let table = Table {
        name: "claims".to_owned(),
        caption: format!(
            "Claims of the papers, tested by eras reproduce. Each repetition has its own part of the text. p is that of Student's t, \
             adjusted for the number of claims by Holm's method; a claim is decided if it is below {SIGNIFICANCE_LEVEL}."
        ),
        columns: ["era", "claim", "the paper", "here", "p", "verdict"]
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
