//! Rows of tables: fields between tabs, or comma-separated values with quotes; and texts as bytes for parsers of other crates.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::read::encoding::without_marks;
use crate::read::lines::{LONGEST_LINE, Lines};

/// How a table separates its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Tabs; quotes are letters like others.
    Tabs,
    /// This delimiter; a field in quotes may hold it, quotes and line ends.
    Quoted(u8),
    /// The same, where a backslash in such a field makes a letter of the quote after it.
    Escaped(u8),
}

/// A row, and where it stands.
#[derive(Debug)]
pub(crate) struct Row<'r> {
    pub(crate) fields: &'r [&'r str],
    place: &'r str,
    /// The line on which it begins.
    pub(crate) line: u64,
}

impl<'r> Row<'r> {
    /// The field `column`, from 0.
    pub(crate) fn field(&self, column: usize) -> Result<&'r str> {
        self.fields.get(column).copied().ok_or_else(|| {
            self.malformed(format!(
                "found {} field(s), expected at least {}",
                self.fields.len(),
                column + 1
            ))
        })
    }

    /// An error about the row.
    pub(crate) fn malformed(&self, what: impl Into<String>) -> Error {
        Error::Format {
            place: self.place.to_owned(),
            line: self.line,
            what: what.into(),
        }
    }
}

/// Calls `visit` with each row of a text. Blank lines are no rows.
pub(crate) fn read_rows(
    lines: &mut Lines<'_>,
    dialect: Dialect,
    visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let place = lines.place().to_owned();
    match dialect {
        Dialect::Tabs => read_tabs(lines, &place, visit),
        Dialect::Quoted(delimiter) => read_quoted(lines, &place, (delimiter, None), visit),
        Dialect::Escaped(delimiter) => read_quoted(lines, &place, (delimiter, Some(b'\\')), visit),
    }
}

fn read_tabs(
    lines: &mut Lines<'_>,
    place: &str,
    visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut line = lines.number();
    while let Some(text) = lines.next_line()? {
        line += 1;
        if is_blank(text) {
            continue;
        }
        let fields: Vec<&str> = text.split('\t').collect();
        let fields = &fields;
        visit(&Row {
            fields,
            place,
            line,
        })?;
    }
    Ok(())
}

fn read_quoted(
    lines: &mut Lines<'_>,
    place: &str,
    (delimiter, escape): (u8, Option<u8>),
    visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let first = match lines.next_line()? {
        None => return Ok(()),
        // Blank, so that the lines after it keep their numbers.
        Some(line) if named_delimiter(line) == Some(delimiter) => "\n".to_owned(),
        Some(line) => format!("{line}\n"),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .escape(escape)
        .has_headers(false)
        .flexible(true)
        // Carriage returns that end no line are part of a field.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(LineBytes::after(lines, &first));
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let what = error.to_string();
                return Err(reader.get_mut().failure(line, what));
            }
        }
        reader.get_mut().begin_part();
        // The position of a record is before the blank lines above it.
        let within = record.iter().flat_map(str::bytes);
        let within = within.filter(|&byte| byte == b'\n').count() as u64;
        let line = reader.position().line().saturating_sub(1 + within);
        let fields: Vec<String> = record.iter().map(one_line).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let fields = &fields;
        visit(&Row {
            fields,
            place,
            line,
        })?;
    }
}

/// The delimiter that the first line of a table names for Excel: `sep=;`.
pub(crate) fn named_delimiter(line: &str) -> Option<u8> {
    match line.strip_prefix("sep=")?.as_bytes() {
        [delimiter @ (b'\t' | b';' | b',' | b'|')] => Some(*delimiter),
        _ => None,
    }
}

/// Whether a line is no row: nothing but spaces, and no tab.
pub(crate) fn is_blank(line: &str) -> bool {
    line.trim().is_empty() && !line.contains('\t')
}

/// A text that was written with escapes as a line without spaces around it.
pub(crate) fn one_line(text: &str) -> String {
    clean(text.trim())
}

/// A text that was written with escapes as a line: line ends become spaces, and what no line may hold is removed.
pub(crate) fn clean(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\n' | '\r' => ' ',
        '\0' => char::REPLACEMENT_CHARACTER,
        other => other,
    };
    let line: String = text.chars().map(plain).collect();
    without_marks(&line)
}

/// A text as bytes, each line with its end, for parsers of other crates.
pub(crate) struct LineBytes<'l, 'a> {
    lines: &'l mut Lines<'a>,
    line: Vec<u8>,
    at: usize,
    /// Bytes since the last part ended; none may be longer than the longest line, so that an open quote does not fill the memory.
    part: Rc<Cell<usize>>,
    failure: Option<Error>,
}

impl<'l, 'a> LineBytes<'l, 'a> {
    pub(crate) fn new(lines: &'l mut Lines<'a>) -> LineBytes<'l, 'a> {
        LineBytes::after(lines, "")
    }

