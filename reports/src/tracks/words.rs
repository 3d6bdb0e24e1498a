//! Words: analogies, similarities, and maps of word vectors.

use harness::{SectionResult, Track, WordAnswers, WordTestResult, WordsRecord};
use maud::{Markup, html};

use super::Section;
use crate::charts::WordMap;
use crate::data::RunData;
use crate::error::Result;
use crate::human;
use crate::page::{Figure, figure, ideas, table as show};
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// The track.
pub(super) struct Words;

impl Section for Words {
    fn write(&self, data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
        let tables = writer.tables(tables(data))?;
        let maps = maps(data).into_iter();
        let maps = maps.map(|(map, reading)| writer.chart(&map, reading));
        let maps = maps.collect::<Result<Vec<Figure>>>()?;
        Ok((!tables.is_empty()).then(|| {
            html! {
                h2 { "Word vectors" }
                p {
                    "An analogy asks which word is to c as b is to a. The answer is the word nearest to v(b) − v(a) + v(c); only an \
                     exact match is correct. Similarity tests compare cosine similarities of word pairs with human ratings."
                }
                (ideas(data, Track::Words))
                @for table in &tables { (show(table)) }
                @for map in &maps { (figure(map)) }
            }
        }))
    }
}

/// The results of each entry in each test, and the analogies by category.
fn tables(data: &RunData) -> Vec<Table> {
    let records: Vec<&WordsRecord> = data.word_vectors().collect();
    let summary = summary(data, &records);
    let by_category = by_category(&records);
    let all = [summary, by_category].into_iter();
    all.filter(|table| !table.rows.is_empty()).collect()
}

/// A map of the vectors of each entry that recorded one, and how to read it.
fn maps(data: &RunData) -> Vec<(WordMap, String)> {
    let records = data.word_vectors();
    let maps = records.filter_map(|record| {
        let plane = record.evaluation.plane.as_ref()?;
        let label = record.entry.label();
        let map = WordMap {
            title: format!("{label}: {}", plane.section),
            words: plane.words.clone(),
            // A damaged record may name words that are not there.
            lines: (plane.pairs.iter().copied())
                .filter(|(from, to)| *from.max(to) < plane.words.len())
                .collect(),
            shares: plane.shares,
        };
        let reading = format!(
            "How to read it: vectors of {label} for words of the category {}, projected onto their first two principal components. \
             Parallel lines mean that the relation is a constant difference of vectors, which analogies test.",
            plane.section
        );
        Some((map, reading))
    });
    maps.collect()
}

fn summary(data: &RunData, records: &[&WordsRecord]) -> Table {
    let rows = records.iter().flat_map(|record| {
        let tests = record.evaluation.tests.iter();
        tests.map(|test| summary_row(data, record, test))
    });
    let titles = ["semantic", "syntactic", "total", "rho", "known"];
    Table {
        name: "words".to_owned(),
        caption: "Analogies: accuracy among questions whose words are all in the vocabulary. Similarity: Spearman's rank \
                  correlation; the maximum is 1, chance is 0."
            .to_owned(),
        columns: [Column::words("entry"), Column::words("test")]
            .into_iter()
            .chain(titles.map(Column::numbers))
            .collect(),
        rows: rows.collect(),
    }
}

fn summary_row(data: &RunData, record: &WordsRecord, test: &WordTestResult) -> Vec<Cell> {
    let percent = |share| Cell::number(share, human::percent);
    let (shares, rho, known) = match &test.answers {
        WordAnswers::Analogies(found) => (
            [found.semantic, found.syntactic, found.total].map(|tally| tally.accuracy()),
            None,
            found.total.coverage(),
        ),
        WordAnswers::Similarity(found) => ([None; 3], found.rho, found.coverage()),
    };
    let [semantic, syntactic, total] = shares.map(percent);
    vec![
        data.eras.cell(&record.entry),
        Cell::Text(test.test.clone()),
        semantic,
        syntactic,
        total,
        Cell::number(rho, |rho| human::signed(rho, 3)),
        percent(known),
    ]
}

/// A category in a row, an entry in a column.
fn by_category(records: &[&WordsRecord]) -> Table {
    let mut categories: Vec<(&str, &str)> = Vec::new();
    for (test, section) in records.iter().flat_map(|record| sections(record)) {
        if !categories.contains(&(test, &section.name)) {
            categories.push((test, &section.name));
        }
    }
    let rows = categories.iter().map(|&(test, category)| {
        let found = |record: &&WordsRecord| {
            let mut own = sections(record);
            let section = own.find(|(of, section)| *of == test && section.name == category);
            section.map(|(_, section)| section.tally)
        };
        let tallies: Vec<_> = records.iter().map(found).collect();
        let asked = tallies.iter().flatten().map(|tally| tally.asked).max();
        let head = [
            Cell::Text(category.to_owned()),
            Cell::number(asked.map(|asked| asked as f64), |asked| {
                human::thousands(asked as u64)
            }),
        ];
        let shares = tallies
            .iter()
            .map(|tally| Cell::number(tally.and_then(|tally| tally.accuracy()), human::percent));
        head.into_iter().chain(shares).collect()
    });
    let head = [Column::words("category"), Column::numbers("asked")];
    let entries = records.iter().map(|record| &record.entry);
    let columns = entries.map(|id| Column::numbers(&id.label()));
    Table {
        name: "words-by-category".to_owned(),
        caption: "Analogies by category: accuracy.".to_owned(),
        columns: head.into_iter().chain(columns).collect(),
        rows: rows.collect(),
    }
}

/// The categories of all tests of analogies, each with its test.
fn sections(record: &WordsRecord) -> impl Iterator<Item = (&str, &SectionResult)> {
    let tests = record.evaluation.tests.iter();
    tests.flat_map(|test| {
        let sections = match &test.answers {
            WordAnswers::Analogies(found) => &found.sections[..],
            WordAnswers::Similarity(_) => &[],
        };
        sections.iter().map(|section| (test.test.as_str(), section))
    })
}
