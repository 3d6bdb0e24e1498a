//! The choice source that follows a given text.

use super::{ChoiceResult, ChoiceSource, Distribution, Stop};
use crate::lexicon::{Word, w};
use crate::phenomenon::Phenomenon;

/// Observes every choice and its outcome.
pub(crate) trait Observer {
    /// The program chose from `distribution` at word `at` of the text. `outcome` is the actual word and its
    /// probability; it is none at the end of the text.
    fn choice(
        &mut self,
        at: usize,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
        outcome: Option<(Word, f64)>,
    );

    /// Word `at` follows an impossible word in the same line, so its probability is unknown.
    fn skipped(&mut self, at: usize);
}

/// Takes every choice from a text.
#[derive(Debug)]
pub(crate) struct Reader<'t, W> {
    text: &'t [Word],
    at: usize,
    /// Where the current document began.
    start: usize,
    observer: &'t mut W,
}

impl<'t, W: Observer> Reader<'t, W> {
    pub(crate) fn new(text: &'t [Word], observer: &'t mut W) -> Reader<'t, W> {
        Reader {
            text,
            at: 0,
            start: 0,
            observer,
        }
    }

    /// The position of the next word. It does not move past an impossible word.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Starts the next document at the current position.
    pub(crate) fn next_document(&mut self) {
        self.start = self.at;
    }

    /// Skips an impossible word and the rest of its line; the next document begins after it. Returns whether there is
    /// more text.
    pub(crate) fn skip_line(&mut self) -> bool {
        while self.text[self.at] != w!("<eos>") {
            self.at += 1;
            self.observer.skipped(self.at);
            if self.at == self.text.len() {
                return false;
            }
        }
        self.at += 1;
        self.next_document();
        true
    }

    fn take(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word> {
        let Some(&word) = self.text.get(self.at) else {
            self.observer
                .choice(self.at, distribution, phenomenon, None);
            return Err(Stop::End);
        };
        let prob = distribution.prob(word);
        self.observer
            .choice(self.at, distribution, phenomenon, Some((word, prob)));
        // The position stays at an impossible word.
        if prob <= 0.0 {
            return Err(Stop::Impossible);
        }
        self.at += 1;
        Ok(word)
    }
}

impl<W: Observer> ChoiceSource for Reader<'_, W> {
    fn choose(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word> {
        self.take(distribution, phenomenon)
    }

    fn emit(&mut self, word: Word, phenomenon: Phenomenon) -> ChoiceResult<()> {
        self.take(&Distribution::certain(word), phenomenon)
            .map(drop)
    }

    fn position(&self) -> usize {
        self.at - self.start
    }
}
