//! The generator is a program over explicit choices. A pen decides them: by drawing ([`Writer`]) or by reading what was
//! written ([`Reader`]). So sampling and scoring are the same code.
//!
//! At each choice stands a distribution over the *next word*, given what the program remembers, and what it remembers
//! is a function of the words so far. Sentences that share their first words are kept apart by an exact forward sum over
//! those still possible ([`Pen::frame`]).

mod menu;
mod reader;
mod table;
mod writer;

#[cfg(test)]
pub(crate) mod all_texts;

use smallvec::{SmallVec, smallvec};

pub(crate) use menu::Menu;
pub(crate) use reader::{Reader, Witness};
pub(crate) use table::Table;
pub(crate) use writer::Writer;

use crate::lexicon::Word;
use crate::phenomenon::Phenomenon;

/// Why a telling ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// There is nothing more to read.
    End,
    /// The word that stands there cannot stand there.
    Impossible,
}

pub(crate) type Told<T> = Result<T, Stop>;

/// A sentence with slots. See [`crate::lexicon::words`].
pub(crate) type Template = &'static [Word];

/// What fills the slots of the template that was told, in their order.
pub(crate) type Slots = SmallVec<[(char, Word); 4]>;

/// The word that fills a slot.
///
/// # Panics
/// If the template has no such slot.
pub(crate) fn slot(slots: &Slots, letter: char) -> Word {
    let found = slots.iter().find(|(name, _)| *name == letter);
    found.expect("the template has this slot").1
}

/// Fills a slot, given those filled before it: what may stand there, and what is needed to predict it.
pub(crate) type Fill<'f, 'w> = &'f dyn Fn(char, &Slots) -> (Menu<'w>, Phenomenon);

/// Decides what the program leaves open.
pub(crate) trait Pen {
    /// One word of a menu.
    fn pick(&mut self, menu: &Menu<'_>, needs: Phenomenon) -> Told<Word>;

    /// A word that is certain.
    fn must(&mut self, word: Word, needs: Phenomenon) -> Told<()>;

    /// Words since the document began.
    fn written(&self) -> usize;

    /// Words that are certain, and that the words before them tell.
    fn say(&mut self, words: &[Word]) -> Told<()> {
        words
            .iter()
            .try_for_each(|&word| self.must(word, Phenomenon::Local))
    }

    /// One of several weighted templates; returns its index and what fills its slots. No two may say the same words.
    ///
    /// `needs` is what it takes to predict the first word, and the first in which they differ; later differences are
    /// free.
    fn frame(
        &mut self,
        templates: &[(Template, f64)],
        needs: Phenomenon,
        fill: Fill<'_, '_>,
    ) -> Told<(usize, Slots)> {
        let mut live: SmallVec<[Candidate; 24]> = templates
            .iter()
            .enumerate()
            .filter(|(_, (_, weight))| *weight > 0.0)
            .map(|(index, &(_, weight))| Candidate {
                index,
                weight,
                slots: smallvec![],
            })
            .collect();
        let (mut at, mut needs) = (0, needs);
        while live.len() > 1 {
            let before = live.len();
            self.tell_apart(templates, &mut live, at, needs, fill)?;
            if live.len() < before {
                needs = Phenomenon::Free;
            }
            at += 1;
        }
        let last = live.pop().expect("the grammar offers no empty frame");
        let mut slots = last.slots;
        for (at, &word) in templates[last.index].0.iter().enumerate().skip(at) {
            match word.slot() {
                None if at == 0 => self.must(word, needs)?,
                None => self.must(word, Phenomenon::Local)?,
                Some(letter) => {
                    let (menu, needs) = fill(letter, &slots);
                    slots.push((letter, self.pick_or_must(&menu, needs)?));
                }
            }
        }
        Ok((last.index, slots))
    }

    /// The next word of several templates that are still possible: the forward sum.
    fn tell_apart(
        &mut self,
        templates: &[(Template, f64)],
        live: &mut SmallVec<[Candidate; 24]>,
        at: usize,
        needs: Phenomenon,
        fill: Fill<'_, '_>,
    ) -> Told<()> {
        let mut menu = Menu::new();
        let mut needed = None;
        for candidate in live.iter() {
            let word = templates[candidate.index].0[at];
            match word.slot() {
                None => menu = menu.word(word, candidate.weight),
                Some(letter) => {
                    let (open, needs) = fill(letter, &candidate.slots);
                    menu.add(&open, candidate.weight);
                    needed = Some(needs);
                }
            }
        }
        // Where all agree on a word nothing needs telling apart.
        let word = match menu.only() {
            Some(word) => {
                let certain = if at == 0 { needs } else { Phenomenon::Local };
                self.must(word, needed.unwrap_or(certain))?;
                word
            }
            None => {
                let slots_only = live
                    .iter()
                    .all(|candidate| templates[candidate.index].0[at].slot().is_some());
                let needs = if slots_only {
                    needed.unwrap_or(needs)
                } else {
                    needs
                };
                self.pick(&menu, needs)?
            }
        };
        live.retain(|candidate| {
            let expected = templates[candidate.index].0[at];
            match expected.slot() {
                None => expected == word,
                Some(letter) => {
                    candidate.weight *= fill(letter, &candidate.slots).0.prob(word);
                    candidate.slots.push((letter, word));
                    candidate.weight > 0.0
                }
            }
        });
        Ok(())
    }

    /// A menu that may hold one word only.
    fn pick_or_must(&mut self, menu: &Menu<'_>, needs: Phenomenon) -> Told<Word> {
        match menu.only() {
            Some(word) => self.must(word, needs).map(|()| word),
            None => self.pick(menu, needs),
        }
    }
}

/// A template that is still possible.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    index: usize,
    weight: f64,
    slots: Slots,
}
