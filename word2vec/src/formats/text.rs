//! Vectors as text: those of word2vec and fastText (`.vec`) with a header, those of GloVe without one.
//!
//! The last D fields of a line are the vector, what stands before them is the word.

use std::io::BufRead;
use std::path::Path;

use corpus::{Lines, OnInvalid, has_byte_order_mark};
use harness::{Error, Result};

use super::VectorFile;
use super::collector::Collector;
use super::header::{Header, check_dimension, fields, no_vectors, number};

/// Whether a file that begins with these bytes is text. The first vector shows it; where it cannot be read, the file is text if
/// its beginning is printable.
pub(super) fn looks_like_text(start: &[u8]) -> bool {
    if has_byte_order_mark(start) {
        return true;
    }
    let mut lines = start.splitn(3, |&byte| byte == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    let first_is_header = Header::is_header(first);
    let is_row = match (first_is_header, second) {
        (true, Some(row)) => {
            Header::numbers(first).is_some_and(|header| is_row(row, header.dimension))
        }
        (true, None) => false,
        (false, _) => first_dimension(first) > 0,
    };
    is_row || is_printable(start)
}

/// Whether a line is a word and this many numbers.
fn is_row(line: &[u8], dimension: usize) -> bool {
    let fields: Vec<&[u8]> = fields(line).collect();
    let numbers = fields.iter().rev().take(dimension);
    fields.len() > dimension
        && numbers
            .map(|field| number(field))
            .all(|number| number.is_some())
}

/// Whether these bytes are printable text; the last character may be incomplete.
fn is_printable(bytes: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8
        && bytes
            .iter()
            .all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
}

/// The dimension of the vector in the first line of a file without header; 0 if there is no vector.
fn first_dimension(line: &[u8]) -> usize {
    let fields: Vec<&[u8]> = fields(line).collect();
    let numbers = fields
        .iter()
        .rev()
        .take_while(|field| number(field).is_some());
    // A word can look like a number.
    numbers.count().min(fields.len().saturating_sub(1))
}

/// Reads vectors as text.
pub(super) fn read(path: &Path, reader: Box<dyn BufRead>) -> Result<VectorFile> {
    let mut lines = Lines::new(reader, path.display().to_string(), OnInvalid::Refuse);
    let first = lines.next_bytes()?.unwrap_or_default().to_vec();
    if Header::is_header(&first) {
        let header = Header::parse(path, &first)?;
        return read_announced(path, lines, header);
    }
    let dimension = first_dimension(&first);
    if dimension == 0 {
        return Err(no_vectors(path, &first));
    }
    check_dimension(path, dimension)?;
    read_unannounced(lines, dimension, &first)
}

/// Reads as many rows as the header says.
fn read_announced(path: &Path, mut lines: Lines<'_>, header: Header) -> Result<VectorFile> {
    let mut rows = Rows::new(header.dimension, "the first line says");
    while rows.read < header.words {
        let Some(line) = lines.next_bytes()? else {
            return Err(header.cut_short(path, rows.read));
        };
        let read = rows.read_row(line);
        read.map_err(|what| Error::from(lines.malformed(what)))?;
    }
    while let Some(line) = lines.next_bytes()? {
        if !line.trim_ascii().is_empty() {
            rows.collector.note(header.goes_on());
            break;
        }
    }
    rows.collector.finish(header.dimension)
}

/// Reads rows up to the end; `first` is the first.
fn read_unannounced(mut lines: Lines<'_>, dimension: usize, first: &[u8]) -> Result<VectorFile> {
    let mut rows = Rows::new(dimension, "the first line has");
    let read = rows.read_row(first);
    read.map_err(|what| Error::from(lines.malformed(what)))?;
    while let Some(line) = lines.next_bytes()? {
        if !line.trim_ascii().is_empty() {
            let read = rows.read_row(line);
            read.map_err(|what| Error::from(lines.malformed(what)))?;
        }
    }
    rows.collector.finish(dimension)
}

/// Rows of words and numbers.
struct Rows {
    collector: Collector,
    dimension: usize,
    /// Where the dimension comes from, for messages.
    origin: &'static str,
    /// Number of rows read, with those that are left out.
    read: usize,
    /// Whether a row had a word without spaces, so that the dimension is right.
    is_confirmed: bool,
}

impl Rows {
    fn new(dimension: usize, origin: &'static str) -> Rows {
        Rows {
            collector: Collector::default(),
            dimension,
            origin,
            read: 0,
            is_confirmed: false,
        }
    }

    /// Reads a row, or returns what is wrong with it.
    fn read_row(&mut self, line: &[u8]) -> std::result::Result<(), String> {
        self.read += 1;
        let row = line.trim_ascii();
        if row.is_empty() {
            return Err("an empty line where a word should be".to_owned());
        }
        let end = row.iter().position(u8::is_ascii_whitespace);
        let (word, rest) = row.split_at(end.unwrap_or(row.len()));
        let before = self.collector.values.len();
        if self.push_numbers(fields(rest)) && self.collector.values.len() - before == self.dimension
        {
            self.is_confirmed = true;
            return self.push_word(word);
        }
        self.collector.values.truncate(before);
        self.read_odd_row(line, row)
    }

    /// Reads a row whose word holds spaces, or which has no word.
    fn read_odd_row(&mut self, line: &[u8], row: &[u8]) -> std::result::Result<(), String> {
        let all: Vec<&[u8]> = fields(row).collect();
        let starts_with_space = line.first().is_some_and(u8::is_ascii_whitespace);
        if starts_with_space
            && all.len() == self.dimension
            && all.iter().all(|field| number(field).is_some())
        {
            self.push_numbers(all.iter().copied());
            return self.push_word(b"");
        }
        let word = String::from_utf8_lossy(all[0]);
        let Some(word_fields) = all.len().checked_sub(self.dimension).filter(|&n| n > 0) else {
            return Err(self.wrong_count(&word, all.len() - 1));
        };
        let (named, numbers) = all.split_at(word_fields);
        if let Some(bad) = numbers.iter().find(|field| number(field).is_none()) {
            let bad = String::from_utf8_lossy(bad);
            return Err(format!(
                "{bad:?} is not a number, in the vector of {word:?}"
            ));
        }
        // Before any row confirmed the dimension, more numbers mean another dimension.
        let extra_numbers = named[1..].iter().all(|field| number(field).is_some());
        if extra_numbers && !self.is_confirmed {
            return Err(self.wrong_count(&word, all.len() - 1));
        }
        self.push_numbers(numbers.iter().copied());
        self.push_word(&named.join(&b' '))
    }

    /// Adds numbers; returns whether all are numbers.
    fn push_numbers<'l>(&mut self, mut fields: impl Iterator<Item = &'l [u8]>) -> bool {
        let values = &mut self.collector.values;
        fields.all(|field| {
            let number = number(field);
            values.extend(number);
            number.is_some()
        })
    }

    /// Adds the word of the numbers that were added.
    fn push_word(&mut self, word: &[u8]) -> std::result::Result<(), String> {
        self.collector.push_bytes(word).map_err(|what| {
            format!(
                "{what}; if the file is in Latin-1, convert it: iconv -f latin1 -t utf8 FILE > NEW"
            )
        })
    }

    fn wrong_count(&self, word: &str, found: usize) -> String {
        let (expected, origin) = (self.dimension, self.origin);
        format!("{found} numbers for {word:?}, but {origin} {expected}")
    }
}
