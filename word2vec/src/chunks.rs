//! Reading a text in chunks.

use std::ops::Range;

/// Tokens per chunk.
pub(crate) const CHUNK: usize = 1 << 16;

/// The chunks of a text of `length` tokens.
pub(crate) fn chunk_ranges(length: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length)
        .step_by(CHUNK)
        .map(move |start| start..length.min(start + CHUNK))
}
