//! N-grams packed into integers, whose order is the order of the store.

use std::ops::Range;

use corpus::{Text, TokenId};

use crate::error::Result;
use crate::word_code::WordCode;

/// A word's position in the lexicographic order of codes, from 1; 0 is padding after the end of an n-gram.
pub(crate) type Rank = u32;

/// The layout of an n-gram in a `u128`: equal-width fields of ranks, the first in the highest bits. Shorter n-grams are padded
/// with 0 at the end, so that an n-gram directly precedes its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    pub(crate) order: usize,
    bits: u32,
}

impl Packing {
    /// The layout for n-grams of up to `order` words from a vocabulary of `words`.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if `order` ranks do not fit into 128 bits.
    pub(crate) fn new(words: usize, order: usize) -> Result<Packing> {
        // Ranks up to one beyond the last, which ends a range.
        let bits = usize::BITS - (words + 1).leading_zeros();
        let highest = (u128::BITS / bits) as usize;
        if order > highest {
            let bound =
                format!("with a vocabulary of {words} types the highest order is {highest}");
            return Err(harness::Error::Setting {
                field: "order",
                value: order.to_string(),
                bound,
            }
            .into());
        }
        Ok(Packing { order, bits })
    }

    /// The rank at a position.
    #[inline]
    pub(crate) fn rank(self, key: u128, position: usize) -> Rank {
        let shift = self.bits as usize * (self.order - 1 - position);
        (key >> shift) as Rank & ((1 << self.bits) - 1)
    }

    /// Writes all ranks before the padding to `ranks`.
    pub(crate) fn unpack(self, key: u128, ranks: &mut Vec<Rank>) {
        ranks.clear();
        let all = (0..self.order).map(|position| self.rank(key, position));
        ranks.extend(all.take_while(|&rank| rank != 0));
    }

    /// Packs the first `order` of these ranks.
    #[inline]
    pub(crate) fn pack(self, ranks: impl Iterator<Item = Rank>) -> u128 {
        let (key, count) = ranks
            .take(self.order)
            .fold((0_u128, 0), |(key, count), rank| {
                (key << self.bits | u128::from(rank), count + 1)
            });
        match self.order - count {
            0 => key,
            missing if missing == self.order => 0,
            missing => key << (self.bits as usize * missing),
        }
    }
}

/// The direction in which n-grams are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A word and those after it.
    Forward,
    /// A word and those before it, in reverse order.
    Backward,
}

/// The markers of sentences, which no n-gram crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentenceMarkers {
    /// The token that ends a sentence.
    pub(crate) eos: TokenId,
    /// The id inserted before each sentence; it does not occur in the text.
    pub(crate) bos: TokenId,
}

/// Converts text to packed n-grams.
#[derive(Debug)]
pub(crate) struct Packer {
    pub(crate) packing: Packing,
    ranks: Vec<Rank>,
    sentences: Option<SentenceMarkers>,
}

impl Packer {
    pub(crate) fn new(
        code: &WordCode,
        packing: Packing,
        sentences: Option<SentenceMarkers>,
    ) -> Packer {
        let sorted = code.sorted_words();
        let mut ranks = vec![0; sorted.len()];
        for (rank, word) in (1..).zip(sorted) {
            ranks[word as usize] = rank;
        }
        Packer {
            packing,
            ranks,
            sentences,
        }
    }

    /// The rank of a word.
    pub(crate) fn rank(&self, word: TokenId) -> Rank {
        self.ranks[word as usize]
    }

