//! Writes charts, tables and page into files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::charts::{Chart, MissingLetters, svg, write_png};
use crate::error::{Error, Result};
use crate::files::write_atomically;
use crate::page::Figure;
use crate::style::{NARROW, WIDE};
use crate::table::Table;

/// The files of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportPaths {
    /// The page, which needs none of the others.
    pub page: PathBuf,
    /// Every chart, as SVG and as PNG.
    pub charts: Vec<PathBuf>,
    /// Every table, as CSV.
    pub tables: Vec<PathBuf>,
    /// What the user should know, a sentence each: entries without a result, letters that bitmaps cannot show.
    pub notes: Vec<String>,
}

/// Writes charts and tables, and keeps a list of them.
pub(crate) struct Writer {
    charts: PathBuf,
    tables: PathBuf,
    paths: ReportPaths,
    /// Letters that no font has.
    missing: MissingLetters,
}

impl Writer {
    pub(crate) fn new(folder: &Path) -> Result<Writer> {
        let (charts, tables) = (folder.join("charts"), folder.join("tables"));
        for folder in [&charts, &tables] {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        let paths = ReportPaths {
            page: folder.join("index.html"),
            charts: Vec::new(),
            tables: Vec::new(),
            notes: Vec::new(),
        };
        Ok(Writer {
            charts,
            tables,
            paths,
            missing: MissingLetters::default(),
        })
    }

    /// Writes the page, the last of the files, and removes charts and tables of an earlier report that are not in this one.
    pub(crate) fn finish(mut self, page: &str, notes: Vec<String>) -> Result<ReportPaths> {
        write_atomically(&self.paths.page, page.as_bytes())?;
        remove_others(&self.charts, &["svg", "png"], &self.paths.charts)?;
        remove_others(&self.tables, &["csv"], &self.paths.tables)?;
        let letters = self.missing.advice();
        let letters = letters.map(|advice| format!("{}: {advice}", self.charts.display()));
        self.paths.notes = notes.into_iter().chain(letters).collect();
        Ok(self.paths)
    }

    pub(crate) fn chart(&mut self, chart: &impl Chart, reading: String) -> Result<Figure> {
        let as_svg = self.charts.join(format!("{}.svg", chart.name()));
        let as_png = self.charts.join(format!("{}.png", chart.name()));
        let figure = Figure {
            name: chart.name(),
            reading,
            wide: svg(chart, WIDE)?,
            narrow: svg(chart, NARROW)?,
        };
        write_atomically(&as_svg, figure.wide.as_bytes())?;
        write_png(chart, WIDE, &as_png, &mut self.missing)?;
        self.paths.charts.extend([as_svg, as_png]);
        Ok(figure)
    }

    pub(crate) fn table(&mut self, table: Table) -> Result<Table> {
        let path = self.tables.join(format!("{}.csv", table.name));
        write_atomically(&path, &table.csv()?)?;
        self.paths.tables.push(path);
        Ok(table)
    }

    pub(crate) fn tables(&mut self, tables: Vec<Table>) -> Result<Vec<Table>> {
        let written = tables.into_iter().map(|table| self.table(table));
        written.collect()
    }

    pub(crate) fn table_if_any(&mut self, table: Option<Table>) -> Result<Option<Table>> {
        table.map(|table| self.table(table)).transpose()
    }
}

/// Removes the files with these extensions that are not among `kept`, except hidden ones, which are being written.
fn remove_others(folder: &Path, extensions: &[&str], kept: &[PathBuf]) -> Result<()> {
    for file in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = file.map_err(Error::io("read", folder))?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_ours = extension.is_some_and(|own| extensions.contains(&own));
        if is_ours && !is_hidden && !kept.contains(&path) {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(())
}
