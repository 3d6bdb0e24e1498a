//! A sample of a text, by which its format is recognised.

use std::path::Path;

use crate::error::{Error, Result};
use crate::read::lines::{Lines, OnInvalid};
use crate::read::rows::{Dialect, is_blank, named_delimiter, read_rows};
use crate::read::source::{Input, Visit};
use crate::read::unpack::unpacked_name;

/// The first lines of a text.
#[derive(Debug)]
pub(crate) struct Sample<'s> {
    /// All lines.
    pub(crate) lines: &'s [String],
    /// Those that are not blank.
    pub(crate) full: Vec<&'s str>,
}

/// How many lines of a sample have the form of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Nine in ten or more: what differs is a mistake in a line.
    Most,
    /// A half or more: there is doubt.
    Half,
    /// One or more.
    Few,
    No,
}

impl Fit {
    pub(crate) fn of(good: usize, all: usize) -> Fit {
        match good {
            0 => Fit::No,
            _ if 10 * good >= 9 * all => Fit::Most,
            _ if 2 * good >= all => Fit::Half,
            _ => Fit::Few,
        }
    }
}

impl<'s> Sample<'s> {
    pub(crate) fn new(lines: &'s [String]) -> Sample<'s> {
        let full = lines
            .iter()
            .map(String::as_str)
            .filter(|line| !is_blank(line));
        Sample {
            lines,
            full: full.collect(),
        }
    }

    /// The first line that is not blank.
    pub(crate) fn first(&self) -> &'s str {
        self.full.first().copied().unwrap_or_default()
    }

    /// How many lines are of a form.
    pub(crate) fn fit(&self, is_of_form: impl Fn(&str) -> bool) -> Fit {
        let good = self.full.iter().filter(|line| is_of_form(line)).count();
        Fit::of(good, self.full.len())
    }

    /// The rows of the sample; the last one, which may be cut, is missing where quotes may hold line ends.
    pub(crate) fn rows(&self, dialect: Dialect) -> Vec<Vec<String>> {
        let text = self.lines.join("\n");
        let mut lines = Lines::new(Box::new(text.as_bytes()), String::new(), OnInvalid::Replace);
        let mut rows: Vec<Vec<String>> = Vec::new();
        // Errors are found again when the text is read.
        let _ = read_rows(&mut lines, dialect, &mut |row| {
            rows.push(row.fields.iter().map(|&field| field.to_owned()).collect());
            Ok(())
        });
        if dialect != Dialect::Tabs && rows.len() > 2 {
            rows.pop();
        }
        rows
    }

    /// How the rows of a CSV file are written.
    pub(crate) fn quoted(&self) -> Dialect {
        let delimiter = self.delimiter();
        match self.full.iter().any(|line| has_escape(line, delimiter)) {
            true => Dialect::Escaped(delimiter),
            false => Dialect::Quoted(delimiter),
        }
    }

    /// How the rows of a CSV file are delimited: as its first line says, or by what that has most of.
    fn delimiter(&self) -> u8 {
        if let Some(named) = named_delimiter(self.first()) {
            return named;
        }
        let count = |delimiter: &u8| {
            self.first()
                .bytes()
                .filter(|byte| byte == delimiter)
                .count()
        };
        let mut delimiters = [b'\t', b';', b','];
        delimiters.sort_by_key(count);
        delimiters[2]
    }
}

/// Whether a line has a quote after a backslash that cannot be the end of a field, nor the first of two that stand for one.
fn has_escape(line: &str, delimiter: u8) -> bool {
    let mut parts = line.as_bytes().windows(3);
    let is_escape = |part: &[u8]| {
        part.starts_with(b"\\\"") && part[2] != delimiter && !matches!(part[2], b'"' | b'\r')
    };
    parts.any(is_escape)
}

/// Whether a file is named as comma-separated values, packed or not.
pub(crate) fn is_csv(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    unpacked_name(&name).ends_with(".csv")
}

/// The first lines of the first text of a file.
pub(crate) fn lines_of(input: &Input, limit: usize) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let read = input.texts(OnInvalid::Replace, &mut |text| {
        let mut bytes = 0;
        while lines.len() < limit && bytes < 1 << 18 {
            let Some(line) = text.next_line()? else { break };
            bytes += line.len() + 1;
            lines.push(line.to_owned());
        }
        Ok(Visit::Stop)
    });
    match read {
        // A picture among texts is left out, with a note, where they are read.
        Err(Error::NotText { .. }) | Ok(_) => Ok(lines),
        Err(error) => Err(error),
    }
}
