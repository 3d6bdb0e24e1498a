//! Conversations in tables: a row for each turn, with the conversation, the number of the turn, the speaker and the text.

use rustc_hash::FxHashMap;

use super::{Spoken, Tally, Visit};
use crate::error::Result;
use crate::read::lines::Lines;
use crate::read::rows::{Dialect, Row, read_rows};

/// The columns of a table of turns, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TurnTable {
    pub(crate) dialect: Dialect,
    /// The first row, if it names the columns; other files may repeat it.
    pub(crate) titles: Option<Vec<String>>,
    /// Without it, each file is a conversation.
    pub(crate) dialogue: Option<usize>,
    pub(crate) turn: Option<usize>,
    pub(crate) speaker: Option<usize>,
    pub(crate) text: usize,
}

impl TurnTable {
    /// `dialogue<TAB>turn<TAB>speaker<TAB>text`; tabs that follow are part of the text.
    pub(crate) fn plain(titles: Option<Vec<String>>) -> TurnTable {
        TurnTable {
            dialect: Dialect::Tabs,
            titles,
            dialogue: Some(0),
            turn: Some(1),
            speaker: Some(2),
            text: 3,
        }
    }

    fn width(&self) -> usize {
        self.titles.as_ref().map_or(self.text + 1, Vec::len)
    }

    fn is_title(&self, row: &Row<'_>) -> bool {
        let titles = self.titles.as_deref().unwrap_or_default();
        !titles.is_empty() && row.fields.iter().eq(titles.iter())
    }
}

/// A turn of the conversation that is being read.
struct Waiting {
    line: u64,
    turn: Option<u64>,
    name: Option<String>,
    text: String,
}

/// The conversation that is being read, and those before it.
#[derive(Default)]
struct Conversation {
    id: String,
    rows: Vec<Waiting>,
    /// Turns that did not have to wait.
    visited: u64,
    /// Earlier conversations with the numbers of their first turns.
    seen: FxHashMap<String, Option<u64>>,
}

/// Calls `visit` with the turns of each conversation in the order of their numbers. Memory: one conversation.
pub(super) fn read(
    lines: &mut Lines<'_>,
    table: &TurnTable,
    tally: &mut Tally,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let place = lines.place().to_owned();
    let mut current = Conversation::default();
    let mut first = true;
    read_rows(lines, table.dialect, &mut |row| {
        if std::mem::take(&mut first) && table.is_title(row) {
            return Ok(());
        }
        let id = table.dialogue.map_or(Ok(""), |column| row.field(column))?;
        let waiting = turn_of(table, row)?;
        if current.ends_before(id, waiting.turn) {
            current.visit_all(&place, tally, visit)?;
            current.begin(id, &waiting, row, tally)?;
        }
        if table.turn.is_none() {
            // Nothing is to be sorted, so nothing has to wait.
            return current.visit_one(&waiting, visit);
        }
        current.rows.push(waiting);
        Ok(())
    })?;
    current.visit_all(&place, tally, visit)
}

fn turn_of(table: &TurnTable, row: &Row<'_>) -> Result<Waiting> {
    let text = row.field(table.text)?;
    let turn = match table.turn {
        None => None,
        Some(column) => {
            let number = row.field(column)?;
            let parsed = number.trim().parse::<u64>();
            Some(parsed.map_err(|_| row.malformed(format!("turn {number:?} is not a number")))?)
        }
    };
    let name = table.speaker.map(|column| row.field(column)).transpose()?;
    let rest = match table.dialect {
        // Tabs after the last column are part of the text.
        Dialect::Tabs if table.width() == table.text + 1 => row.fields.get(table.text + 1..),
        _ => None,
    };
    let mut text = text.to_owned();
    for more in rest.unwrap_or_default() {
        text.push('\t');
        text.push_str(more);
    }
    text.truncate(text.trim_end().len());
    Ok(Waiting {
        line: row.line,
        turn,
        name: name.map(|name| name.trim().to_owned()),
        text,
    })
}

impl Conversation {
    /// Whether a row belongs to another conversation: the name differs, or the numbers begin again.
    fn ends_before(&self, id: &str, turn: Option<u64>) -> bool {
        match self.rows.first() {
            None => self.visited == 0 || self.id != id,
            Some(first) => self.id != id || (turn.is_some() && turn == first.turn),
        }
    }

    fn begin(&mut self, id: &str, first: &Waiting, row: &Row<'_>, tally: &mut Tally) -> Result<()> {
        if let Some(earlier) = self.seen.get(id) {
            let begins_again = first.turn.is_some() && first.turn <= *earlier;
            if !begins_again {
                return Err(row.malformed(format!(
                    "conversation {id:?} began earlier, and others stand between; sort the rows by conversation"
                )));
            }
            tally.repeated += 1;
        }
        self.seen.insert(id.to_owned(), first.turn);
        id.clone_into(&mut self.id);
        self.visited = 0;
        Ok(())
    }

    fn visit_one(&mut self, row: &Waiting, visit: &mut Visit<'_>) -> Result<()> {
        let turn = self.visited;
        self.visited += 1;
        visit(Spoken {
            opens: turn == 0,
            name: row.name.as_deref(),
            turn,
            text: &row.text,
        })
    }

    fn visit_all(&mut self, place: &str, tally: &mut Tally, visit: &mut Visit<'_>) -> Result<()> {
        let mut rows = std::mem::take(&mut self.rows);
        if !rows.is_sorted_by_key(|row| row.turn) {
            tally.unsorted += 1;
            rows.sort_by_key(|row| row.turn);
        }
        let numbers = || rows.iter().zip(rows.iter().skip(1));
        let twice = numbers().find(|(a, b)| b.turn.is_some() && a.turn == b.turn);
        if let Some((_, row)) = twice {
            let turn = row.turn.unwrap_or_default();
            return Err(crate::error::Error::Format {
                place: place.to_owned(),
                line: row.line,
                what: format!("turn {turn} of conversation {:?} is there twice", self.id),
            });
        }
        let gap = |(a, b): (&Waiting, &Waiting)| matches!((a.turn, b.turn), (Some(a), Some(b)) if b > a + 1);
        tally.gaps += u64::from(numbers().any(gap));
        for (row, at) in rows.iter().zip(0..) {
            visit(Spoken {
                opens: at == 0,
                name: row.name.as_deref(),
                turn: row.turn.unwrap_or(at),
                text: &row.text,
            })?;
        }
        Ok(())
    }
}
