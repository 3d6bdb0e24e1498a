//! Lines of a text: valid UTF-8, without byte-order mark and CRLF, of bounded length.

use std::fmt;
use std::io::{BufRead, Read};

use crate::error::{Error, Result};

/// Maximum length of a line in bytes: work is divided at line ends, so several copies of a line must fit in memory.
pub const LONGEST_LINE: usize = 64 << 20;

/// What to do with invalid UTF-8 and NUL bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInvalid {
    /// Return an error that names the line and the byte.
    #[default]
    Refuse,
    /// Replace them with U+FFFD.
    Replace,
}

/// Reads a text line by line.
pub struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    place: String,
    number: u64,
    invalid: OnInvalid,
    bytes: Vec<u8>,
    text: String,
}

impl fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({}, line {})", self.place, self.number)
    }
}

impl<'a> Lines<'a> {
    /// Reads from `reader`; `place` names it in errors.
    pub fn new(reader: Box<dyn BufRead + 'a>, place: String, invalid: OnInvalid) -> Lines<'a> {
        Lines {
            reader,
            place,
            number: 0,
            invalid,
            bytes: Vec::new(),
            text: String::new(),
        }
    }

    /// The file, with the member when it is an archive.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Number of the last line read, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line without its end, or `None` after the last.
    ///
    /// # Errors
    /// [`Error::InvalidUtf8`], [`Error::NulByte`], [`Error::LineTooLong`], [`Error::Damaged`].
    pub fn next_line(&mut self) -> Result<Option<&str>> {
        self.bytes.clear();
        let bounded = &mut (&mut self.reader).take(LONGEST_LINE as u64 + 2);
        let read = bounded.read_until(b'\n', &mut self.bytes);
        let read = read.map_err(|source| Error::Damaged {
            place: self.place.clone(),
            line: self.number,
            source,
        })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
            if self.bytes.last() == Some(&b'\r') {
                self.bytes.pop();
            }
        }
        if self.bytes.len() > LONGEST_LINE {
            return Err(Error::LineTooLong {
                place: self.place.clone(),
                line: self.number,
                limit: LONGEST_LINE,
            });
        }
        if self.number == 1 && self.bytes.starts_with(b"\xEF\xBB\xBF") {
            self.bytes.drain(..3);
        }
        self.check().map(Some)
    }

    /// An error about the last line read.
    pub fn malformed(&self, what: impl Into<String>) -> Error {
        Error::Format {
            place: self.place.clone(),
            line: self.number,
            what: what.into(),
        }
    }

    fn check(&mut self) -> Result<&str> {
        let (place, line) = (|| self.place.clone(), self.number);
        // `contains` is a vectorised search; the position is searched for only if there is a NUL.
        let nul = if self.bytes.contains(&0) {
            self.bytes.iter().position(|&byte| byte == 0)
        } else {
            None
        };
        if self.invalid == OnInvalid::Replace {
            let text = String::from_utf8_lossy(&self.bytes);
            self.text = if nul.is_some() {
                text.replace('\0', "\u{FFFD}")
            } else {
                text.into_owned()
            };
            return Ok(&self.text);
        }
        if let Some(at) = nul {
            return Err(Error::NulByte {
                place: place(),
                line,
                byte: at + 1,
            });
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => Ok(text),
            Err(error) => Err(Error::InvalidUtf8 {
                place: place(),
                line,
                byte: error.valid_up_to() + 1,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], invalid: OnInvalid) -> Result<Vec<String>> {
        let mut lines = Lines::new(Box::new(bytes), "text".into(), invalid);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line()? {
            all.push(line.to_owned());
        }
        Ok(all)
    }

    #[test]
    fn byte_order_mark_and_line_end_carriage_returns_are_removed() {
        let text = "\u{FEFF}one\r\n\r\nt\rwo \u{FEFF}\nend".as_bytes();
        assert_eq!(
            read(text, OnInvalid::Refuse).unwrap(),
            ["one", "", "t\rwo \u{FEFF}", "end"]
        );
    }

    #[test]
    fn invalid_utf8_is_replaced_or_reported_with_line_and_byte() {
        let text = b"fine\nab\xFFcd\n";
        let error = read(text, OnInvalid::Refuse).unwrap_err();
        assert!(
            matches!(
                error,
                Error::InvalidUtf8 {
                    line: 2,
                    byte: 3,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(
            read(text, OnInvalid::Replace).unwrap(),
            ["fine", "ab\u{FFFD}cd"]
        );
    }

    #[test]
    fn nul_bytes_are_replaced_or_reported() {
        let error = read(b"a\nb\0c", OnInvalid::Refuse).unwrap_err();
        assert!(
            matches!(
                error,
                Error::NulByte {
                    line: 2,
                    byte: 2,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(read(b"b\0c", OnInvalid::Replace).unwrap(), ["b\u{FFFD}c"]);
    }

    #[test]
    fn an_endless_line_is_rejected_without_being_read_completely() {
        let endless = std::io::BufReader::new(std::io::repeat(b'a'));
        let mut lines = Lines::new(Box::new(endless), "text".into(), OnInvalid::Refuse);
        assert!(matches!(
            lines.next_line(),
            Err(Error::LineTooLong { line: 1, .. })
        ));
    }
}
