//! Disjoint parts of a split.

use std::ops::Range;

use crate::store::token_stream::TokenStream;
use crate::token::vocab::TokenId;

/// One of several parts of every split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Its number, from 0.
    pub(super) index: usize,
    /// The number of parts.
    pub(super) of: usize,
}

/// What a part consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Whole lines, and whole documents if they are short. Parts have about equally many tokens.
    Line,
    /// Documents. Parts have equally many; the sides of sentence pairs are thus cut alike.
    Document,
}

/// Documents are divided if the longest one has more than this share of the tokens of a part.
const LONGEST_DOCUMENT: f64 = 0.1;

impl Part {
    /// The only part.
    pub(super) const WHOLE: Part = Part { index: 0, of: 1 };

    /// The part's tokens, as a range of the stream.
    pub(super) fn range(self, stream: &TokenStream, eos: TokenId, unit: Unit) -> Range<usize> {
        let boundary = |number| self.boundary(number, stream, eos, unit);
        boundary(self.index)..boundary(self.index + 1)
    }

    /// Where part `number` begins.
    fn boundary(self, number: usize, stream: &TokenStream, eos: TokenId, unit: Unit) -> usize {
        if number == 0 {
            return 0;
        }
        if number == self.of {
            return stream.len();
        }
        let share = |of: usize| (of as u128 * number as u128 / self.of as u128) as usize;
        let documents = &stream.documents;
        let target = share(stream.len());
        let at = match unit {
            Unit::Document => documents
                .get(share(documents.len()))
                .map(|own| own.start as usize),
            Unit::Line if self.has_short(stream) => {
                let next = documents.partition_point(|own| (own.start as usize) < target);
                documents.get(next).map(|own| own.start as usize)
            }
            // The token before the target may already end a line.
            Unit::Line => {
                (target.max(1)..=stream.len()).find(|&at| stream.read(at - 1..at) == [eos])
            }
        };
        at.unwrap_or(stream.len())
    }

    /// Whether documents are short enough to be kept whole.
    fn has_short(self, stream: &TokenStream) -> bool {
        let longest = stream.documents.iter().map(|own| own.end - own.start).max();
        let limit = LONGEST_DOCUMENT * stream.len() as f64 / self.of as f64;
        longest.is_some_and(|longest| longest as f64 <= limit)
    }
}
