//! A prefix code for words: one byte for frequent words, two for most, three for rare ones.
//!
//! Ids are in order of decreasing frequency, so that the shortest codes save most; the ids of the paper have variable length for
//! the same reason. The FST format stores 63 common byte values within a node's state byte; they are used for the most
//! frequent codes.

use corpus::TokenId;

use crate::error::Result;
use crate::fst::COMMON;

/// Number of words with one-byte codes in vocabularies of more than 256 words.
const ONE_BYTE_CODES: usize = 128;
/// How many of the common byte values are one-byte codes; the others are first bytes of the most frequent longer codes.
const COMMON_ONE_BYTE_CODES: usize = 32;
/// Length of the longest code in bytes.
pub(crate) const MAX_LENGTH: usize = 3;

/// The prefix code of a vocabulary.
#[derive(Debug, Clone)]
pub(crate) struct WordCode {
    words: usize,
    /// Number of first bytes that are codes of one byte.
    one_byte: usize,
    /// Number of first bytes that begin codes of two bytes; the others begin codes of three.
    two_byte: usize,
    /// The byte values of first and later positions, most frequent first, and the inverse permutations.
    first: [u8; 256],
    later: [u8; 256],
    first_of: [u8; 256],
    later_of: [u8; 256],
}

/// The code of one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Codeword {
    bytes: [u8; MAX_LENGTH],
    length: u8,
}

impl Codeword {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl WordCode {
    /// A code for the ids `0..words`.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if `words` exceeds the number of codes.
    pub(crate) fn new(words: usize) -> Result<WordCode> {
        let (one_byte, three_byte) = match words {
            0..=256 => (256, 0),
            _ => {
                let three_byte = (0..=256 - ONE_BYTE_CODES).find(|three_byte| {
                    ONE_BYTE_CODES + (256 - ONE_BYTE_CODES - three_byte) * 256 + three_byte * 65_536
                        >= words
                });
                let bound = || harness::Error::Setting {
                    field: "vocabulary",
                    value: words.to_string(),
                    bound: format!(
                        "must be at most {} types; prepare the corpus with --vocab or --min-count",
                        ONE_BYTE_CODES + (256 - ONE_BYTE_CODES) * 65_536
                    ),
                };
                (ONE_BYTE_CODES, three_byte.ok_or_else(bound)?)
            }
        };
        let common: Vec<u8> = COMMON.to_vec();
        let rare: Vec<u8> = (0..=255).filter(|byte| !common.contains(byte)).collect();
        let later: Vec<u8> = common.iter().chain(&rare).copied().collect();
        let first: Vec<u8> = if one_byte == 256 {
            later.clone()
        } else {
            let (for_singles, for_others) = common.split_at(COMMON_ONE_BYTE_CODES);
            let (rare_singles, rare_others) = rare.split_at(one_byte - COMMON_ONE_BYTE_CODES);
            [for_singles, rare_singles, for_others, rare_others].concat()
        };
        let table = |bytes: &[u8]| std::array::from_fn(|at| bytes[at]);
        let (first, later) = (table(&first), table(&later));
        Ok(WordCode {
            words,
            one_byte,
            two_byte: 256 - one_byte - three_byte,
            first,
            later,
            first_of: inverse(&first),
            later_of: inverse(&later),
        })
    }

    /// The code of a word, which must be below `words`.
    #[inline]
    pub(crate) fn encode(&self, word: TokenId) -> Codeword {
        let mut rest = word as usize;
        if rest < self.one_byte {
            return Codeword {
                bytes: [self.first[rest], 0, 0],
                length: 1,
            };
        }
        rest -= self.one_byte;
        if rest < self.two_byte << 8 {
            let first = self.first[self.one_byte + (rest >> 8)];
            return Codeword {
                bytes: [first, self.later[rest & 255], 0],
                length: 2,
            };
        }
        rest -= self.two_byte << 8;
        let first = self.first[(self.one_byte + self.two_byte + (rest >> 16)) & 255];
        Codeword {
            bytes: [first, self.later[(rest >> 8) & 255], self.later[rest & 255]],
            length: 3,
        }
    }

    /// Length of codes with this first byte.
    #[inline]
    pub(crate) fn length(&self, first: u8) -> usize {
        let first = usize::from(self.first_of[usize::from(first)]);
        match first {
            _ if first < self.one_byte => 1,
            _ if first < self.one_byte + self.two_byte => 2,
            _ => 3,
        }
    }

    /// The word with this code, if there is one.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Option<TokenId> {
        let first = usize::from(self.first_of[usize::from(*bytes.first()?)]);
        let later = |at: usize| {
            let byte = bytes.get(at)?;
            Some(usize::from(self.later_of[usize::from(*byte)]))
        };
        let word = if first < self.one_byte {
            first
        } else if first < self.one_byte + self.two_byte {
            self.one_byte + ((first - self.one_byte) << 8) + later(1)?
        } else {
            let lead = first - self.one_byte - self.two_byte;
            self.one_byte + (self.two_byte << 8) + (lead << 16) + (later(1)? << 8) + later(2)?
        };
        (word < self.words).then_some(word as TokenId)
    }

    /// The words in lexicographic order of their codes.
    pub(crate) fn sorted_words(&self) -> Vec<TokenId> {
        let mut words: Vec<TokenId> = (0..self.words as TokenId).collect();
        words.sort_unstable_by_key(|&word| self.encode(word).bytes);
        words
    }
}

fn inverse(table: &[u8; 256]) -> [u8; 256] {
    let mut inverse = [0; 256];
    (0..=255_u8).for_each(|at| inverse[usize::from(table[usize::from(at)])] = at);
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_invertible_and_prefix_free() {
        for words in [1, 2, 256, 257, 40_000, 400_000] {
            let code = WordCode::new(words).unwrap();
            let sorted = code.sorted_words();
            let codes: Vec<Codeword> = sorted.iter().map(|&word| code.encode(word)).collect();
            for (&word, bytes) in sorted.iter().zip(&codes) {
                assert_eq!(code.decode(bytes.as_slice()), Some(word));
                assert_eq!(code.length(bytes.as_slice()[0]), bytes.as_slice().len());
            }
            // In sorted order, a prefix would directly precede a longer code.
            assert!(codes.windows(2).all(|pair| {
                pair[0] < pair[1] && !pair[1].as_slice().starts_with(pair[0].as_slice())
            }));
        }
    }

    #[test]
    fn a_vocabulary_with_more_words_than_codes_is_rejected() {
        assert!(WordCode::new(ONE_BYTE_CODES + 128 * 65_536).is_ok());
        let error = WordCode::new(ONE_BYTE_CODES + 128 * 65_536 + 1).unwrap_err();
        assert!(error.to_string().contains("at most 8388736"), "{error}");
        let code = WordCode::new(300).unwrap();
        assert_eq!(code.decode(code.encode(299).as_slice()), Some(299));
        assert_eq!(code.decode(&[]), None);
    }
}
