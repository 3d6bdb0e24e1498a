//! The pen that draws.

use rand_chacha::ChaCha8Rng;

use super::{Menu, Pen, Told};
use crate::lexicon::Word;
use crate::phenomenon::Phenomenon;

/// Draws every choice and keeps the words with their tags.
#[derive(Debug)]
pub(crate) struct Writer<'r> {
    random: &'r mut ChaCha8Rng,
    pub(crate) words: Vec<Word>,
    pub(crate) tags: Vec<u8>,
    /// Where the document under way began.
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

    /// The next document begins here.
    pub(crate) fn begin(&mut self) {
        self.start = self.words.len();
    }
}

impl Pen for Writer<'_> {
    fn pick(&mut self, menu: &Menu<'_>, needs: Phenomenon) -> Told<Word> {
        let word = menu.draw(self.random);
        self.must(word, needs)?;
        Ok(word)
    }

    fn must(&mut self, word: Word, needs: Phenomenon) -> Told<()> {
        self.words.push(word);
        self.tags.push(needs.tag());
        Ok(())
    }

    fn written(&self) -> usize {
        self.words.len() - self.start
    }
}
