//! Reads a sentence word by word, and keeps the probability of the wordings that it meets.

use super::wording::Wordings;

/// A place in a sentence.
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

    /// The next word, which stays.
    pub(crate) fn peek(&self) -> Option<&'t str> {
        self.words.get(self.at).copied()
    }

    /// The next word if the function makes something of it; else it stays.
    pub(crate) fn take<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let read = read(self.peek()?)?;
        self.at += 1;
        Some(read)
    }

    /// Whether this word comes next; then it is taken.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        self.take(|next| (next == word).then_some(())).is_some()
    }

    /// What `read` makes of the words from here; if nothing, they stay.
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

    /// Whether one of these phrases comes next, and something after it that `then` can read.
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

    /// Whether nothing is left but the full stop.
    pub(crate) fn at_end(&mut self) -> bool {
        self.word(".") && self.peek().is_none()
    }
}

/// Adds words to a sentence, divided by spaces.
pub(crate) fn push_words(text: &mut String, words: impl AsRef<str>) {
    let words = words.as_ref();
    if !text.is_empty() && !words.is_empty() {
        text.push(' ');
    }
    text.push_str(words);
}
