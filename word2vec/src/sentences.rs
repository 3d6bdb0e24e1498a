//! A text as sentences of the words that are kept.

use std::ops::Range;

use corpus::{Text, TokenId};

use crate::blocks::BLOCK;
use crate::words::{LINE_END, Word, Words};

/// Kept words of the longest sentence; what follows begins another, as in the C program.
pub(crate) const LONGEST: usize = 1000;

/// Reads a stretch of a text, once from its beginning to its end.
pub(crate) struct Sentences<'a, T: ?Sized> {
    text: &'a T,
    words: &'a Words,
    /// What is still to be read.
    rest: Range<usize>,
    buffer: std::vec::IntoIter<TokenId>,
    /// Words that were read, whether kept or not; ends of lines count.
    pub(crate) read: u64,
}

impl<'a, T: Text + ?Sized> Sentences<'a, T> {
    pub(crate) fn new(text: &'a T, words: &'a Words, range: Range<usize>) -> Sentences<'a, T> {
        Sentences {
            text,
            words,
            rest: range,
            buffer: Vec::new().into_iter(),
            read: 0,
        }
    }

    fn token(&mut self) -> Option<TokenId> {
        if self.buffer.len() == 0 && !self.rest.is_empty() {
            let end = self.rest.end.min(self.rest.start + BLOCK);
            let mut tokens = self.text.read(self.rest.start..end);
            self.words.phrases().join(&mut tokens);
            self.buffer = tokens.into_iter();
            self.rest.start = end;
        }
        self.buffer.next()
    }

    /// The words of the next sentence that `keep` keeps; false at the end of the stretch.
    pub(crate) fn next(
        &mut self,
        sentence: &mut Vec<Word>,
        mut keep: impl FnMut(Word) -> bool,
    ) -> bool {
        sentence.clear();
        let before = self.read;
        while sentence.len() < LONGEST
            && let Some(token) = self.token()
        {
            let Some(word) = self.words.of(token) else {
                continue;
            };
            self.read += 1;
            if word == LINE_END {
                break;
            }
            if keep(word) {
                sentence.push(word);
            }
        }
        self.read > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_with_lines_or_when_they_are_long() {
        let counts = [vec![9_u64], vec![5; 12], vec![1]].concat();
        let words = Words::of_counts(&counts, 0, 2).unwrap();
        let mut text = vec![1, 13, 2, 0, 0, 3, 3];
        text.extend(vec![4; 2 * LONGEST]);
        let mut sentences = Sentences::new(&text[..], &words, 0..text.len());
        let mut lengths = Vec::new();
        let mut sentence = Vec::new();
        while sentences.next(&mut sentence, |word| words.tokens[word as usize] != 3) {
            lengths.push(sentence.len());
        }
        assert_eq!(lengths, [2, 0, LONGEST, LONGEST]);
        assert_eq!(sentences.read as usize, text.len() - 1);
    }
}