    /// Bytes of a text whose first line has been read already.
    pub(crate) fn after(lines: &'l mut Lines<'a>, first: &str) -> LineBytes<'l, 'a> {
        LineBytes {
            lines,
            line: first.as_bytes().to_vec(),
            at: 0,
            part: Rc::default(),
            failure: None,
        }
    }

    /// Begins a row or a unit.
    pub(crate) fn begin_part(&mut self) {
        self.part.set(0);
    }

    /// The count of bytes that begins anew with each part, for callers whose parser holds the text.
    pub(crate) fn part(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.part)
    }

    /// Number of the last line that was read.
    pub(crate) fn number(&self) -> u64 {
        self.lines.number()
    }

    /// The error that ended the reading, or else that of the parser.
    pub(crate) fn failure(&mut self, line: u64, what: String) -> Error {
        self.failure.take().unwrap_or_else(|| Error::Format {
            place: self.lines.place().to_owned(),
            line,
            what,
        })
    }

    /// Reads the next line; returns whether there is one.
    fn refill(&mut self) -> Result<bool> {
        self.line.clear();
        self.at = 0;
        let Some(text) = self.lines.next_line()? else {
            return Ok(false);
        };
        self.line.extend_from_slice(text.as_bytes());
        self.line.push(b'\n');
        self.part.set(self.part.get() + self.line.len());
        match self.part.get() > LONGEST_LINE {
            true => Err(self.lines.malformed(format!(
                "a part of more than {LONGEST_LINE} bytes ends here or later; is a quote or a bracket left open before?"
            ))),
            false => Ok(true),
        }
    }
}

impl BufRead for LineBytes<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.line.len()
            && self.failure.is_none()
            && let Err(error) = self.refill()
        {
            self.line.clear();
            self.failure = Some(error);
        }
        match self.failure {
            Some(_) => Err(io::Error::other("the text cannot be read")),
            None => Ok(&self.line[self.at..]),
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Read for LineBytes<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lines::OnInvalid;

    fn rows(text: &[u8], dialect: Dialect) -> Result<Vec<(u64, Vec<String>)>> {
        let mut lines = Lines::new(Box::new(text), "table".into(), OnInvalid::Refuse);
        let mut rows = Vec::new();
        read_rows(&mut lines, dialect, &mut |row| {
            let fields = row.fields.iter().map(|&field| field.to_owned());
            rows.push((row.line, fields.collect()));
            Ok(())
        })?;
        Ok(rows)
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (line, fields.iter().map(|&field| field.to_owned()).collect())
    }

    #[test]
    fn tabs_separate_fields_and_blank_lines_are_no_rows() {
        let text = "a\tb\n\n  \n\"c\t\n\t\n";
        assert_eq!(
            rows(text.as_bytes(), Dialect::Tabs).unwrap(),
            [row(1, &["a", "b"]), row(4, &["\"c", ""]), row(5, &["", ""])]
        );
    }

    #[test]
    fn quoted_fields_hold_delimiters_quotes_and_line_ends() {
        let text = "\u{FEFF}a,\"b, \"\"c\"\"\"\r\n\n\"two\r\nlines\",d\rd\n";
        assert_eq!(
            rows(text.as_bytes(), Dialect::Quoted(b',')).unwrap(),
            [row(1, &["a", "b, \"c\""]), row(3, &["two lines", "d d"])]
        );
        let semicolons = rows(b"a;b,c\n", Dialect::Quoted(b';')).unwrap();
        assert_eq!(semicolons, [row(1, &["a", "b,c"])]);
    }

    #[test]
    fn a_backslash_before_a_quote_may_make_it_a_letter() {
        let text = b"a,\"say \\\"b\\\", c\"\n\"d \"\"e\"\"\",f\n";
        assert_eq!(
            rows(text, Dialect::Escaped(b',')).unwrap(),
            [row(1, &["a", "say \"b\", c"]), row(2, &["d \"e\"", "f"])]
        );
    }

    #[test]
    fn a_first_line_that_names_the_delimiter_is_no_row() {
        let text = b"sep=;\r\na;b\r\nc;d\r\n";
        assert_eq!(
            rows(text, Dialect::Quoted(b';')).unwrap(),
            [row(2, &["a", "b"]), row(3, &["c", "d"])]
        );
        // Elsewhere it is a row.
        assert_eq!(
            rows(b"a;b\nsep=;\n", Dialect::Quoted(b';')).unwrap(),
            [row(1, &["a", "b"]), row(2, &["sep=", ""])]
        );
    }

    #[test]
    fn errors_of_the_text_are_those_of_its_reader() {
        let error = rows(b"a,b\nc,\xFF\n", Dialect::Quoted(b',')).unwrap_err();
        assert_eq!(error.to_string(), "table, line 2, byte 3: not valid UTF-8");
    }
}
