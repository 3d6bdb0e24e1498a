//! The choice source that draws at random.

use rand_chacha::ChaCha8Rng;

use super::{ChoiceResult, ChoiceSource, Distribution};
use crate::lexicon::Word;
use crate::phenomenon::Phenomenon;

/// Draws every choice and stores the words with their tags.
#[derive(Debug)]
pub(crate) struct Writer<'r> {
    random: &'r mut ChaCha8Rng,
    pub(crate) words: Vec<Word>,
    pub(crate) tags: Vec<u8>,
    /// Where the current document began.
    start: usize,
}

impl<'r> Writer<'r> {
    pub(crate) fn new(random: &'r mut ChaCha8Rng) -> Writer<'r> {
        Writer {
            random,
            words: Vec::new(),
            tags: Vec::new(),
            start: 0,
        }
    }

    /// Starts the next document.
    pub(crate) fn begin(&mut self) {
        self.start = self.words.len();
    }
}

impl ChoiceSource for Writer<'_> {
    fn choose(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word> {
        let word = distribution.draw(self.random);
        self.emit(word, phenomenon)?;
        Ok(word)
    }

    fn emit(&mut self, word: Word, phenomenon: Phenomenon) -> ChoiceResult<()> {
        self.words.push(word);
        self.tags.push(phenomenon.tag());
        Ok(())
    }

    fn position(&self) -> usize {
        self.words.len() - self.start
    }
}
