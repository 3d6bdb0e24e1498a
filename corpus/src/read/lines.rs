//! Lines of a text: valid UTF-8 without byte-order marks, of bounded length.
//!
//! A line ends in LF or CRLF; in a text without LF, carriage returns alone end lines. Nothing else does: a form feed, NEL (U+0085) and
//! the line separator (U+2028) are white space within a line. UTF-16 is read where a byte-order mark announces it.

use std::fmt;
use std::io::{self, BufRead, Cursor, Read};

use crate::error::{Error, Result};
use crate::read::encoding::{Encoding, MARK, decoded, without_marks};

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
    encoding: Encoding,
    line_end: LineEnd,
    bytes: Vec<u8>,
    text: String,
}

/// The byte that ends lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// Before the first line is read.
    Unknown,
    /// With the carriage returns before it.
    LineFeed,
    CarriageReturn,
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
            encoding: Encoding::Utf8,
            line_end: LineEnd::Unknown,
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

    /// The next line without its end and without byte-order marks, or `None` after the last. A mark between two words becomes
    /// a space.
    ///
    /// # Errors
    /// [`Error::InvalidUtf8`], [`Error::NulByte`], [`Error::LineTooLong`], [`Error::Damaged`], [`Error::Io`];
    /// [`Error::Format`] for UTF-16 that is not valid.
    pub fn next_line(&mut self) -> Result<Option<&str>> {
        match self.read()? {
            true => self.check().map(Some),
            false => Ok(None),
        }
    }

    /// The next line as bytes of any kind, for files that are not text throughout. A mark is only removed from the start of
    /// the file.
    ///
    /// # Errors
    /// [`Error::LineTooLong`], [`Error::Damaged`], [`Error::Io`].
    pub fn next_bytes(&mut self) -> Result<Option<&[u8]>> {
        Ok(self.read()?.then_some(&self.bytes[..]))
    }

    /// Reads the next line; returns whether there is one.
    fn read(&mut self) -> Result<bool> {
        let end = match self.line_end {
            LineEnd::Unknown => return self.read_first(),
            LineEnd::LineFeed => b'\n',
            LineEnd::CarriageReturn => b'\r',
        };
        match self.read_until(end)? {
            true => self.finish_line().map(|()| true),
            false => Ok(false),
        }
    }

    /// Reads the first line, which shows how lines end.
    fn read_first(&mut self) -> Result<bool> {
        let reader = self.take_reader();
        let opened = decoded(reader).map_err(|source| self.unreadable(source))?;
        (self.reader, self.encoding) = opened;
        if !self.read_until(b'\n')? {
            return Ok(false);
        }
        self.line_end = LineEnd::LineFeed;
        if !self.bytes.ends_with(b"\n") && self.bytes.contains(&b'\r') {
            self.line_end = LineEnd::CarriageReturn;
            let start = Cursor::new(std::mem::take(&mut self.bytes));
            self.reader = Box::new(start.chain(self.take_reader()));
            self.read_until(b'\r')?;
        }
        self.finish_line().map(|()| true)
    }

    fn take_reader(&mut self) -> Box<dyn BufRead + 'a> {
        std::mem::replace(&mut self.reader, Box::new(io::empty()))
    }

    fn read_until(&mut self, end: u8) -> Result<bool> {
        self.bytes.clear();
        let bounded = &mut (&mut self.reader).take(LONGEST_LINE as u64 + 2);
        match bounded.read_until(end, &mut self.bytes) {
            Ok(read) => Ok(read > 0),
            Err(source) => Err(self.unreadable(source)),
        }
    }

    /// Removes the line end.
    fn finish_line(&mut self) -> Result<()> {
        self.number += 1;
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
        }
        while self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        if self.bytes.len() > LONGEST_LINE {
            return Err(Error::LineTooLong {
                place: self.place.clone(),
                line: self.number,
                limit: LONGEST_LINE,
            });
        }
        if self.line_end == LineEnd::CarriageReturn && self.bytes.contains(&b'\n') {
            return Err(self.malformed(
                "a line feed, where the lines before end in carriage returns; write all line ends alike",
            ));
        }
        Ok(())
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::unreadable(&self.place, self.number, source)
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
            self.text = match nul {
                Some(_) => without_marks(&text.replace('\0', "\u{FFFD}")),
                None => without_marks(&text),
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
            // Marks begin with this byte, which is in few texts.
            Ok(text) if text.as_bytes().contains(&0xEF) && text.contains(MARK) => {
                self.text = without_marks(text);
                Ok(&self.text)
            }
            Ok(text) => Ok(text),
            Err(_) if self.encoding == Encoding::Utf16 => Err(self.malformed("not valid UTF-16")),
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
    fn byte_order_marks_and_line_end_carriage_returns_are_removed() {
        let text = "\u{FEFF}one\r\n\r\nt\rwo \u{FEFF}\n\u{FEFF}three\r\r\nfour\u{FEFF}five\r";
        for invalid in [OnInvalid::Refuse, OnInvalid::Replace] {
            assert_eq!(
                read(text.as_bytes(), invalid).unwrap(),
                ["one", "", "t\rwo ", "three", "four five"]
            );
        }
    }

    #[test]
    fn carriage_returns_end_lines_where_nothing_else_does() {
        let lines = |text: &str| read(text.as_bytes(), OnInvalid::Refuse).unwrap();
        assert_eq!(
            lines("\u{FEFF}one\r\rtwo three\r"),
            ["one", "", "two three"]
        );
        assert_eq!(lines("one\rtwo"), ["one", "two"]);
        assert_eq!(lines("one\r"), ["one"]);
        assert_eq!(lines("\r"), [""]);
        assert_eq!(lines("o\rne\ntwo"), ["o\rne", "two"]);
    }

    #[test]
    fn a_text_with_one_kind_of_line_end_after_the_other_is_refused() {
        let long = [
            "a".repeat(LONGEST_LINE - 2),
            "\rb\r".into(),
            "c".repeat(9),
            "\nd\re".into(),
        ];
        let error = read(long.concat().as_bytes(), OnInvalid::Refuse).unwrap_err();
        assert!(
            error.to_string().starts_with("text, line 3: a line feed"),
            "{error}"
        );
    }

    #[test]
    fn white_space_of_other_kinds_does_not_end_a_line() {
        let line = "a\u{B}b\u{C}c\u{85}d\u{2028}e\u{2029}f";
        assert_eq!(read(line.as_bytes(), OnInvalid::Refuse).unwrap(), [line]);
    }

    #[test]
    fn utf_16_is_read_where_a_mark_announces_it() {
        let utf_16 =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
        let text = utf_16("\u{FEFF}Zoë\r\n猫 🐈\r\n");
        assert_eq!(read(&text, OnInvalid::Refuse).unwrap(), ["Zoë", "猫 🐈"]);
        assert_eq!(
            read(&utf_16("\u{FEFF}one\rtwo"), OnInvalid::Refuse).unwrap(),
            ["one", "two"]
        );
        let cut = &text[..text.len() - 5];
        let error = read(cut, OnInvalid::Refuse).unwrap_err().to_string();
        assert_eq!(error, "text, line 2: not valid UTF-16");
        assert_eq!(
            read(cut, OnInvalid::Replace).unwrap(),
            ["Zoë", "猫 \u{FFFD}"]
        );
        // Without a mark, every other byte of ASCII text is NUL.
        assert!(matches!(
            read(&utf_16("ab"), OnInvalid::Refuse),
            Err(Error::NulByte { .. })
        ));
    }

    #[test]
    fn bytes_are_returned_as_they_are() {
        let text = &b"\xEF\xBB\xBFa\0\xE9 \xEF\xBB\xBF\r\nb"[..];
        let mut lines = Lines::new(Box::new(text), "text".into(), OnInvalid::Refuse);
        assert_eq!(
            lines.next_bytes().unwrap(),
            Some(&b"a\0\xE9 \xEF\xBB\xBF"[..])
        );
        assert_eq!(lines.next_bytes().unwrap(), Some(&b"b"[..]));
        assert_eq!(lines.next_bytes().unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn errors_of_the_system_are_not_called_damage() {
        let folder = std::fs::File::open(std::env::temp_dir()).unwrap();
        let folder = Box::new(std::io::BufReader::new(folder));
        let error = Lines::new(folder, "standard input".into(), OnInvalid::Refuse)
            .next_line()
            .unwrap_err();
        assert_eq!(error.to_string(), "cannot read standard input");
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
