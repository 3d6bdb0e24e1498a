//! Sequences of token ids to train on, in memory or on disk.

use std::ops::Range;

use crate::store::token_stream::TokenStream;
use crate::token::vocab::TokenId;

/// A sequence of token ids.
pub trait Text: Sync {
    /// Number of tokens.
    fn len(&self) -> usize;

    /// Whether there are no tokens.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tokens of a range within the text.
    fn read(&self, range: Range<usize>) -> Vec<TokenId>;

    /// How often each of the `vocab` tokens occurs.
    fn counts(&self, vocab: usize) -> Vec<u64> {
        const PART: usize = 1 << 16;
        let mut counts = vec![0; vocab];
        for start in (0..self.len()).step_by(PART) {
            for id in self.read(start..self.len().min(start + PART)) {
                counts[id as usize] += 1;
            }
        }
        counts
    }
}

impl Text for [TokenId] {
    fn len(&self) -> usize {
        <[TokenId]>::len(self)
    }

    fn read(&self, range: Range<usize>) -> Vec<TokenId> {
        self[range].to_vec()
    }
}

impl<const N: usize> Text for [TokenId; N] {
    fn len(&self) -> usize {
        N
    }

    fn read(&self, range: Range<usize>) -> Vec<TokenId> {
        self[range].to_vec()
    }
}

impl Text for Vec<TokenId> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn read(&self, range: Range<usize>) -> Vec<TokenId> {
        self[range].to_vec()
    }
}

impl Text for TokenStream {
    fn len(&self) -> usize {
        TokenStream::len(self)
    }

    fn read(&self, range: Range<usize>) -> Vec<TokenId> {
        TokenStream::read(self, range)
    }
}

/// A prefix of a text.
#[derive(Debug)]
pub struct Prefix<'a, T: ?Sized> {
    text: &'a T,
    length: usize,
}

impl<'a, T: Text + ?Sized> Prefix<'a, T> {
    /// The first `tokens` tokens, or all if there are fewer.
    pub fn new(text: &'a T, tokens: u64) -> Prefix<'a, T> {
        let tokens = usize::try_from(tokens).unwrap_or(usize::MAX);
        Prefix {
            text,
            length: text.len().min(tokens),
        }
    }
}

impl<T: Text + ?Sized> Text for Prefix<'_, T> {
    fn len(&self) -> usize {
        self.length
    }

    fn read(&self, range: Range<usize>) -> Vec<TokenId> {
        self.text.read(range)
    }
}
