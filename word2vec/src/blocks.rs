//! Reading a text block by block.

use std::ops::Range;

/// Tokens per block.
pub(crate) const BLOCK: usize = 1 << 16;

/// The ranges of the blocks of a text of `length` tokens.
pub(crate) fn blocks(length: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length)
        .step_by(BLOCK)
        .map(move |start| start..length.min(start + BLOCK))
}
