//! The words that get vectors.

use std::ops::Range;

use corpus::{Text, TokenId, Vocab};
use rayon::prelude::*;

use crate::blocks::blocks;
use crate::error::{Error, LEAST_WORDS, Result};
use crate::phrases::Phrases;

/// Number of a word: 0 ends a line, then the most frequent come first, as in the C program.
pub(crate) type Word = u32;

/// What ends a line. It has a number, but neither vector nor part in any window.
pub(crate) const LINE_END: Word = 0;

/// The words of a text that are frequent enough.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Words {
    /// Token of each word.
    pub(crate) tokens: Vec<TokenId>,
    /// How often each occurs.
    pub(crate) counts: Vec<u64>,
    /// What is joined before words are looked for.
    phrases: Phrases,
    /// Word of each token; [`NONE`] for those that were left out.
    numbers: Vec<Word>,
}

const NONE: Word = Word::MAX;

impl Words {
    /// Counts a text and its phrases.
    pub(crate) fn count(
        text: &(impl Text + ?Sized),
        vocab: &Vocab,
        phrases: Phrases,
        min_count: u64,
    ) -> Result<Words> {
        let size = phrases.vocab_size(vocab);
        let blocks: Vec<Range<usize>> = blocks(text.len()).collect();
        let counts = blocks
            .into_par_iter()
            .fold(
                || vec![0_u64; size],
                |mut counts, block| {
                    let mut tokens = text.read(block);
                    phrases.join(&mut tokens);
                    for token in tokens {
                        counts[token as usize] += 1;
                    }
                    counts
                },
            )
            .reduce(
                || vec![0; size],
                |mut sums, counts| {
                    sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
                    sums
                },
            );
        let words = Words::of_counts(&counts, vocab.eos(), min_count)?;
        Ok(Words { phrases, ..words })
    }

    /// From the count of each token.
    pub(crate) fn of_counts(counts: &[u64], eos: TokenId, min_count: u64) -> Result<Words> {
        let mut tokens: Vec<TokenId> = (0..counts.len() as TokenId)
            .filter(|&token| token != eos && counts[token as usize] >= min_count.max(1))
            .collect();
        if tokens.len() < LEAST_WORDS {
            return Err(Error::FewWords {
                words: tokens.len(),
                min_count,
            });
        }
        tokens.sort_by_key(|&token| std::cmp::Reverse(counts[token as usize]));
        tokens.insert(0, eos);
        let mut numbers = vec![NONE; counts.len()];
        for (number, &token) in tokens.iter().enumerate() {
            numbers[token as usize] = number as Word;
        }
        let counts = tokens.iter().map(|&token| counts[token as usize]).collect();
        Ok(Words {
            tokens,
            counts,
            phrases: Phrases::default(),
            numbers,
        })
    }

    /// What is joined.
    pub(crate) fn phrases(&self) -> &Phrases {
        &self.phrases
    }

    /// What a word is called.
    pub(crate) fn name(&self, word: Word, vocab: &Vocab) -> String {
        let token = self.tokens[word as usize];
        self.phrases.name(token, vocab).to_owned()
    }

    /// V, the end of lines included.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// How many words the text has, those left out not counted; ends of lines count.
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The word of a token, if it was kept.
    #[inline]
    pub(crate) fn of(&self, token: TokenId) -> Option<Word> {
        let number = self.numbers[token as usize];
        (number != NONE).then_some(number)
    }

    /// The probability that an occurrence of each word is kept: sqrt(t/f) + t/f for a word of share f. The C program has
    /// this instead of the papers' sqrt(t/f), which is a little less.
    pub(crate) fn keep(&self, subsample: f64) -> Vec<f64> {
        let threshold = subsample * self.total() as f64;
        let keep = |&count: &u64| {
            let ratio = threshold / count as f64;
            (ratio.sqrt() + ratio).min(1.0)
        };
        match subsample > 0.0 {
            true => self.counts.iter().map(keep).collect(),
            false => vec![1.0; self.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_words_come_first_and_rare_ones_are_left_out() {
        let counts = [7, 1, 30, 4, 9, 9, 2, 3, 3, 3, 3, 3, 3];
        let words = Words::of_counts(&counts, 4, 2).unwrap();
        assert_eq!(words.tokens, [4, 2, 5, 0, 3, 7, 8, 9, 10, 11, 12, 6]);
        assert_eq!(words.of(5), Some(2));
        assert_eq!(words.of(1), None);
        assert_eq!(words.total(), 79);
        let error = Words::of_counts(&counts, 4, 4).unwrap_err().to_string();
        assert!(
            error.starts_with("4 words occur 4 times or more"),
            "{error}"
        );
    }

    #[test]
    fn frequent_words_are_kept_less_often() {
        let counts: Vec<u64> = [vec![100], vec![9_000], vec![90; 10]].concat();
        let words = Words::of_counts(&counts, 0, 1).unwrap();
        let keep = words.keep(1e-2);
        assert!((keep[1] - (0.1_f64 / 9.0).sqrt() - 0.1 / 9.0).abs() < 1e-9);
        assert_eq!(keep[2], 1.0);
        assert_eq!(words.keep(0.0)[1], 1.0);
    }
}
