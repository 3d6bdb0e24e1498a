//! Reading a text as sentences of words.

use std::ops::Range;

use corpus::{Text, TokenId};

use crate::chunks::CHUNK;
use crate::word_vocab::{LINE_END, WordId, WordVocab};

/// Maximum number of kept words in a sentence; a longer line is split, as in the C program.
pub(crate) const MAX_SENTENCE_LENGTH: usize = 1000;

/// An iterator over the sentences in a range of a text.
pub(crate) struct SentenceReader<'a, T: ?Sized> {
    text: &'a T,
    words: &'a WordVocab,
    /// The range that has not been read yet.
    remaining: Range<usize>,
    buffer: std::vec::IntoIter<TokenId>,
    /// Number of words read, kept or not, with line ends.
    pub(crate) words_read: u64,
}

impl<'a, T: Text + ?Sized> SentenceReader<'a, T> {
    pub(crate) fn new(
        text: &'a T,
        words: &'a WordVocab,
        range: Range<usize>,
    ) -> SentenceReader<'a, T> {
        SentenceReader {
            text,
            words,
            remaining: range,
            buffer: Vec::new().into_iter(),
            words_read: 0,
        }
    }

    fn token(&mut self) -> Option<TokenId> {
        if self.buffer.len() == 0 && !self.remaining.is_empty() {
            let end = self.remaining.end.min(self.remaining.start + CHUNK);
            let mut tokens = self.text.read(self.remaining.start..end);
            self.words.phrases().join(&mut tokens);
            self.buffer = tokens.into_iter();
            self.remaining.start = end;
        }
        self.buffer.next()
    }

    /// Reads the next sentence, of which `keep` selects the words; `false` at the end of the range.
    pub(crate) fn next(
        &mut self,
        sentence: &mut Vec<WordId>,
        mut keep: impl FnMut(WordId) -> bool,
    ) -> bool {
        sentence.clear();
        let before = self.words_read;
        while sentence.len() < MAX_SENTENCE_LENGTH
            && let Some(token) = self.token()
        {
            let Some(word) = self.words.id(token) else {
                continue;
            };
            self.words_read += 1;
            if word == LINE_END {
                break;
            }
            if keep(word) {
                sentence.push(word);
            }
        }
        self.words_read > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_line_ends_or_at_the_maximum_length() {
        let counts = [vec![9_u64], vec![5; 12], vec![1]].concat();
        let words = WordVocab::of_counts(&counts, 0, 2).unwrap();
        let mut text = vec![1, 13, 2, 0, 0, 3, 3];
        text.extend(vec![4; 2 * MAX_SENTENCE_LENGTH]);
        let mut sentences = SentenceReader::new(&text[..], &words, 0..text.len());
        let mut lengths = Vec::new();
        let mut sentence = Vec::new();
        while sentences.next(&mut sentence, |word| words.tokens[word as usize] != 3) {
            lengths.push(sentence.len());
        }
        assert_eq!(lengths, [2, 0, MAX_SENTENCE_LENGTH, MAX_SENTENCE_LENGTH]);
        assert_eq!(sentences.words_read as usize, text.len() - 1);
    }
}
