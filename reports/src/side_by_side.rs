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
    let fair = match are_comparable(&data) {
        true => &PERPLEXITY,
        false => &BITS_PER_BYTE,
    };
    let chart = fair.chart(&data, &eras);
    let figure = chart.map(|chart| writer.chart(&chart, READING.to_owned()));
    let figure = figure.transpose()?;
    let tables = MEASURES
        .iter()
        .filter_map(|measure| measure.table(&data, &eras, &names));
    let tables = writer.tables(tables.collect())?;
    let facts = writer.table(facts(&data, &names))?;
    let page = side_by_side(&facts, are_comparable(&data), figure.as_ref(), &tables);
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

/// A measure that is charted.
struct Charted {
    name: &'static str,
    measure: &'static str,
    of: &'static str,
    value: fn(&Entry) -> Option<f64>,
    /// The value of the oracle.
    floor: fn(&RunData) -> Option<f64>,
}

/// Fair between models of one prepared corpus.
const PERPLEXITY: Charted = Charted {
    name: "perplexity",
    measure: "perplexity",
    of: " on the test split",
    value: |entry| entry.record.as_ref()?.evaluation.perplexity,
    floor,
};

/// Fair between tokenizers too; texts differ in how predictable they are.
const BITS_PER_BYTE: Charted = Charted {
    name: "bits-per-byte",
    measure: "bits per byte",
    of: " of the test split",
    value: |entry| entry.record.as_ref()?.evaluation.bits_per_byte,
    floor: |_| None,
};

impl Charted {
    /// The value of every entry in every run; none if no entry has one.
    fn chart(&self, data: &[RunData], eras: &Eras) -> Option<Ranking> {
        let row = |id: &EntryId, number: usize, run: &RunData| {
            let entry = run.entries.iter().find(|entry| entry.id == *id)?;
            Some(RankingRow {
                label: id.label(),
                year: format!("{number}:"),
                mark: eras.mark(id),
                value: Some((self.value)(entry)?),
            })
        };
        let mut rows = Vec::new();
        for id in ids(data, eras, self.value) {
            let runs = (1..).zip(data);
            rows.extend(runs.filter_map(|(number, run)| row(id, number, run)));
        }
        (!rows.is_empty()).then(|| Ranking {
            name: self.name,
            measure: self.measure,
            of: self.of,
            floor: data.iter().find_map(self.floor),
            rows,
        })
    }
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
    name: &'static str,
    caption: &'static str,
    of: fn(&Entry) -> Option<f64>,
    show: fn(f64) -> String,
}

const MEASURES: [Measure; 6] = [
    Measure {
        name: "perplexity",
        caption: "Perplexity on the test split.",
        of: |entry| entry.record.as_ref()?.evaluation.perplexity,
        show: human::decimal,
    },
    Measure {
        name: "bits-per-byte",
        caption: "Bits per byte of the test split, comparable between tokenizers of the same text.",
        of: |entry| entry.record.as_ref()?.evaluation.bits_per_byte,
        show: human::three,
    },
    Measure {
        name: "minimal-pairs",
        caption: "Share of minimal pairs in which the grammatical sentence has the higher probability.",
        of: |entry| Some(entry.record.as_ref()?.minimal_pairs.as_ref()?.accuracy),
        show: human::percent,
    },
    Measure {
        name: "bleu",
        caption: "BLEU of translations.",
        of: |entry| Some(entry.translation.as_ref()?.evaluation.bleu),
        show: human::decimal,
    },
    Measure {
        name: "replies",
        caption: "Perplexity of replies.",
        of: |entry| entry.conversation.as_ref()?.evaluation.perplexity,
        show: human::decimal,
    },
    Measure {
        name: "analogies",
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
