//! The vocabulary of words that get vectors.

use std::ops::Range;

use corpus::{Text, TokenId, Vocab};
use rayon::prelude::*;

use crate::chunks::chunk_ranges;
use crate::error::{Error, MIN_WORDS, Result};
use crate::phrases::Phrases;

/// The id of a word: 0 is the line end, then words follow in order of decreasing frequency, as in the C program.
pub(crate) type WordId = u32;

/// The line end, which has an id, but no vector, and is in no window.
pub(crate) const LINE_END: WordId = 0;

/// The words of a text that occur at least `min_count` times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WordVocab {
    /// The token of each word.
    pub(crate) tokens: Vec<TokenId>,
    /// The count of each word.
    pub(crate) counts: Vec<u64>,
    /// The phrases that are joined in the text.
    phrases: Phrases,
    /// The word of each token; [`NONE`] for rare tokens.
    ids: Vec<WordId>,
}

const NONE: WordId = WordId::MAX;

impl WordVocab {
    /// Counts the words and phrases of a text.
    pub(crate) fn count(
        text: &(impl Text + ?Sized),
        vocab: &Vocab,
        phrases: Phrases,
        min_count: u64,
    ) -> Result<WordVocab> {
        let size = phrases.vocab_size(vocab);
        let chunks: Vec<Range<usize>> = chunk_ranges(text.len()).collect();
        let counts = chunks
            .into_par_iter()
            .fold(
                || vec![0_u64; size],
                |mut counts, chunk| {
                    let mut tokens = text.read(chunk);
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
        let words = WordVocab::of_counts(&counts, vocab.eos(), min_count)?;
        Ok(WordVocab { phrases, ..words })
    }

    /// The vocabulary for the count of each token.
    pub(crate) fn of_counts(counts: &[u64], eos: TokenId, min_count: u64) -> Result<WordVocab> {
        let mut tokens: Vec<TokenId> = (0..counts.len() as TokenId)
            .filter(|&token| token != eos && counts[token as usize] >= min_count.max(1))
            .collect();
        if tokens.len() < MIN_WORDS {
            return Err(Error::FewWords {
                words: tokens.len(),
                min_count,
            });
        }
        tokens.sort_by_key(|&token| std::cmp::Reverse(counts[token as usize]));
        tokens.insert(0, eos);
        let mut ids = vec![NONE; counts.len()];
        for (number, &token) in tokens.iter().enumerate() {
            ids[token as usize] = number as WordId;
        }
        let counts = tokens.iter().map(|&token| counts[token as usize]).collect();
        Ok(WordVocab {
            tokens,
            counts,
            phrases: Phrases::default(),
            ids,
        })
    }

    /// The phrases.
    pub(crate) fn phrases(&self) -> &Phrases {
        &self.phrases
    }

    /// The text of a word.
    pub(crate) fn name(&self, word: WordId, vocab: &Vocab) -> String {
        let token = self.tokens[word as usize];
        self.phrases.name(token, vocab).to_owned()
    }

    /// V, with the line end.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Number of words in the text, with line ends and without rare words.
    pub(crate) fn total_count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The word of a token, or `None` if it is rare.
    #[inline]
    pub(crate) fn id(&self, token: TokenId) -> Option<WordId> {
        let number = self.ids[token as usize];
        (number != NONE).then_some(number)
    }

    /// The probability of keeping an occurrence of each word in subsampling: sqrt(t/f) + t/f for a word of relative frequency f,
    /// as in the C program. The paper's sqrt(t/f) (2013b, eq. 5) is slightly less.
    pub(crate) fn keep_probabilities(&self, subsample: f64) -> Vec<f64> {
        let threshold = subsample * self.total_count() as f64;
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
    fn frequent_words_come_first_and_rare_ones_are_removed() {
        let counts = [7, 1, 30, 4, 9, 9, 2, 3, 3, 3, 3, 3, 3];
        let words = WordVocab::of_counts(&counts, 4, 2).unwrap();
        assert_eq!(words.tokens, [4, 2, 5, 0, 3, 7, 8, 9, 10, 11, 12, 6]);
        assert_eq!(words.id(5), Some(2));
        assert_eq!(words.id(1), None);
        assert_eq!(words.total_count(), 79);
        let error = WordVocab::of_counts(&counts, 4, 4).unwrap_err().to_string();
        assert!(
            error.starts_with("4 words occur 4 times or more"),
            "{error}"
        );
    }

    #[test]
    fn frequent_words_are_kept_less_often() {
        let counts: Vec<u64> = [vec![100], vec![9_000], vec![90; 10]].concat();
        let words = WordVocab::of_counts(&counts, 0, 1).unwrap();
        let keep = words.keep_probabilities(1e-2);
        assert!((keep[1] - (0.1_f64 / 9.0).sqrt() - 0.1 / 9.0).abs() < 1e-9);
        assert_eq!(keep[2], 1.0);
        assert_eq!(words.keep_probabilities(0.0)[1], 1.0);
    }
}
