//! Several runs side by side: a row per entry, a column per run.

use std::path::Path;

use harness::{EntryId, WordAnswers};

use crate::answer::floor;
use crate::charts::{Ranking, RankingRow};
use crate::data::{Entry, RunData};
use crate::eras::Eras;
use crate::error::Result;
use crate::human;
use crate::page::side_by_side;
use crate::table::{Cell, Column, Table};
use crate::unfinished;
use crate::writer::{ReportPaths, Writer};

/// Writes a page that compares runs into `folder`, with its tables as CSV.
///
/// # Errors
/// As for [`crate::write_report`].
pub fn write_side_by_side(runs: &[&Path], folder: &Path) -> Result<ReportPaths> {
    let data: Vec<RunData> = runs
        .iter()
        .map(|run| RunData::read(run))
        .collect::<Result<_>>()?;
    let names = names(runs);
    let mut writer = Writer::new(folder)?;
    let eras = Eras::merged(data.iter().map(|run| &run.eras));
    let same_text = are_comparable(&data);
    let chart = match same_text {
        true => chart(&data, &eras, &PERPLEXITY),
        false => chart(&data, &eras, &BITS_PER_BYTE),
    };
    let differ = (!same_text).then(|| differ(&data, chart.is_some()));
    let figure = chart.map(|chart| writer.chart(&chart, READING.to_owned()));
    let figure = figure.transpose()?;
    let tables = MEASURES
        .iter()
        .filter_map(|measure| measure.table(&data, &eras, &names));
    let tables = writer.tables(tables.collect())?;
    let facts = writer.table(facts(&data, &names))?;
    let page = side_by_side(&facts, differ.as_deref(), figure.as_ref(), &tables);
    let notes = names.iter().zip(&data);
    let notes = notes
        .filter_map(|(name, run)| Some(format!("{name}: {}", unfinished::sentence(run)?)))
        .collect();
    writer.finish(&page, notes)
}

/// The names of the runs: those of their folders, numbered.
fn names(runs: &[&Path]) -> Vec<String> {
    let name = |run: &Path| {
        let name = run.file_name().unwrap_or(run.as_os_str());
        name.to_string_lossy().into_owned()
    };
    (1..)
        .zip(runs)
        .map(|(number, run)| format!("{number}: {}", name(run)))
        .collect()
}

/// Whether perplexities can be compared: all runs have the same corpus.
fn are_comparable(data: &[RunData]) -> bool {
    let content = |run: &RunData| run.record.corpus.content_checksum.clone();
    data.windows(2)
        .all(|pair| content(&pair[0]) == content(&pair[1]))
}

const READING: &str =
    "How to read it: each row is an entry of a run, numbered as above; further left is better.";

/// What can be compared between runs on different texts.
fn differ(data: &[RunData], has_chart: bool) -> String {
    let meaning = "Perplexity per token is comparable only within one prepared corpus, bits per byte also between tokenizers.";
    if has_chart {
        return format!(
            "{meaning} So the chart shows bits per byte; how hard a text is to predict still differs from text to text."
        );
    }
    let reason = data
        .first()
        .map_or("", |run| &run.record.corpus.bits_per_byte[..]);
    format!("{meaning} No entry has bits per byte ({reason}), so there is no chart.")
}

/// Without `<unk>` as soon as one of the runs has unknown words.
fn title_of_perplexity(data: &[RunData]) -> &'static str {
    let titles = data.iter().map(RunData::measure);
    let mut without_unknown = titles.filter(|title| *title != PERPLEXITY.title);
    without_unknown.next().unwrap_or(PERPLEXITY.title)
}

/// A measure of every entry in every run; none if no entry has it. Runs on different texts have no floor in common.
fn chart(data: &[RunData], eras: &Eras, measure: &Measure) -> Option<Ranking> {
    let row = |id: &EntryId, number: usize, run: &RunData| {
        let entry = run.entries.iter().find(|entry| entry.id == *id)?;
        Some(RankingRow {
            label: id.label(),
            year: format!("{number}:"),
            mark: eras.mark(id),
            value: Some((measure.of)(entry)?),
        })
    };
    let of_entry = |id| {
        (1..)
            .zip(data)
            .filter_map(move |(number, run)| row(id, number, run))
    };
    let rows: Vec<RankingRow> = ids(data, eras, measure.of)
        .into_iter()
        .flat_map(of_entry)
        .collect();
    (!rows.is_empty()).then(|| Ranking {
        name: measure.name,
        measure: match measure.name == PERPLEXITY.name {
            true => title_of_perplexity(data),
            false => measure.title,
        },
        of: " on the test split",
        floor: match measure.name == PERPLEXITY.name {
            true => data.iter().find_map(floor),
            false => None,
        },
        rows,
    })
}

