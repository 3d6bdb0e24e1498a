//! Puts charts, tables and page into files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{ConversationRecord, CurvePoint, EntryId, Track, metrics::perplexity};

use crate::answer::{answer, floor};
use crate::breakdowns;
use crate::charts::{
    Abscissa, Chart, Curve, Curves, PerplexityChart, PerplexityRow, svg, write_png,
};
use crate::claims::{self, Findings};
use crate::data::{Entry, RunData};
use crate::error::{Error, Result};
use crate::files::write_atomically;
use crate::grammar::Grammar;
use crate::page::{Content, Figure, page};
use crate::style::{NARROW, WIDE, era_colour};
use crate::table::Table;
use crate::tables;
use crate::{conversation, growth, published, reached, translation, words};

/// What a report consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportPaths {
    /// The page, which needs none of the others.
    pub page: PathBuf,
    /// Every chart, as SVG and as PNG.
    pub charts: Vec<PathBuf>,
    /// Every table, as CSV.
    pub tables: Vec<PathBuf>,
}

/// Writes `report/` into a run folder, from whatever records are there; of `eras reproduce` too, where its folder is given.
///
/// # Errors
/// [`Error::Harness`] or [`Error::Corrupt`] if a record is missing or malformed, with its path; [`Error::Io`];
/// [`Error::Drawing`].
pub fn write_report(run_folder: &Path, reproductions: Option<&Path>) -> Result<ReportPaths> {
    let data = RunData::read(run_folder)?;
    let mut writer = Writer::new(&run_folder.join("report"))?;
    let findings = reproductions.map(claims::read).transpose()?;
    let content = content(&data, findings.unwrap_or_default(), &mut writer)?;
    writer.page(&page(&content))?;
    Ok(writer.paths)
}

/// Writes charts and tables, and remembers where.
pub(crate) struct Writer {
    charts: PathBuf,
    tables: PathBuf,
    pub(crate) paths: ReportPaths,
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
        };
        Ok(Writer {
            charts,
            tables,
            paths,
        })
    }

    pub(crate) fn page(&self, page: &str) -> Result<()> {
        write_atomically(&self.paths.page, page.as_bytes())
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
        write_png(chart, WIDE, &as_png)?;
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

    fn table_if_any(&mut self, table: Option<Table>) -> Result<Option<Table>> {
        table.map(|table| self.table(table)).transpose()
    }
}

fn content<'a>(data: &'a RunData, findings: Findings, writer: &mut Writer) -> Result<Content<'a>> {
    Ok(Content {
        data,
        answer: answer(data),
        perplexity: perplexity_figure(data, writer)?,
        results: writer.table(tables::results(data))?,
        comparisons: writer.table_if_any(tables::comparisons(data))?,
        unfinished: writer.table_if_any(tables::unfinished(data))?,
        breakdowns: breakdown_figures(data, writer)?,
        grammar: grammar_figure(data, writer)?,
        translation: writer.tables(translation::tables(data))?,
        replies: replies_figure(data, writer)?,
        conversation: writer.tables(conversation::tables(data))?,
        words: writer.tables(words::tables(data))?,
        word_maps: word_map_figures(data, writer)?,
        costs: writer.table(tables::costs(data))?,
        curves: curve_figures(data, writer)?,
        growth: growth_figure(data, writer)?,
        reached: writer.table_if_any(reached::table(data))?,
        claims: writer.table_if_any(claims::table(&findings, &data.eras()))?,
        unreadable: findings.unreadable,
        published: published_figure(data, writer)?,
    })
}

const PUBLISHED: &str = "How to read it: a step of the axis is a factor; the coloured entries are of this run, all others \
                         were published. From the first LSTMs that translated to PaLM, eight years later, calculation grew a \
                         millionfold; after that it is not told any more.";

fn growth_figure(data: &RunData, writer: &mut Writer) -> Result<Option<(Figure, Table)>> {
    let (Some(chart), Some(table)) = (growth::chart(data), growth::table(data)) else {
        return Ok(None);
    };
    let reading = "How to read it: the steeper a curve falls, the more its entry gains from more text; where one has begun to \
                   flatten, more text would not help it.";
    let figure = writer.chart(&chart, reading.to_owned())?;
    Ok(Some((figure, writer.table(table)?)))
}

