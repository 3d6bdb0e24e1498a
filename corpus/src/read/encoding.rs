//! Byte-order marks, and the encodings that they announce: UTF-8, or UTF-16, which is converted while it is read.

use std::io::{self, BufRead, Cursor, Read};

/// The byte-order mark. Within a text it is an old way to write U+2060, and a trace of files that were joined.
pub(crate) const MARK: char = '\u{FEFF}';

/// The encodings that a mark announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Also a text without a mark.
    Utf8,
    Utf16,
}

const UTF_8: &[u8] = b"\xEF\xBB\xBF";
const UTF_16_LITTLE: &[u8] = b"\xFF\xFE";
const UTF_16_BIG: &[u8] = b"\xFE\xFF";
const MARKS: [&[u8]; 3] = [UTF_8, UTF_16_LITTLE, UTF_16_BIG];

/// A text as UTF-8, without the mark at its start, and the encoding it had. Bytes that are not UTF-8 stay as they are;
/// UTF-16 that is not valid becomes bytes that are not UTF-8.
pub(crate) fn decoded<'a>(
    mut reader: Box<dyn BufRead + 'a>,
) -> io::Result<(Box<dyn BufRead + 'a>, Encoding)> {
    let mut head = Vec::new();
    // One byte after the other: at a terminal there may be no more yet.
    while let Some(byte) = peek(&mut *reader)? {
        let continues =
            |mark: &&[u8]| mark.starts_with(&head) && mark.get(head.len()) == Some(&byte);
        if !MARKS.iter().any(continues) {
            break;
        }
        head.push(byte);
        reader.consume(1);
    }
    let utf_16 = |reader, unit| {
        (
            Box::new(Utf16::new(reader, unit)) as Box<dyn BufRead + 'a>,
            Encoding::Utf16,
        )
    };
    Ok(if head.is_empty() || head == UTF_8 {
        (reader, Encoding::Utf8)
    } else if head == UTF_16_LITTLE {
        utf_16(reader, u16::from_le_bytes)
    } else if head == UTF_16_BIG {
        utf_16(reader, u16::from_be_bytes)
    } else {
        (Box::new(Cursor::new(head).chain(reader)), Encoding::Utf8)
    })
}

/// Whether a file that begins with these bytes is text by its mark.
pub fn has_byte_order_mark(start: &[u8]) -> bool {
    MARKS.iter().any(|mark| start.starts_with(mark))
}

/// A text without the marks that are traces of joined files: at its start and end, and beside a word. One that stands between two words
/// becomes a space, so that they stay two. One that stands alone between spaces is left: it is a word of the published WikiText-2.
pub(crate) fn without_marks(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut parts = text.split(MARK);
    clean.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let sides = clean.chars().next_back().zip(part.chars().next());
        match sides.map(|(before, after)| (before.is_whitespace(), after.is_whitespace())) {
            Some((true, true)) => clean.push(MARK),
            Some((false, false)) => clean.push(' '),
            _ => {}
        }
        clean.push_str(part);
    }
    clean
}