/// The entries with a value in at least one run, in the order of the list of eras.
fn ids<'a>(data: &'a [RunData], eras: &Eras, of: fn(&Entry) -> Option<f64>) -> Vec<&'a EntryId> {
    let mut ids: Vec<&'a EntryId> = Vec::new();
    for entry in data.iter().flat_map(|run| &run.entries) {
        if of(entry).is_some() && !ids.contains(&&entry.id) {
            ids.push(&entry.id);
        }
    }
    ids.sort_by_key(|id| eras.order(id));
    ids
}

/// Corpus, budget, seed, machine and missing entries of each run, a row per fact.
fn facts(data: &[RunData], names: &[String]) -> Table {
    type Fact = fn(&RunData) -> String;
    let facts: [(&str, Fact); 8] = [
        ("corpus", |run| run.record.corpus.name.clone()),
        ("training tokens", |run| {
            let tokens = run.record.corpus.tokens.get("train");
            tokens.map_or(human::NOTHING.to_owned(), |&count| human::thousands(count))
        }),
        ("vocabulary", |run| {
            human::thousands(run.record.corpus.vocabulary as u64)
        }),
        ("tokenizer", |run| run.record.corpus.tokenizer.clone()),
        ("budget of each entry", |run| {
            crate::page::budget(&run.record)
        }),
        ("seed", |run| run.record.seed.to_string()),
        ("machine", |run| {
            let machine = &run.record.machine;
            format!(
                "{}, {} threads{}",
                machine.processor,
                machine.threads,
                run.record.networks_on()
            )
        }),
        ("entries without a result", |run| {
            unfinished::named(run).unwrap_or_else(|| "none".to_owned())
        }),
    ];
    let rows = facts.iter().map(|(name, fact)| {
        let cells = data.iter().map(|run| Cell::Text(fact(run)));
        std::iter::once(Cell::Text((*name).to_owned()))
            .chain(cells)
            .collect()
    });
    Table {
        name: "runs".to_owned(),
        caption: "The runs.".to_owned(),
        columns: std::iter::once("")
            .chain(names.iter().map(String::as_str))
            .map(Column::words)
            .collect(),
        rows: rows.collect(),
    }
}

/// A measure of entries.
struct Measure {
    /// In the names of files.
    name: &'static str,
    /// On the axis of a chart.
    title: &'static str,
    caption: &'static str,
    of: fn(&Entry) -> Option<f64>,
    show: fn(f64) -> String,
}

const PERPLEXITY: Measure = Measure {
    name: "perplexity",
    title: "perplexity",
    caption: "Perplexity on the test split, without <unk> where it has unknown words.",
    of: |entry| entry.record.as_ref()?.evaluation.compared(),
    show: human::decimal,
};

const BITS_PER_BYTE: Measure = Measure {
    name: "bits-per-byte",
    title: "bits per byte",
    caption: "Bits per byte of the test split, comparable between tokenizers of the same text.",
    of: |entry| entry.record.as_ref()?.evaluation.bits_per_byte,
    show: human::three,
};

const MEASURES: [Measure; 6] = [
    PERPLEXITY,
    BITS_PER_BYTE,
    Measure {
        name: "minimal-pairs",
        title: "minimal pairs",
        caption: "Share of minimal pairs in which the grammatical sentence has the higher probability.",
        of: |entry| Some(entry.record.as_ref()?.minimal_pairs.as_ref()?.accuracy),
        show: human::percent,
    },
    Measure {
        name: "bleu",
        title: "BLEU",
        caption: "BLEU of translations.",
        of: |entry| Some(entry.translation.as_ref()?.evaluation.bleu),
        show: human::decimal,
    },
    Measure {
        name: "replies",
        title: "perplexity of replies",
        caption: "Perplexity of replies.",
        of: |entry| entry.conversation.as_ref()?.evaluation.perplexity,
        show: human::decimal,
    },
    Measure {
        name: "analogies",
        title: "analogies",
        caption: "Accuracy of word vectors on analogies.",
        of: |entry| {
            let tests = &entry.words.as_ref()?.evaluation.tests;
            tests.iter().find_map(|test| match &test.answers {
                WordAnswers::Analogies(found) => found.total.accuracy(),
                WordAnswers::Similarity(_) => None,
            })
        },
        show: human::percent,
    },
];

impl Measure {
    /// None if no entry of any run has it.
    fn table(&self, data: &[RunData], eras: &Eras, names: &[String]) -> Option<Table> {
        let rows = ids(data, eras, self.of).into_iter().map(|id| {
            let cells = data.iter().map(|run| {
                let entry = run.entries.iter().find(|entry| entry.id == *id);
                Cell::number(entry.and_then(self.of), self.show)
            });
            std::iter::once(eras.cell(id)).chain(cells).collect()
        });
        let table = Table {
            name: self.name.to_owned(),
            caption: self.caption.to_owned(),
            columns: std::iter::once(Column::words("entry"))
                .chain(names.iter().map(|name| Column::numbers(name)))
                .collect(),
            rows: rows.collect(),
        };
        (!table.rows.is_empty()).then_some(table)
    }
}
