//! The report of one run.

use std::path::{Path, PathBuf};

use crate::ablations::{self, Ablations};
use crate::answer::answer;
use crate::claims::{self, Findings};
use crate::data::RunData;
use crate::error::Result;
use crate::page::{Content, page};
use crate::tracks::sections;
use crate::writer::{ReportPaths, Writer};
use crate::{costs, published, unfinished};

/// Where the experiments of a workspace are, if a report shows them.
#[derive(Debug, Clone, Default)]
pub struct Experiments {
    /// The folder of the findings of `eras reproduce`.
    pub reproductions: Option<PathBuf>,
    /// The folder of the records of `eras ablate`.
    pub ablations: Option<PathBuf>,
}

/// Writes `report/` into a run folder, from the records that exist.
///
/// # Errors
/// [`crate::Error::Harness`] or [`crate::Error::Corrupt`] if a record is missing or malformed, with its path;
/// [`crate::Error::Io`]; [`crate::Error::Drawing`].
pub fn write_report(run_folder: &Path, experiments: &Experiments) -> Result<ReportPaths> {
    let data = RunData::read(run_folder)?;
    let mut writer = Writer::new(&run_folder.join("report"))?;
    let findings = experiments.reproductions.as_deref().map(claims::read);
    let ablations = experiments.ablations.as_deref().map(ablations::read);
    let content = content(
        &data,
        &findings.transpose()?.unwrap_or_default(),
        &ablations.transpose()?.unwrap_or_default(),
        &mut writer,
    )?;
    let notes = unfinished::sentence(&data);
    writer.finish(&page(&content), notes.into_iter().collect())
}

fn content<'a>(
    data: &'a RunData,
    findings: &Findings,
    ablations: &Ablations,
    writer: &mut Writer,
) -> Result<Content<'a>> {
    let mut answer = answer(data);
    answer.extend(unfinished::sentence(data));
    let unfinished = writer.table_if_any(unfinished::table(data))?;
    let tracks = sections().map(|section| section.write(data, writer));
    let tracks = tracks.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(Content {
        data,
        answer,
        unfinished,
        tracks,
        costs: costs::section(data, writer)?,
        ablations: ablations::section(ablations, data, writer)?,
        claims: claims::section(findings, data, writer)?,
        published: published::section(data, writer)?,
    })
}
