//! Reads a sentence word by word and accumulates the log probability of its wordings.

use super::wording::Wordings;

/// A position in a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'t> {
    words: Vec<&'t str>,
    at: usize,
    /// ln p of the wordings so far, given the meaning.
    pub(crate) log_prob: f64,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Cursor<'t> {
        Cursor {
            words: text.split_whitespace().collect(),
            at: 0,
            log_prob: 0.0,
        }
    }

    /// The next word, without consuming it.
    pub(crate) fn peek(&self) -> Option<&'t str> {
        self.words.get(self.at).copied()
    }

    /// Consumes the next word if `read` accepts it.
    pub(crate) fn take<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let read = read(self.peek()?)?;
        self.at += 1;
        Some(read)
    }

    /// Consumes this word if it is next. Returns whether it was.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        self.take(|next| (next == word).then_some(())).is_some()
    }

    /// Runs `read` and restores the position if it fails.
    pub(crate) fn attempt<T>(
        &mut self,
        read: impl FnOnce(&mut Cursor<'t>) -> Option<T>,
    ) -> Option<T> {
        let (at, log_prob) = (self.at, self.log_prob);
        let read = read(self);
        if read.is_none() {
            (self.at, self.log_prob) = (at, log_prob);
        }
        read
    }

    /// Consumes one of these phrases, followed by what `then` reads.
    pub(crate) fn one_of<T>(
        &mut self,
        wordings: &Wordings<&str>,
        then: impl Fn(&mut Cursor<'t>) -> Option<T>,
    ) -> Option<T> {
        wordings.iter().find_map(|(phrase, prob)| {
            self.attempt(|cursor| {
                let mut words = phrase.split_whitespace();
                words.all(|word| cursor.word(word)).then_some(())?;
                cursor.log_prob += prob.ln();
                then(cursor)
            })
        })
    }

    /// Whether only the full stop is left.
    pub(crate) fn at_end(&mut self) -> bool {
        self.word(".") && self.peek().is_none()
    }
}

/// Appends words to a sentence, separated by a space.
pub(crate) fn push_words(text: &mut String, words: impl AsRef<str>) {
    let words = words.as_ref();
    if !text.is_empty() && !words.is_empty() {
        text.push(' ');
    }
    text.push_str(words);
}
