//! Conversation: perplexity of replies, quality of generated replies, and examples.

use harness::{ConversationRecord, Track};
use maud::{Markup, html};

use super::Section;
use super::rows::{ranking_row, year_cell};
use crate::charts::Ranking;
use crate::data::RunData;
use crate::error::Result;
use crate::human;
use crate::page::{Figure, border, figure, ideas, swatch, table as show};
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// The track.
pub(super) struct Conversation;

impl Section for Conversation {
    fn write(&self, data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
        let chart = perplexity_figure(data, writer)?;
        let tables = writer.tables(tables(data))?;
        Ok((!tables.is_empty()).then(|| {
            html! {
                h2 { "Conversation" }
                (measures(data))
                (ideas(data, Track::Conversation))
                @if let Some(chart) = &chart { (figure(chart)) }
                @for table in &tables { (show(table)) }
                (dialogues(data))
            }
        }))
    }
}

/// Explanation of the measures.
fn measures(data: &RunData) -> Markup {
    let mut eras = data.responders().map(|record| &record.entry.era);
    let has_oracle = eras.any(|era| data.eras.is_oracle(era));
    html! {
        p {
            "A reply is sensible if it answers the question and contradicts no known fact, and specific if it would not fit half of \
             all dialogues; both are measured on the village only. The two must be read together: \"I do not know\" is usually \
             sensible but never specific. Distinct-1 and distinct-2 are the shares of distinct words and word pairs in all \
             replies of an entry; consistent is the share of questions that get the same answer when they are rephrased."
            @if has_oracle {
                " The oracle is given the whole dialogue, all other entries only the last turns."
            }
        }
    }
}

const READING: &str = "How to read it: further left is better. Entries whose replies have no probabilities have no \
                       perplexity and are not shown.";

/// Perplexity of replies; none if no entry but an oracle has one.
fn perplexity_figure(data: &RunData, writer: &mut Writer) -> Result<Option<Figure>> {
    let known = data
        .responders()
        .filter(|record| record.evaluation.perplexity.is_some());
    let (oracles, others): (Vec<_>, Vec<_>) =
        known.partition(|record| data.eras.is_oracle(&record.entry.era));
    if others.is_empty() {
        return Ok(None);
    }
    let rows = others
        .iter()
        .chain(&oracles)
        .map(|record| ranking_row(data, &record.entry, record.evaluation.perplexity));
    let chart = Ranking {
        name: "replies",
        measure: "perplexity",
        of: " of replies",
        rows: rows.collect(),
        floor: oracles.first().and_then(|one| one.evaluation.perplexity),
    };
    writer.chart(&chart, READING.to_owned()).map(Some)
}

/// A dialogue of each entry with itself.
fn dialogues(data: &RunData) -> Markup {
    let dialogues: Vec<_> = data
        .responders()
        .filter(|record| record.evaluation.talk.len() > 1)
        .collect();
    let colour = |record: &ConversationRecord| data.eras.colour(&record.entry.era);
    html! {
        @if !dialogues.is_empty() {
            p.prompt { "Dialogues of each entry with itself, after the same first turn" }
            div.samples {
                @for record in dialogues {
                    div style=(border(colour(record))) {
                        (swatch(data.eras.mark(&record.entry))) strong { (record.entry.label()) }
                        " " span.quiet { (record.entry.year_text()) }
                        ol.dialogue { @for turn in &record.evaluation.talk { li dir="auto" { (turn) } } }
                    }
                }
            }
        }
    }
}

/// Perplexity and quality of replies, also by the number of turns, and examples.
fn tables(data: &RunData) -> Vec<Table> {
    let records: Vec<&ConversationRecord> = data.responders().collect();
    let all = [
        summary(data, &records),
        by_turns(data, &records),
        examples(data, &records),
    ]
    .into_iter();
    all.filter(|table| !table.rows.is_empty()).collect()
}

fn summary(data: &RunData, records: &[&ConversationRecord]) -> Table {
    let rows = records.iter().map(|record| {
        let found = &record.evaluation;
        vec![
            data.eras.cell(&record.entry),
            year_cell(&record.entry),
            Cell::number(found.perplexity, human::decimal),
            Cell::number(found.sensible, human::percent),
            Cell::number(found.specific, human::percent),
            Cell::number(Some(found.distinct[0]), human::three),
            Cell::number(Some(found.distinct[1]), human::three),
            Cell::number(Some(found.common), human::percent),
            Cell::number(Some(found.consistent), human::percent),
        ]
    });
    let titles = [
        "year",
        "perplexity",
        "sensible",
        "specific",
        "distinct-1",
        "distinct-2",
        "ten most common",
        "consistent",
    ];
    let (replies, given) = records.first().map_or((0, 0), |record| {
        (record.evaluation.replies, record.evaluation.given)
    });
    Table {
        name: "conversation".to_owned(),
        caption: format!(
            "Perplexity per token of the {} replies of the test dialogues; all other measures are those of {} generated replies.",
            human::thousands(replies),
            human::thousands(given),
        ),
        columns: std::iter::once(Column::words("entry"))
            .chain(titles.map(Column::numbers))
            .collect(),
        rows: rows.collect(),
    }
}

/// An entry in a row, a number of turns in a column.
fn by_turns(data: &RunData, records: &[&ConversationRecord]) -> Table {
    let shown = |record: &&&ConversationRecord| !record.evaluation.by_turns.is_empty();
    let records: Vec<&&ConversationRecord> = records.iter().filter(shown).collect();
    let of_first = records
        .first()
        .map_or(&[][..], |record| &record.evaluation.by_turns);
    let columns = of_first.iter().map(|found| match found.turns {
        1 => Column::numbers("1 turn"),
        turns => Column::numbers(&format!("{turns} turns")),
    });
    let rows = records.iter().map(|record| {
        let own = |turns: usize| {
            let mut found = record.evaluation.by_turns.iter();
            let found = found.find(|found| found.turns == turns);
            Cell::number(found.and_then(|found| found.perplexity), human::decimal)
        };
        let cells = of_first.iter().map(|found| own(found.turns));
        std::iter::once(data.eras.cell(&record.entry))
            .chain(cells)
            .collect()
    });
    Table {
        name: "conversation-by-turns".to_owned(),
        caption: "Perplexity of replies by the number of preceding turns given as context."
            .to_owned(),
        rows: rows.collect(),
        columns: std::iter::once(Column::words("entry"))
            .chain(columns)
            .collect(),
    }
}

/// A text in a row: the turns before a reply, the reference, and the replies of all entries.
fn examples(data: &RunData, records: &[&ConversationRecord]) -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    // An oracle is given more turns than the others; these are the turns that the others are given.
    let first = records
        .iter()
        .min_by_key(|record| record.evaluation.turns.unwrap_or(usize::MAX));
    let examples = first.map_or(&[][..], |first| &first.evaluation.examples);
    let of_example = |(at, example): (usize, &harness::ConversationExample)| {
        let turns = example.turns.iter().map(|turn| ("turn", turn));
        let given = turns.chain([("reference", &example.reference)]);
        let given = given.map(|(what, content)| vec![text(what), text(content)]);
        let own = records.iter().filter_map(move |record| {
            let own = record.evaluation.examples.get(at)?;
            Some(vec![data.eras.cell(&record.entry), text(&own.reply)])
        });
        given.chain(own).collect::<Vec<_>>()
    };
    Table {
        name: "replies".to_owned(),
        caption: "Replies of every entry to the same turns.".to_owned(),
        columns: ["entry", "text"].map(Column::words).into(),
        rows: examples.iter().enumerate().flat_map(of_example).collect(),
    }
}
