//! Words as bytes: the frequent in one, most in two, the rare in three.
//!
//! No code is the beginning of another, so that a string of codes falls into words again. Ids are in order of decreasing
//! frequency, so that short codes go where they save most; the paper's ids are of variable length for the same reason.
//! The format of the FST stores 63 byte values within the byte that says what kind of node it is: they are given to the
//! codes that occur most.

use corpus::TokenId;

use crate::error::Result;
use crate::fst::COMMON;

/// Words that have a code of a single byte, where not all have.
const SINGLES: usize = 128;
/// Of the common byte values, so many stand for whole words; the others begin the most frequent codes of more bytes.
const COMMON_SINGLES: usize = 32;
/// Longest code.
pub(crate) const LONGEST: usize = 3;

/// The codes of a vocabulary.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    words: usize,
    /// First bytes: so many are whole words, so many begin codes of two bytes; the others begin codes of three.
    singles: usize,
    pairs: usize,
    /// What is written for the n-th first byte, and for the n-th later one; and back.
    first: [u8; 256],
    later: [u8; 256],
    first_of: [u8; 256],
    later_of: [u8; 256],
}

/// The bytes of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bytes {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Bytes {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Code {
    /// Codes for ids 0..words.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if there are more words than codes.
    pub(crate) fn new(words: usize) -> Result<Code> {
        let (singles, triples) = match words {
            0..=256 => (256, 0),
            _ => {
                let triples = (0..=256 - SINGLES).find(|triples| {
                    SINGLES + (256 - SINGLES - triples) * 256 + triples * 65_536 >= words
                });
                let bound = || harness::Error::Setting {
                    field: "vocabulary",
                    value: words.to_string(),
                    bound: format!(
                        "must be at most {} types; prepare the corpus with --vocab or --min-count",
                        SINGLES + (256 - SINGLES) * 65_536
                    ),
                };
                (SINGLES, triples.ok_or_else(bound)?)
            }
        };
        let common: Vec<u8> = COMMON.to_vec();
        let rare: Vec<u8> = (0..=255).filter(|byte| !common.contains(byte)).collect();
        let later: Vec<u8> = common.iter().chain(&rare).copied().collect();
        let first: Vec<u8> = if singles == 256 {
            later.clone()
        } else {
            let (for_singles, for_others) = common.split_at(COMMON_SINGLES);
            let (rare_singles, rare_others) = rare.split_at(singles - COMMON_SINGLES);
            [for_singles, rare_singles, for_others, rare_others].concat()
        };
        let table = |bytes: &[u8]| std::array::from_fn(|at| bytes[at]);
        let (first, later) = (table(&first), table(&later));
        Ok(Code {
            words,
            singles,
            pairs: 256 - singles - triples,
            first,
            later,
            first_of: inverse(&first),
            later_of: inverse(&later),
        })
    }

    /// The code of a word; the caller has checked that there is such a word.
    #[inline]
    pub(crate) fn encode(&self, word: TokenId) -> Bytes {
        let mut rest = word as usize;
        if rest < self.singles {
            return Bytes {
                bytes: [self.first[rest], 0, 0],
                length: 1,
            };
        }
        rest -= self.singles;
        if rest < self.pairs << 8 {
            let first = self.first[self.singles + (rest >> 8)];
            return Bytes {
                bytes: [first, self.later[rest & 255], 0],
                length: 2,
            };
        }
        rest -= self.pairs << 8;
        let first = self.first[(self.singles + self.pairs + (rest >> 16)) & 255];
        Bytes {
            bytes: [first, self.later[(rest >> 8) & 255], self.later[rest & 255]],
            length: 3,
        }
    }

    /// Length of the code that begins with a byte.
    #[inline]
    pub(crate) fn length(&self, first: u8) -> usize {
        let first = usize::from(self.first_of[usize::from(first)]);
        match first {
            _ if first < self.singles => 1,
            _ if first < self.singles + self.pairs => 2,
            _ => 3,
        }
    }

    /// The word of a code, if there is such a word.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Option<TokenId> {
        let first = usize::from(self.first_of[usize::from(*bytes.first()?)]);
        let later = |at: usize| {
            let byte = bytes.get(at)?;
            Some(usize::from(self.later_of[usize::from(*byte)]))
        };
        let word = if first < self.singles {
            first
        } else if first < self.singles + self.pairs {
            self.singles + ((first - self.singles) << 8) + later(1)?
        } else {
            let lead = first - self.singles - self.pairs;
            self.singles + (self.pairs << 8) + (lead << 16) + (later(1)? << 8) + later(2)?
        };
        (word < self.words).then_some(word as TokenId)
    }

    /// The words in order of their codes.
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
    fn every_word_comes_back_and_no_code_begins_another() {
        for words in [1, 2, 256, 257, 40_000, 400_000] {
            let code = Code::new(words).unwrap();
            let sorted = code.sorted_words();
            let codes: Vec<Bytes> = sorted.iter().map(|&word| code.encode(word)).collect();
            for (&word, bytes) in sorted.iter().zip(&codes) {
                assert_eq!(code.decode(bytes.as_slice()), Some(word));
                assert_eq!(code.length(bytes.as_slice()[0]), bytes.as_slice().len());
            }
            // In order, a beginning would stand right before what it begins.
            assert!(codes.windows(2).all(|pair| {
                pair[0] < pair[1] && !pair[1].as_slice().starts_with(pair[0].as_slice())
            }));
        }
    }

    #[test]
    fn a_vocabulary_beyond_all_codes_is_refused() {
        assert!(Code::new(SINGLES + 128 * 65_536).is_ok());
        let error = Code::new(SINGLES + 128 * 65_536 + 1).unwrap_err();
        assert!(error.to_string().contains("at most 8388736"), "{error}");
        let code = Code::new(300).unwrap();
        assert_eq!(code.decode(code.encode(299).as_slice()), Some(299));
        assert_eq!(code.decode(&[]), None);
    }
}
