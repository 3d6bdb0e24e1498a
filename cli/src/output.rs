//! The only place that prints.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use harness::TextTable;
use serde::Serialize;

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

/// Text that is safe to print on a terminal: control characters are replaced.
pub(crate) fn visible(text: &str) -> String {
    let visible = |character: char| match character.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => character,
    };
    text.chars().map(visible).collect()
}

/// Prints a part of a line at once.
pub(crate) fn say_part(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}

/// Prints a line. A closed pipe, as from `head`, ends the program successfully.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}

/// Prints through a buffer.
pub(crate) fn stream(
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
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

/// Prints a line on standard error; a failure is ignored.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints notes to standard error, a line each.
pub(crate) fn complain_all(notes: &[String]) {
    for note in notes {
        complain(&format!("note: {}", visible(note)));
    }
}

/// A table with aligned columns: the first to the left, the others to the right.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |row: &[String], at: usize| row.get(at).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..header.len())
        .map(|at| {
            rows.iter()
                .map(|row| cells(row, at))
                .chain([header[at].chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: Vec<&str>| {
        let padded = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, &width))| match at {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
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
    }
}