/// The next byte, which is not consumed.
fn peek(reader: &mut dyn BufRead) -> io::Result<Option<u8>> {
    loop {
        match reader.fill_buf() {
            Ok(bytes) => return Ok(bytes.first().copied()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads UTF-16 as UTF-8.
struct Utf16<'a> {
    reader: Box<dyn BufRead + 'a>,
    /// Byte order.
    unit: fn([u8; 2]) -> u16,
    /// First byte of a unit whose second byte has not been read.
    half: Option<u8>,
    /// First surrogate of a pair whose second one has not been read.
    high: Option<u16>,
    text: Vec<u8>,
    at: usize,
}

impl<'a> Utf16<'a> {
    fn new(reader: Box<dyn BufRead + 'a>, unit: fn([u8; 2]) -> u16) -> Utf16<'a> {
        Utf16 {
            reader,
            unit,
            half: None,
            high: None,
            text: Vec::new(),
            at: 0,
        }
    }

    /// Converts the next bytes; returns whether there were any.
    fn refill(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.at = 0;
        let bytes = self.reader.fill_buf()?;
        let length = bytes.len();
        for &byte in bytes {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(first) => {
                    push_unit(&mut self.text, &mut self.high, (self.unit)([first, byte]));
                }
            }
        }
        if length == 0 {
            let (high, half) = (self.high.take(), self.half.take());
            if high.is_some() || half.is_some() {
                self.text.push(INVALID);
            }
        }
        self.reader.consume(length);
        Ok(length > 0)
    }
}

/// A byte that is in no valid UTF-8.
const INVALID: u8 = 0xFF;

fn push_unit(text: &mut Vec<u8>, high: &mut Option<u16>, unit: u16) {
    match (high.take(), unit) {
        (Some(first), 0xDC00..=0xDFFF) => {
            let bits = [u32::from(first) - 0xD800, u32::from(unit) - 0xDC00];
            push_letter(text, 0x10000 + (bits[0] << 10) + bits[1]);
        }
        (unpaired, unit) => {
            if unpaired.is_some() {
                text.push(INVALID);
            }
            match unit {
                0xD800..=0xDBFF => *high = Some(unit),
                _ => push_letter(text, unit.into()),
            }
        }
    }
}

fn push_letter(text: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(letter) => text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text.push(INVALID),
    }
}

impl BufRead for Utf16<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // A chunk may hold no whole letter.
        while self.at == self.text.len() && self.refill()? {}
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Read for Utf16<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that is read, a few bytes at a time.
    fn read(bytes: &[u8]) -> Vec<u8> {
        [1, 2, 3, 1000]
            .map(|capacity| {
                let reader = io::BufReader::with_capacity(capacity, bytes);
                let (mut reader, _) = decoded(Box::new(reader)).unwrap();
                let mut text = Vec::new();
                reader.read_to_end(&mut text).unwrap();
                text
            })
            .into_iter()
            .reduce(|a, b| {
                assert_eq!(a, b);
                b
            })
            .unwrap()
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn the_mark_at_the_start_announces_the_encoding() {
        let text = "Zoë 猫 🐈\n";
        for bytes in [
            text.as_bytes().to_vec(),
            [UTF_8, text.as_bytes()].concat(),
            utf_16(&format!("{MARK}{text}"), u16::to_le_bytes),
            utf_16(&format!("{MARK}{text}"), u16::to_be_bytes),
        ] {
            assert_eq!(read(&bytes), text.as_bytes(), "{bytes:?}");
        }
        assert_eq!(read(UTF_16_BIG), b"");
        assert_eq!(read(b""), b"");
    }

    #[test]
    fn only_a_whole_mark_is_taken_off() {
        for bytes in [
            &b"\xEF"[..],
            b"\xEF\xBB",
            b"\xEF\xBBa",
            b"\xFFa",
            b"\xFE",
            b"a\xEF\xBB\xBF",
        ] {
            assert_eq!(read(bytes), bytes);
        }
    }

    #[test]
    fn utf_16_that_is_not_valid_becomes_bytes_that_are_not_utf_8() {
        for (bytes, expected) in [
            // A byte too few, or a surrogate without its pair: at the end, before a letter, and the wrong one.
            (&b"\xFF\xFEa\0b"[..], &b"a\xFF"[..]),
            (b"\xFF\xFEa\0\x3D\xD8", b"a\xFF"),
            (b"\xFF\xFE\x3D\xD8a\0", b"\xFFa"),
            (b"\xFF\xFE\x08\xDCa\0", b"\xFFa"),
            (b"\xFF\xFE\x3D\xD8\x3D\xD8\x08\xDC", b"\xFF\xF0\x9F\x90\x88"),
        ] {
            assert_eq!(read(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn marks_within_a_text_keep_words_apart() {
        for (text, expected) in [
            ("\u{FEFF}\u{FEFF}one", "one"),
            ("end\u{FEFF}one", "end one"),
            ("end\u{FEFF}\u{FEFF}one", "end one"),
            ("end \u{FEFF}one\u{FEFF}", "end one"),
            ("end.\u{FEFF}\u{3000}one", "end.\u{3000}one"),
            ("one \u{FEFF} / two", "one \u{FEFF} / two"),
            ("\u{FEFF}", ""),
        ] {
            assert_eq!(without_marks(text), expected, "{text:?}");
        }
    }
}
