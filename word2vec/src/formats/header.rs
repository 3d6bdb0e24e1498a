//! The first line of word2vec's formats: the number of words and their dimension.

use std::path::Path;

use corpus::text_length;
use harness::{Error, Result};

/// Maximum dimension. The length of a file without words, of a packed file or of a pipe does not limit what the header demands.
const MAX_DIMENSION: usize = 1_000_000;

/// The first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) words: usize,
    pub(super) dimension: usize,
}

impl Header {
    /// Whether a line is a header, or was meant to be one: two whole numbers. A word with a vector of one number is a
    /// header if both are whole numbers.
    pub(super) fn is_header(line: &[u8]) -> bool {
        let fields = fields(line).collect::<Vec<_>>();
        let is_whole = |field: &&[u8]| {
            let digits = field.strip_prefix(b"-").unwrap_or(field);
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        };
        fields.len() == 2 && fields.iter().all(is_whole)
    }

    /// The numbers of a header.
    pub(super) fn numbers(line: &[u8]) -> Option<Header> {
        let mut numbers = fields(line).map(|field| std::str::from_utf8(field).ok()?.parse().ok());
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(words)), Some(Some(dimension)), None) => Some(Header { words, dimension }),
            _ => None,
        }
    }

    /// Reads a header and checks that the file is large enough for it, before memory is allocated.
    pub(super) fn parse(path: &Path, line: &[u8]) -> Result<Header> {
        let header = Header::numbers(line).ok_or_else(|| no_vectors(path, line))?;
        let Header { words, dimension } = header;
        check_dimension(path, dimension)?;
        // A word takes at least a letter and a line end, a number at least a space and a digit.
        let min_length = (dimension as u128 * 2 + 2).saturating_mul(words as u128);
        if let Some(length) = text_length(path)?
            && min_length > u128::from(length) + 1
        {
            return Err(Error::corrupt(
                path,
                format!(
                    "line 1 says {words} words of dimension {dimension}, but {length} bytes cannot hold them: the file is \
                     cut short or damaged; get it again"
                ),
            ));
        }
        Ok(header)
    }

    pub(super) fn cut_short(&self, path: &Path, found: usize) -> Error {
        let expected = self.words;
        Error::corrupt(
            path,
            format!(
                "cut short: {found} of {expected} words; get it again, or correct the number in its first line"
            ),
        )
    }

    /// The note for a file of more words than its header says, which are not read, as in gensim.
    pub(super) fn goes_on(&self) -> String {
        format!(
            "goes on after the {} words announced in its first line; the rest is not read",
            self.words
        )
    }
}

/// The error for a file that does not begin like vectors.
pub(super) fn no_vectors(path: &Path, line: &[u8]) -> Error {
    let begin: String = String::from_utf8_lossy(line).chars().take(40).collect();
    Error::corrupt(
        path,
        format!(
            "line 1: {begin:?} where two numbers are expected, the number of words and their dimension, or a word and \
             its vector"
        ),
    )
}

/// Refuses a dimension that no vectors have.
pub(super) fn check_dimension(path: &Path, dimension: usize) -> Result<()> {
    if dimension > MAX_DIMENSION {
        let what = format!(
            "line 1 gives the dimension {dimension}, which is more than {MAX_DIMENSION}: the file is damaged"
        );
        return Err(Error::corrupt(path, what));
    }
    Ok(())
}

/// The parts of a line between ASCII white space. Only this separates fields: a word may hold a no-break space.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
}

/// A number in the notations of C and Python: `-0.5`, `1e-05`, `nan`.
pub(super) fn number(field: &[u8]) -> Option<f32> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_two_whole_numbers() {
        for line in ["2 300", " 2\t300 ", "-1 2", "99999999999999999999999 2"] {
            assert!(Header::is_header(line.as_bytes()), "{line}");
        }
        for line in ["", "2", "2 2 2", "the 2", "2 0.5", "2 -"] {
            assert!(!Header::is_header(line.as_bytes()), "{line}");
        }
        let header = Header {
            words: 2,
            dimension: 300,
        };
        assert_eq!(Header::numbers(b"2 300\r"), Some(header));
        assert_eq!(Header::numbers(b"-1 2"), None);
    }

    #[test]
    fn numbers_are_those_of_other_programs() {
        let read = |field: &str| number(field.as_bytes());
        assert_eq!(read("1e-05"), Some(1e-5));
        assert_eq!(
            [read("+.5"), read("-1."), read("2E3")],
            [Some(0.5), Some(-1.0), Some(2000.0)]
        );
        assert!(read("nan").is_some_and(f32::is_nan) && read("NaN").is_some_and(f32::is_nan));
        assert_eq!(read("-inf"), Some(f32::NEG_INFINITY));
        assert_eq!([read("0,5"), read("x"), read("")], [None; 3]);
    }
}