fn published_figure(data: &RunData, writer: &mut Writer) -> Result<Option<(Figure, Table)>> {
    if data.language_models().next().is_none() {
        return Ok(None);
    }
    let chart = writer.chart(&published::chart(data), PUBLISHED.to_owned())?;
    Ok(Some((chart, writer.table(published::table())?)))
}

fn perplexity_row(entry: &EntryId, perplexity: Option<f64>) -> PerplexityRow {
    PerplexityRow {
        label: entry.label(),
        year: entry.year_text(),
        colour: era_colour(&entry.era),
        perplexity,
    }
}

fn perplexity_figure(data: &RunData, writer: &mut Writer) -> Result<Option<Figure>> {
    let rows = data
        .language_models()
        .map(|record| perplexity_row(&record.entry, record.evaluation.perplexity));
    let chart = PerplexityChart {
        name: "perplexity",
        of: " on the test split",
        rows: rows.collect(),
        floor: floor(data),
    };
    if chart.rows.is_empty() {
        return Ok(None);
    }
    let reading = "How to read it: the further left, the better; at perplexity 100 a model is on average as unsure as \
                   someone who must guess among 100 equally likely words.";
    writer.chart(&chart, reading.to_owned()).map(Some)
}

fn replies_figure(data: &RunData, writer: &mut Writer) -> Result<Option<Figure>> {
    let is_oracle = |record: &ConversationRecord| record.entry.era == "oracle";
    let known = data.responders();
    let known: Vec<_> = known
        .filter(|record| record.evaluation.perplexity.is_some())
        .collect();
    let (oracles, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|one| is_oracle(one));
    if others.is_empty() {
        return Ok(None);
    }
    let rows = others
        .iter()
        .chain(&oracles)
        .map(|record| perplexity_row(&record.entry, record.evaluation.perplexity));
    let chart = PerplexityChart {
        name: "replies",
        of: " of replies",
        rows: rows.collect(),
        floor: oracles.first().and_then(|one| one.evaluation.perplexity),
    };
    let reading = "How to read it: the further left, the better an entry foresees what was replied; whoever only replies gives no \
                   probabilities and is not shown.";
    writer.chart(&chart, reading.to_owned()).map(Some)
}

fn breakdown_figures(data: &RunData, writer: &mut Writer) -> Result<Vec<(String, Figure, Table)>> {
    let limit = breakdowns::limit(data);
    let reference = breakdowns::reference(&data.breakdowns);
    let names = breakdowns::names(&data.breakdowns).into_iter();
    names
        .map(|name| {
            let reading = format!(
                "How to read it: the deeper the orange, the more an entry loses against {reference} on tokens of that \
                 kind; blue is better than {reference}."
            );
            let chart = breakdowns::heat_map(data, name, limit);
            let figure = writer.chart(&chart, reading)?;
            let table = writer.table(breakdowns::table(data, name))?;
            Ok((name.to_owned(), figure, table))
        })
        .collect()
}

fn grammar_figure(data: &RunData, writer: &mut Writer) -> Result<Option<(Figure, Table)>> {
    let Some(grammar) = Grammar::of(data) else {
        return Ok(None);
    };
    let reading = "How to read it: the deeper the blue, the more surely an entry tells a good sentence from a bad one; what is \
                   pale it guesses, and what is orange misleads it.";
    let figure = writer.chart(&grammar.heat_map(), reading.to_owned())?;
    Ok(Some((figure, writer.table(grammar.table())?)))
}

fn word_map_figures(data: &RunData, writer: &mut Writer) -> Result<Vec<Figure>> {
    let maps = words::maps(data).into_iter();
    maps.map(|(map, reading)| writer.chart(&map, reading))
        .collect()
}

/// What a point of a learning curve was reached for.
type Spent = fn(&CurvePoint) -> f64;

fn curve_figures(data: &RunData, writer: &mut Writer) -> Result<Vec<Figure>> {
    let spent: [(Abscissa, Spent, &str); 2] = [
        (
            Abscissa::Seconds,
            |point| point.seconds,
            "How to read it: the lower and further left, the more an entry has learned in the same time; a lone point \
             is an entry that is trained in one go.",
        ),
        (
            Abscissa::Flops,
            |point| point.flops,
            "How to read it: the lower and further left, the more an entry has learned from the same amount of calculation; \
             counting n-grams calculates next to nothing.",
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
            label: entry.id.label(),
            colour: era_colour(&entry.id.era),
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
