//! The pen that follows what was written.

use super::{ChoiceResult, ChoiceSource, Distribution, Stop};
use crate::lexicon::{Word, w};
use crate::phenomenon::Phenomenon;

/// Is shown every choice and its outcome.
pub(crate) trait Observer {
    /// At word `at` of the text `menu` was open, and `outcome` is what stands there, with its probability; nothing if
    /// the text ends before it.
    fn choice(
        &mut self,
        at: usize,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
        outcome: Option<(Word, f64)>,
    );

    /// Word `at` stands after an impossible one, in the same line: nothing is known of it.
    fn skipped(&mut self, at: usize);
}

/// Takes every choice as the text has it.
#[derive(Debug)]
pub(crate) struct Reader<'t, W> {
    text: &'t [Word],
    at: usize,
    /// Where the document under way began.
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

    /// The next word to be read; an impossible one is not passed.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next document begins here.
    pub(crate) fn next_document(&mut self) {
        self.start = self.at;
    }

    /// Passes an impossible word and the rest of its line, where the next document begins; says whether the text gets
    /// so far.
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
        // The place of an impossible word is kept.
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
