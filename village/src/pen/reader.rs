//! The pen that follows what was written.

use super::{Menu, Pen, Stop, Told};
use crate::lexicon::{Word, w};
use crate::phenomenon::Phenomenon;

/// Is shown every choice and its outcome.
pub(crate) trait Witness {
    /// At word `at` of the text `menu` was open, and `outcome` is what stands there, with its probability; nothing if
    /// the text ends before it.
    fn choice(
        &mut self,
        at: usize,
        menu: &Menu<'_>,
        needs: Phenomenon,
        outcome: Option<(Word, f64)>,
    );

    /// Word `at` stands after an impossible one, in the same line: nothing is known of it.
    fn lost(&mut self, at: usize);
}

/// Takes every choice as the text has it.
#[derive(Debug)]
pub(crate) struct Reader<'t, W> {
    text: &'t [Word],
    at: usize,
    /// Where the document under way began.
    start: usize,
    witness: &'t mut W,
}

impl<'t, W: Witness> Reader<'t, W> {
    pub(crate) fn new(text: &'t [Word], witness: &'t mut W) -> Reader<'t, W> {
        Reader {
            text,
            at: 0,
            start: 0,
            witness,
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
            self.witness.lost(self.at);
            if self.at == self.text.len() {
                return false;
            }
        }
        self.at += 1;
        self.next_document();
        true
    }

    fn take(&mut self, menu: &Menu<'_>, needs: Phenomenon) -> Told<Word> {
        let Some(&word) = self.text.get(self.at) else {
            self.witness.choice(self.at, menu, needs, None);
            return Err(Stop::End);
        };
        let prob = menu.prob(word);
        self.witness
            .choice(self.at, menu, needs, Some((word, prob)));
        // The place of an impossible word is kept.
        if prob <= 0.0 {
            return Err(Stop::Impossible);
        }
        self.at += 1;
        Ok(word)
    }
}

impl<W: Witness> Pen for Reader<'_, W> {
    fn pick(&mut self, menu: &Menu<'_>, needs: Phenomenon) -> Told<Word> {
        self.take(menu, needs)
    }

    fn must(&mut self, word: Word, needs: Phenomenon) -> Told<()> {
        self.take(&Menu::certain(word), needs).map(drop)
    }

    fn written(&self) -> usize {
        self.at - self.start
    }
}
