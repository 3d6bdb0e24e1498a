//! The generator is a program over explicit choices. A pen decides them: by drawing ([`Writer`]) or by reading what was
//! written ([`Reader`]). So sampling and scoring are the same code.
//!
//! At each choice stands a distribution over the *next word*, given what the program remembers, and what it remembers
//! is a function of the words so far. Sentences that share their first words are kept apart by an exact forward sum over
//! those still possible ([`Pen::frame`]).

mod distribution;
mod reader;
mod table;
mod writer;

#[cfg(test)]
pub(crate) mod all_texts;

use smallvec::{SmallVec, smallvec};

pub(crate) use distribution::Distribution;
pub(crate) use reader::{Observer, Reader};
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

pub(crate) type ChoiceResult<T> = Result<T, Stop>;

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
pub(crate) type Fill<'f, 'w> = &'f dyn Fn(char, &Slots) -> (Distribution<'w>, Phenomenon);

/// Decides what the program leaves open.
pub(crate) trait ChoiceSource {
    /// One word of a menu.
    fn choose(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word>;

    /// A word that is certain.
    fn emit(&mut self, word: Word, phenomenon: Phenomenon) -> ChoiceResult<()>;

    /// Words since the document began.
    fn position(&self) -> usize;

    /// Words that are certain, and that the words before them tell.
    fn emit_all(&mut self, words: &[Word]) -> ChoiceResult<()> {
        words
            .iter()
            .try_for_each(|&word| self.emit(word, Phenomenon::Local))
    }

    /// One of several weighted templates; returns its index and what fills its slots. No two may say the same words.
    ///
    /// `needs` is what it takes to predict the first word, and the first in which they differ; later differences are
    /// free.
    fn choose_template(
        &mut self,
        templates: &[(Template, f64)],
        phenomenon: Phenomenon,
        fill: Fill<'_, '_>,
    ) -> ChoiceResult<(usize, Slots)> {
        let mut candidates: SmallVec<[Candidate; 24]> = templates
            .iter()
            .enumerate()
            .filter(|(_, (_, weight))| *weight > 0.0)
            .map(|(index, &(_, weight))| Candidate {
                index,
                weight,
                slots: smallvec![],
            })
            .collect();
        let (mut at, mut phenomenon) = (0, phenomenon);
        while candidates.len() > 1 {
            let before = candidates.len();
            self.choose_template_word(templates, &mut candidates, at, phenomenon, fill)?;
            if candidates.len() < before {
                phenomenon = Phenomenon::Free;
            }
            at += 1;
        }
        let last = candidates.pop().expect("the grammar offers no empty frame");
        let mut slots = last.slots;
        for (at, &word) in templates[last.index].0.iter().enumerate().skip(at) {
            match word.slot() {
                None if at == 0 => self.emit(word, phenomenon)?,
                None => self.emit(word, Phenomenon::Local)?,
                Some(letter) => {
                    let (distribution, phenomenon) = fill(letter, &slots);
                    slots.push((letter, self.choose_or_emit(&distribution, phenomenon)?));
                }
            }
        }
        Ok((last.index, slots))
    }

    /// The next word of several templates that are still possible: the forward sum.
    fn choose_template_word(
        &mut self,
        templates: &[(Template, f64)],
        candidates: &mut SmallVec<[Candidate; 24]>,
        at: usize,
        phenomenon: Phenomenon,
        fill: Fill<'_, '_>,
    ) -> ChoiceResult<()> {
        let mut distribution = Distribution::new();
        let mut slot_phenomenon = None;
        for candidate in candidates.iter() {
            let word = templates[candidate.index].0[at];
            match word.slot() {
                None => distribution = distribution.word(word, candidate.weight),
                Some(letter) => {
                    let (open, phenomenon) = fill(letter, &candidate.slots);
                    distribution.add(&open, candidate.weight);
                    slot_phenomenon = Some(phenomenon);
                }
            }
        }
        // Where all agree on a word nothing needs telling apart.
        let word = match distribution.only() {
            Some(word) => {
                let certain = if at == 0 {
                    phenomenon
                } else {
                    Phenomenon::Local
                };
                self.emit(word, slot_phenomenon.unwrap_or(certain))?;
                word
            }
            None => {
                let slots_only = candidates
                    .iter()
                    .all(|candidate| templates[candidate.index].0[at].slot().is_some());
                let phenomenon = if slots_only {
                    slot_phenomenon.unwrap_or(phenomenon)
                } else {
                    phenomenon
                };
                self.choose(&distribution, phenomenon)?
            }
        };
        candidates.retain(|candidate| {
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
    fn choose_or_emit(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word> {
        match distribution.only() {
            Some(word) => self.emit(word, phenomenon).map(|()| word),
            None => self.choose(distribution, phenomenon),
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
