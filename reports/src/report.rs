//! The report of one run.

use std::path::Path;

use crate::answer::answer;
use crate::claims::{self, Findings};
use crate::data::RunData;
use crate::error::Result;
use crate::page::{Content, page};
use crate::tracks::sections;
use crate::writer::{ReportPaths, Writer};
use crate::{costs, published, unfinished};

/// Writes `report/` into a run folder, from the records that exist; with the findings of `eras reproduce` if their folder is
/// given.
///
/// # Errors
/// [`crate::Error::Harness`] or [`crate::Error::Corrupt`] if a record is missing or malformed, with its path;
/// [`crate::Error::Io`]; [`crate::Error::Drawing`].
pub fn write_report(run_folder: &Path, reproductions: Option<&Path>) -> Result<ReportPaths> {
    let data = RunData::read(run_folder)?;
    let mut writer = Writer::new(&run_folder.join("report"))?;
    let findings = reproductions.map(claims::read).transpose()?;
    let content = content(&data, &findings.unwrap_or_default(), &mut writer)?;
    writer.page(&page(&content))?;
    Ok(writer.paths)
}

fn content<'a>(data: &'a RunData, findings: &Findings, writer: &mut Writer) -> Result<Content<'a>> {
    let unfinished = writer.table_if_any(unfinished::table(data))?;
    let tracks = sections().map(|section| section.write(data, writer));
    let tracks = tracks.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(Content {
        data,
        answer: answer(data),
        unfinished,
        tracks,
        costs: costs::section(data, writer)?,
        claims: claims::section(findings, data, writer)?,
        published: published::section(data, writer)?,
    })
}