    /// Appends one n-gram for each token in `range` and for each sentence that begins there. It reads up to `order` tokens beyond
    /// the range.
    pub(crate) fn pack(
        &self,
        text: &(impl Text + ?Sized),
        range: Range<usize>,
        direction: Direction,
        keys: &mut Vec<u128>,
    ) {
        let margin = self.packing.order;
        let from = range.start.saturating_sub(margin);
        let to = text.len().min(range.end + margin);
        let tokens = text.read(from..to);
        let core = range.start - from..range.end - from;
        match self.sentences {
            None => {
                let ranks: Vec<Rank> = tokens.iter().map(|&token| self.rank(token)).collect();
                self.pack_line(&ranks, core, direction, keys);
            }
            Some(SentenceMarkers { eos, bos }) => {
                let mut line = Vec::new();
                let mut begins = 0;
                for tokens in tokens.split_inclusive(|&token| token == eos) {
                    let ends = begins + tokens.len();
                    // Of a line that begins before the margin, only the end is read; no n-gram of the core reaches its
                    // beginning.
                    let is_whole = begins > 0 || from == 0;
                    line.clear();
                    line.extend(is_whole.then(|| self.rank(bos)));
                    line.extend(tokens.iter().map(|&token| self.rank(token)));
                    let extra = usize::from(is_whole);
                    let start = core.start.clamp(begins, ends) - begins;
                    let end = core.end.clamp(begins, ends) - begins;
                    // <s> belongs to the same range as the first token of the sentence.
                    let first = if start == 0 && end > 0 {
                        0
                    } else {
                        start + extra
                    };
                    self.pack_line(&line, first..end + extra, direction, keys);
                    begins = ends;
                }
            }
        }
    }

    fn pack_line(
        &self,
        line: &[Rank],
        range: Range<usize>,
        direction: Direction,
        keys: &mut Vec<u128>,
    ) {
        if range.start >= range.end {
            return;
        }
        keys.extend(range.map(|at| match direction {
            Direction::Forward => self.packing.pack(line[at..].iter().copied()),
            Direction::Backward => self.packing.pack(line[..=at].iter().rev().copied()),
        }));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packer(order: usize, sentences: Option<SentenceMarkers>) -> Packer {
        let code = WordCode::new(7).unwrap();
        Packer::new(&code, Packing::new(7, order).unwrap(), sentences)
    }

    proptest! {
        #[test]
        fn packing_in_chunks_equals_packing_at_once(
            text in prop::collection::vec(0_u32..6, 1..60), cut in 0_usize..60, order in 1_usize..=6, lines: bool, back: bool,
        ) {
            let packer = packer(order, lines.then_some(SentenceMarkers { eos: 0, bos: 6 }));
            let direction = if back { Direction::Backward } else { Direction::Forward };
            let (mut whole, mut chunked) = (Vec::new(), Vec::new());
            packer.pack(&text, 0..text.len(), direction, &mut whole);
            let cut = cut.min(text.len());
            packer.pack(&text, 0..cut, direction, &mut chunked);
            packer.pack(&text, cut..text.len(), direction, &mut chunked);
            prop_assert_eq!(&whole, &chunked);
            let beginnings = text.iter().take(text.len() - 1).filter(|&&token| token == 0).count() + 1;
            prop_assert_eq!(whole.len(), text.len() + if lines { beginnings } else { 0 });
        }
    }

    #[test]
    fn ngrams_do_not_cross_sentence_ends() {
        let packer = packer(3, Some(SentenceMarkers { eos: 0, bos: 6 }));
        let mut keys = Vec::new();
        packer.pack(&[1, 0, 2, 0], 0..4, Direction::Forward, &mut keys);
        let expected: Vec<u128> = [&[6, 1, 0][..], &[1, 0], &[0], &[6, 2, 0], &[2, 0], &[0]]
            .iter()
            .map(|words| {
                packer
                    .packing
                    .pack(words.iter().map(|&word| packer.rank(word)))
            })
            .collect();
        assert_eq!(keys, expected);
        let mut ranks = Vec::new();
        packer.packing.unpack(keys[1], &mut ranks);
        assert_eq!(ranks, [packer.rank(1), packer.rank(0)]);
    }

    #[test]
    fn a_vocabulary_too_large_for_the_order_is_rejected() {
        let error = Packing::new(1 << 30, 6).unwrap_err().to_string();
        assert!(error.contains("highest order is 4"), "{error}");
    }
}
