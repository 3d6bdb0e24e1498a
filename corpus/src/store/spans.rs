//! Spans over a token stream: documents, sentences and turns share one format (start, end, label).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::disk::files::read_whole;
use crate::error::{Error, Result};

/// Tokens `start..end` of a split, with a small label (the speaker of a turn, else 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First token.
    pub start: u64,
    /// One past the last token.
    pub end: u64,
    /// Its meaning depends on the kind of span: the speaker of a turn.
    pub label: u32,
}

/// Bytes of a span on disk: two u64 and a u32, little-endian.
const SPAN_BYTES: usize = 20;

impl Span {
    /// The span as an index into a slice of the split's tokens.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    fn to_bytes(self) -> [u8; SPAN_BYTES] {
        let mut bytes = [0; SPAN_BYTES];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.end.to_le_bytes());
        bytes[16..].copy_from_slice(&self.label.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; SPAN_BYTES]) -> Span {
        let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let label = u32::from_le_bytes(std::array::from_fn(|i| bytes[16 + i]));
        Span {
            start: u64_at(0),
            end: u64_at(8),
            label,
        }
    }
}

/// Reads a span file and checks it against the length of its stream.
///
/// # Errors
/// [`Error::Corrupt`] if spans overlap, run backwards or past the end.
pub(crate) fn read(path: &Path, tokens: u64) -> Result<Vec<Span>> {
    let bytes = read_whole(path).map_err(Error::io("read", path))?;
    let (chunks, rest) = bytes.as_chunks::<SPAN_BYTES>();
    if !rest.is_empty() {
        return Err(Error::corrupt(
            path,
            format!("its length is not a multiple of {SPAN_BYTES} bytes"),
        ));
    }
    let mut at = 0;
    let mut spans = Vec::with_capacity(chunks.len());
    for (index, chunk) in chunks.iter().enumerate() {
        let span = Span::from_bytes(chunk);
        if span.start < at || span.end < span.start || span.end > tokens {
            let what = format!(
                "span {index} is {}..{}, expected within {at}..{tokens}",
                span.start, span.end
            );
            return Err(Error::corrupt(path, what));
        }
        at = span.end;
        spans.push(span);
    }
    Ok(spans)
}

/// Writes a span file, one span after the other.
#[derive(Debug)]
pub(crate) struct SpanWriter {
    path: PathBuf,
    file: BufWriter<File>,
    pub(crate) count: u64,
}

impl SpanWriter {
    pub(crate) fn create(path: &Path) -> Result<SpanWriter> {
        let file = File::create(path).map_err(Error::io("create", path))?;
        Ok(SpanWriter {
            path: path.to_path_buf(),
            file: BufWriter::new(file),
            count: 0,
        })
    }

    pub(crate) fn push(&mut self, span: Span) -> Result<()> {
        self.count += 1;
        self.file
            .write_all(&span.to_bytes())
            .map_err(Error::io("write", &self.path))
    }

    pub(crate) fn finish(mut self) -> Result<u64> {
        self.file.flush().map_err(Error::io("write", &self.path))?;
        Ok(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_round_trip_and_invalid_ones_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.documents");
        let spans = [
            Span {
                start: 0,
                end: 3,
                label: 0,
            },
            Span {
                start: 3,
                end: 9,
                label: 7,
            },
        ];
        let mut writer = SpanWriter::create(&path).unwrap();
        spans.iter().for_each(|&span| writer.push(span).unwrap());
        assert_eq!(writer.finish().unwrap(), 2);
        assert_eq!(read(&path, 9).unwrap(), spans);
        assert!(matches!(read(&path, 8), Err(Error::Corrupt { .. })));
        std::fs::write(&path, [0; 21]).unwrap();
        assert!(matches!(read(&path, 8), Err(Error::Corrupt { .. })));
    }
}
