//! Tables of words, the layout of tests of word vectors: fields with tabs, commas, semicolons or spaces between, perhaps with a row of
//! titles. Blank lines, and comments that begin with `#` or `//`, are left out.

use std::path::Path;

use corpus::{Lines, OnInvalid, open_text};

use crate::error::Result;

/// A line of a file that is neither blank nor a comment.
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    pub(super) text: String,
}

/// The lines of a file, which may be packed (.gz, .zst).
pub(super) fn read_lines(path: &Path) -> Result<Vec<Line>> {
    let place = path.display().to_string();
    let mut lines = Lines::new(open_text(path)?, place, OnInvalid::Refuse);
    let mut all = Vec::new();
    while let Some(text) = lines.next_line()? {
        let text = text.trim_ascii();
        if !(text.is_empty() || text.starts_with('#') || text.starts_with("//")) {
            let text = text.to_owned();
            let number = lines.number();
            all.push(Line { number, text });
        }
    }
    Ok(all)
}

impl Line {
    /// An error about this line.
    pub(super) fn malformed(&self, path: &Path, what: String) -> crate::Error {
        crate::Error::Corpus(corpus::Error::Format {
            place: path.display().to_string(),
            line: self.number,
            what,
        })
    }
}

/// What separates the fields of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    WhiteSpace,
    Tab,
    Comma,
    Semicolon,
}

impl Delimiter {
    /// The delimiter that divides most lines into at least this many fields.
    pub(super) fn detect<'l>(lines: impl Iterator<Item = &'l Line> + Clone, fewest: usize) -> Self {
        let divides_most = |delimiter: &Delimiter| {
            let divided = lines
                .clone()
                .filter(|line| delimiter.split(&line.text).len() >= fewest);
            2 * divided.count() > lines.clone().count()
        };
        [Delimiter::Tab, Delimiter::Comma, Delimiter::Semicolon]
            .into_iter()
            .find(divides_most)
            .unwrap_or(Delimiter::WhiteSpace)
    }

    /// The fields of a line. A line without this delimiter is divided at spaces. White space within a word is `_`, as it is in
    /// word vectors.
    pub(super) fn fields(self, line: &Line) -> Vec<String> {
        let fields = match self.split(&line.text) {
            fields if fields.len() < 2 => Delimiter::WhiteSpace.split(&line.text),
            fields => fields,
        };
        let joined = |field: String| field.split_ascii_whitespace().collect::<Vec<_>>().join("_");
        fields.into_iter().map(joined).collect()
    }

    fn split(self, text: &str) -> Vec<String> {
        match self {
            Delimiter::WhiteSpace => text.split_whitespace().map(str::to_owned).collect(),
            Delimiter::Tab => text.split('\t').map(str::to_owned).collect(),
            Delimiter::Comma => quoted_fields(text, b','),
            Delimiter::Semicolon => quoted_fields(text, b';'),
        }
    }
}

/// The fields of a line of CSV.
fn quoted_fields(text: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let record = reader.records().next().and_then(std::result::Result::ok);
    let fields = record
        .iter()
        .flat_map(|record| record.iter().map(str::to_owned));
    fields.collect()
}

/// A finite number in a field.
pub(super) fn number(field: &str) -> Option<f64> {
    field.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, fewest: usize) -> Vec<Vec<String>> {
        let lines: Vec<Line> = (text.lines().zip(1..))
            .map(|(text, number)| Line {
                number,
                text: text.to_owned(),
            })
            .collect();
        let delimiter = Delimiter::detect(lines.iter(), fewest);
        lines.iter().map(|line| delimiter.fields(line)).collect()
    }

    #[test]
    fn the_delimiter_is_that_of_most_lines() {
        let expected = [["new_york", "city", "7.5"], ["a", "b", "1"]];
        for text in [
            "new york\tcity\t7.5\na\tb\t1",
            "new york,city,7.5\na,b,1",
            "\"new york\",city,\"7.5\"\na,b,1",
            "new york; city; 7.5\na;b;1",
        ] {
            assert_eq!(fields(text, 3), expected, "{text}");
        }
        assert_eq!(
            fields("a, b  c\nx\ty z", 3),
            [["a,", "b", "c"], ["x", "y", "z"]]
        );
        // A line that is divided otherwise.
        assert_eq!(fields("a\tb\t1\nc\td\t2\ne f 3", 3)[2], ["e", "f", "3"]);
    }
}
