//! Word2vec's binary format.

use std::io::{BufRead, ErrorKind, Read};
use std::path::Path;

use harness::{Error, Result};

use super::VectorFile;
use super::collector::Collector;
use super::header::Header;

/// Maximum length of a word, in bytes. A longer word indicates damage or another format.
pub(super) const MAX_WORD_LENGTH: u64 = 1 << 16;

/// Maximum length of the first line in bytes; two numbers need less.
const MAX_HEADER_LENGTH: u64 = 128;

/// Reads vectors in the binary format.
pub(super) fn read(path: &Path, mut reader: Box<dyn BufRead>) -> Result<VectorFile> {
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(MAX_HEADER_LENGTH)
        .read_until(b'\n', &mut bytes)
        .map_err(Error::io("read", path))?;
    let header = Header::parse(path, &bytes)?;
    let mut collector = Collector::default();
    // Avoids an overflow; only a compressed file can get here with such a dimension.
    let length = 4 * (header.dimension as u64).min(u64::MAX / 8);
    let mut read = 0;
    while read < header.words {
        skip_line_ends(path, &mut reader)?;
        bytes.clear();
        reader
            .by_ref()
            .take(MAX_WORD_LENGTH)
            .read_until(b' ', &mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.pop() != Some(b' ') {
            return Err(match bytes.len() as u64 + 1 < MAX_WORD_LENGTH {
                true => header.cut_short(path, read),
                false => invalid_word(path, header, read, "its word goes on without an end"),
            });
        }
        let pushed = collector.push_bytes(&bytes);
        pushed.map_err(|what| invalid_word(path, header, read, &what))?;
        bytes.clear();
        reader
            .by_ref()
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.len() as u64 != length {
            return Err(header.cut_short(path, read));
        }
        let (numbers, _) = bytes.as_chunks();
        let numbers = numbers.iter().map(|&number| f32::from_le_bytes(number));
        collector.values.extend(numbers);
        read += 1;
    }
    if skip_line_ends(path, &mut reader)? {
        collector.note(header.goes_on());
    }
    collector.finish(header.dimension)
}

/// The error for an invalid word.
fn invalid_word(path: &Path, header: Header, read: usize, what: &str) -> Error {
    let (number, dimension) = (read + 1, header.dimension);
    Error::corrupt(
        path,
        format!(
            "word number {number}: {what}; a preceding vector does not have the dimension {dimension}, the words are not in \
             UTF-8, or the file is damaged; get it again"
        ),
    )
}

/// Skips line ends; returns whether anything follows.
fn skip_line_ends(path: &Path, reader: &mut dyn BufRead) -> Result<bool> {
    loop {
        let next = match reader.fill_buf() {
            Ok(next) => next.first().copied(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        match next {
            None => return Ok(false),
            Some(b'\n') => reader.consume(1),
            Some(_) => return Ok(true),
        }
    }
}
