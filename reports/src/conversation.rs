//! The tables of the conversation track.

use harness::ConversationRecord;

use crate::data::RunData;
use crate::human;
use crate::table::{Cell, Column, Table};
use crate::tables::entry_cell;

/// How well each entry foresees replies and what it says itself, and a few moments of conversations.
pub(crate) fn tables(data: &RunData) -> Vec<Table> {
    let records: Vec<&ConversationRecord> = data.responders().collect();
    let all = [summary(&records), by_turns(&records), examples(&records)].into_iter();
    all.filter(|table| !table.rows.is_empty()).collect()
}

fn three(value: f64) -> String {
    format!("{value:.3}")
}

fn summary(records: &[&ConversationRecord]) -> Table {
    let rows = records.iter().map(|record| {
        let found = &record.evaluation;
        vec![
            entry_cell(&record.entry),
            Cell::number(record.entry.year.map(f64::from), |year| format!("{year}")),
            Cell::number(found.perplexity, human::decimal),
            Cell::number(found.sensible, human::percent),
            Cell::number(found.specific, human::percent),
            Cell::number(Some(found.distinct[0]), three),
            Cell::number(Some(found.distinct[1]), three),
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
        "ten commonest",
        "consistent",
    ];
    let (replies, given) = records.first().map_or((0, 0), |record| {
        (record.evaluation.replies, record.evaluation.given)
    });
    Table {
        name: "conversation".to_owned(),
        caption: format!(
            "Perplexity is of the {} replies of the test conversations, per token; all else of {} replies that the entries gave.",
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
fn by_turns(records: &[&ConversationRecord]) -> Table {
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
        std::iter::once(entry_cell(&record.entry))
            .chain(cells)
            .collect()
    });
    Table {
        name: "conversation-by-turns".to_owned(),
        caption: "Perplexity of replies by the turns before them that are shown.".to_owned(),
        rows: rows.collect(),
        columns: std::iter::once(Column::words("entry"))
            .chain(columns)
            .collect(),
    }
}

/// A text in a row: what was said, what followed, and what the entries said.
fn examples(records: &[&ConversationRecord]) -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    // An oracle is shown more than the others: the turns are told as those saw them.
    let first = records
        .iter()
        .min_by_key(|record| record.evaluation.turns.unwrap_or(usize::MAX));
    let examples = first.map_or(&[][..], |first| &first.evaluation.examples);
    let of_moment = |(at, example): (usize, &harness::ConversationExample)| {
        let turns = example.turns.iter().map(|turn| ("turn", turn));
        let given = turns.chain([("reference", &example.reference)]);
        let given = given.map(|(what, said)| vec![text(what), text(said)]);
        let own = records.iter().filter_map(move |record| {
            let own = record.evaluation.examples.get(at)?;
            Some(vec![entry_cell(&record.entry), text(&own.reply)])
        });
        given.chain(own).collect::<Vec<_>>()
    };
    Table {
        name: "replies".to_owned(),
        caption: "The same moments, replied to by every entry.".to_owned(),
        columns: ["entry", "text"].map(Column::words).into(),
        rows: examples.iter().enumerate().flat_map(of_moment).collect(),
    }
}
