//! The Cornell Movie Dialogs Corpus: `movie_conversations.txt` lists the lines of each conversation, `movie_lines.txt` holds them.

use rustc_hash::FxHashMap;

use super::{Spoken, Visit};
use crate::error::{Error, Result};
use crate::read::lines::{Lines, OnInvalid};
use crate::read::source::{Input, Visit as Continue};

const SEPARATOR: &str = " +++$+++ ";

/// The lines of all movies by their names.
#[derive(Debug)]
pub(super) struct MovieLines {
    /// Where they stand.
    place: String,
    /// Speaker and text.
    lines: FxHashMap<String, (String, String)>,
}

/// Whether a line lists a conversation: `u0 +++$+++ u2 +++$+++ m0 +++$+++ ['L194', 'L195']`.
pub(crate) fn is_cornell_conversation(line: &str) -> bool {
    conversation(line).is_some()
}

/// Whether a line is spoken: `L1045 +++$+++ u0 +++$+++ m0 +++$+++ BIANCA +++$+++ They do not!`.
pub(crate) fn is_cornell_line(line: &str) -> bool {
    spoken(line).is_some_and(|(name, ..)| name.starts_with('L'))
}

/// The names of the lines of a conversation.
fn conversation(line: &str) -> Option<Vec<&str>> {
    let list = line.trim_end().rsplit_once(SEPARATOR)?.1;
    let list = list.strip_prefix('[')?.strip_suffix(']')?;
    let names = list
        .split(',')
        .map(|name| name.trim().trim_matches(['\'', '"']));
    Some(names.filter(|name| !name.is_empty()).collect())
}

/// Name, speaker and text of a line.
fn spoken(line: &str) -> Option<(&str, &str, &str)> {
    let mut fields = line.splitn(5, SEPARATOR.trim_end());
    let (name, speaker) = (fields.next()?, fields.next()?);
    let text = fields.nth(2)?;
    Some((name.trim(), speaker.trim(), text.trim()))
}

impl MovieLines {
    pub(super) fn read(input: &Input, invalid: OnInvalid) -> Result<MovieLines> {
        let mut movie = MovieLines {
            place: input.place(),
            lines: FxHashMap::default(),
        };
        input.texts(invalid, &mut |lines| {
            while let Some(line) = lines.next_line()? {
                if line.trim().is_empty() {
                    continue;
                }
                let Some((name, speaker, text)) = spoken(line) else {
                    let what = format!("expected five fields, separated by{SEPARATOR}");
                    return Err(lines.malformed(what));
                };
                let said = (speaker.to_owned(), text.to_owned());
                movie.lines.insert(name.to_owned(), said);
            }
            Ok(Continue::Next)
        })?;
        Ok(movie)
    }

    /// Calls `visit` with the turns of each conversation of a list.
    pub(super) fn conversations(&self, lists: &mut Lines<'_>, visit: &mut Visit<'_>) -> Result<()> {
        let place = lists.place().to_owned();
        let mut number = lists.number();
        while let Some(line) = lists.next_line()? {
            number += 1;
            if line.trim().is_empty() {
                continue;
            }
            let malformed = |what: String| Error::Format {
                place: place.clone(),
                line: number,
                what,
            };
            let names = conversation(line)
                .ok_or_else(|| malformed("expected a list of lines, ['L1', 'L2']".to_owned()))?;
            for (name, turn) in names.into_iter().zip(0..) {
                let (speaker, text) = self
                    .lines
                    .get(name)
                    .ok_or_else(|| malformed(format!("line {name} is not in {}", self.place)))?;
                visit(Spoken {
                    opens: turn == 0,
                    name: Some(speaker),
                    turn,
                    text,
                })?;
            }
        }
        Ok(())
    }
}
