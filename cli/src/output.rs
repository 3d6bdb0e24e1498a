//! The only place that prints.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use harness::TextTable;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

/// A mistake on the command line that only shows when its values are used: exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// An error for a mistake on the command line.
pub(crate) fn usage(what: impl Into<String>) -> anyhow::Error {
    Usage(what.into()).into()
}

/// Refuses to write over a file.
pub(crate) fn must_be_new(file: &Path) -> anyhow::Result<()> {
    match file.exists() {
        true => Err(usage(format!(
            "{}: already exists; choose another name",
            file.display()
        ))),
        false => Ok(()),
    }
}

/// Refuses to write over a picture, and formats other than .svg and .png.
pub(crate) fn must_be_new_picture(file: &Path) -> anyhow::Result<()> {
    let extension = file.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("svg" | "png") => must_be_new(file),
        _ => Err(usage(format!(
            "{}: the name of a picture must end in .svg or .png",
            file.display()
        ))),
    }
}

/// Text for a place within a line, such as a cell of a table: control characters are replaced, those between lines too.
pub(crate) fn visible(text: &str) -> String {
    let visible = |character: char| match character.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => character,
    };
    text.chars().map(visible).collect()
}

/// Text that a terminal shows and does not obey: control characters are replaced, except line feeds and tabs.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let is_obeyed = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    match text.contains(is_obeyed) {
        true => text.replace(is_obeyed, "\u{FFFD}").into(),
        false => text.into(),
    }
}

/// A writer to a terminal, which makes text harmless. Each piece that is written holds whole characters.
struct Harmless<W>(W);

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(piece);
        self.0.write_all(harmless(&text).as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Standard output: in a pipe or a file the bytes as they are, on a terminal harmless text.
fn out() -> Box<dyn Write> {
    let out = io::stdout().lock();
    match out.is_terminal() {
        true => Box::new(Harmless(io::BufWriter::new(out))),
        false => Box::new(io::BufWriter::new(out)),
    }
}

/// Prints a part of a line at once.
pub(crate) fn say_part(text: &str) -> anyhow::Result<()> {
    let mut out = out();
    let written = out.write_all(text.as_bytes());
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}

/// Prints a line. A closed pipe, as from `head`, ends the program successfully.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    say_part(&format!("{text}\n"))
}

/// Prints through a buffer.
pub(crate) fn stream(
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = out();
    match write(&mut *out).and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => std::process::exit(0),
        written => written,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Prints a value as JSON.
pub(crate) fn say_json(value: &impl Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(value)?)
}

/// Prints a line on standard error, harmless even in a pipe, as it is for people; a failure is ignored. On a terminal it takes the place
/// of a progress bar, which is drawn again below it.
pub(crate) fn complain(text: &str) {
    let mut err = io::stderr().lock();
    let clear = match err.is_terminal() {
        true => "\r\u{1B}[2K",
        false => "",
    };
    let _ = writeln!(err, "{clear}{}", harmless(text));
}

/// Tells which letters a picture could not show as they are.
pub(crate) fn complain_of_letters(picture: &Path, missing: &reports::MissingLetters) {
    if let Some(advice) = missing.advice() {
        complain(&format!("{}: {advice}", picture.display()));
    }
}

/// A table with aligned columns: the first to the left, the others to the right.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |row: &[String], at: usize| row.get(at).map_or(0, |cell| cell.width());
    let widths: Vec<usize> = (0..header.len())
        .map(|at| {
            rows.iter()
                .map(|row| cells(row, at))
                .chain([header[at].width()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: Vec<&str>| {
        let padded = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, &width))| {
                // Letters of Chinese take two columns, which the formatter does not know.
                let room = " ".repeat(width.saturating_sub(cell.width()));
                match at {
                    0 => format!("{cell}{room}"),
                    _ => format!("{room}{cell}"),
                }
            });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let rule = "-".repeat(widths.iter().sum::<usize>() + 2 * (widths.len() - 1));
    let rows = rows
        .iter()
        .map(|row| line(row.iter().map(String::as_str).collect()));
    [line(header.to_vec()), rule]
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Prints a table of results and the sentences under it.
pub(crate) fn say_table(results: &TextTable) -> anyhow::Result<()> {
    say(&table(results.header, &results.rows))?;
    results.notes.iter().try_for_each(|note| say(note))
}

pub(crate) use harness::thousands;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_align_and_numbers_are_grouped() {
        let rows = vec![
            vec!["a".to_owned(), "1".to_owned()],
            vec!["long".to_owned(), "23".to_owned()],
        ];
        assert_eq!(
            table(&["x", "n"], &rows),
            "x      n\n--------\na      1\nlong  23"
        );
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        let rows = vec![vec!["国王".to_owned(), "1".to_owned()]];
        assert_eq!(table(&["x", "n"], &rows), "x     n\n-------\n国王  1");
    }

    #[test]
    fn a_terminal_obeys_no_text() {
        // Colours, the bell, the window's title, C1's start of a sequence, delete, carriage return.
        let text = "a\u{1b}[31mb\u{7}\u{1b}]0;t\u{7}\u{9b}2J\u{7f}\rc";
        let shown = "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}]0;t\u{FFFD}\u{FFFD}2J\u{FFFD}\u{FFFD}c";
        assert_eq!(harmless(text), shown);
        assert_eq!(harmless("one\ttwo\nthree: 国, é"), "one\ttwo\nthree: 国, é");
        let mut terminal = Harmless(Vec::new());
        write!(terminal, "{text}\n{}", 7).unwrap();
        assert_eq!(terminal.0, format!("{shown}\n7").as_bytes());
        assert_eq!(visible("a\tb\n"), "a\u{FFFD}b\u{FFFD}");
    }
}
