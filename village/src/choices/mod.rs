//! The generator is a program with explicit choices. A [`ChoiceSource`] decides them: a [`Writer`] draws at random, a
//! [`Reader`] follows a given text. Sampling and scoring are therefore the same code.
//!
//! Every choice has a distribution over the *next word* given the state of the program, and the state is a function
//! of the words so far. For sentences with a common prefix, an exact forward sum over the candidates gives the
//! distribution ([`ChoiceSource::choose_template`]).

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

/// Why generation stops early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The text ends here.
    End,
    /// The grammar does not allow the word at this position.
    Impossible,
}

/// The result of a choice, or why generation stops.
pub(crate) type ChoiceResult<T> = Result<T, Stop>;

/// A sentence with slots. See [`crate::lexicon::words`].
pub(crate) type Template = &'static [Word];

/// The slots of the chosen template and their words, in order.
pub(crate) type Slots = SmallVec<[(char, Word); 4]>;

/// The word in a slot.
///
/// # Panics
/// If the template has no such slot.
pub(crate) fn slot(slots: &Slots, letter: char) -> Word {
    let found = slots.iter().find(|(name, _)| *name == letter);
    found.expect("the template has this slot").1
}

/// Fills a slot given the earlier ones: the distribution of its word, and the phenomenon that predicts it.
pub(crate) type Fill<'f, 'w> = &'f dyn Fn(char, &Slots) -> (Distribution<'w>, Phenomenon);

/// Decides the choices of the generator.
pub(crate) trait ChoiceSource {
    /// Chooses a word from a distribution.
    fn choose(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word>;

    /// Emits a word that is certain.
    fn emit(&mut self, word: Word, phenomenon: Phenomenon) -> ChoiceResult<()>;

    /// Number of words since the document began.
    fn position(&self) -> usize;

    /// Emits words that are certain given the words before them.
    fn emit_all(&mut self, words: &[Word]) -> ChoiceResult<()> {
        words
            .iter()
            .try_for_each(|&word| self.emit(word, Phenomenon::Local))
    }

    /// Chooses one of several weighted templates. Returns its index and its filled slots. No two templates may
    /// produce the same words.
    ///
    /// `phenomenon` predicts the first word and the first word at which the templates differ; later differences are
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
        let last = candidates
            .pop()
            .expect("a choice has at least one template");
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

    /// Chooses the next word of all candidate templates: the forward sum.
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
                    let (words, phenomenon) = fill(letter, &candidate.slots);
                    distribution.add(&words, candidate.weight);
                    slot_phenomenon = Some(phenomenon);
                }
            }
        }
        // No choice is made where all candidates agree on a word.
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

    /// Chooses from a distribution, or emits its only word.
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

/// A template that agrees with the words so far.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    index: usize,
    weight: f64,
    slots: Slots,
}
