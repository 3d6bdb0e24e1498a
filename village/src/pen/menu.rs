//! What may come next, with which probability: the only place where a probability is made.

use rand::{Rng, RngExt};
use smallvec::SmallVec;

use super::table::Table;
use crate::lexicon::Word;

/// A distribution over the next word: a sum of weighted words and classes. The weights need not sum to one, and the same
/// word may come from several parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Menu<'a> {
    parts: SmallVec<[(f64, Part<'a>); 8]>,
    total: f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    Word(Word),
    /// A class without some of its words.
    Class(&'a Table, [Option<Word>; 2], f64),
}

impl Part<'_> {
    fn prob(&self, word: Word) -> f64 {
        match self {
            Part::Word(certain) => f64::from(u8::from(*certain == word)),
            Part::Class(_, except, _) if except.contains(&Some(word)) => 0.0,
            Part::Class(table, _, rest) => table.prob(word) / rest,
        }
    }

    fn draw(&self, random: &mut impl Rng) -> Word {
        match self {
            Part::Word(word) => *word,
            Part::Class(table, except, _) => loop {
                let word = table.at(random.random());
                if !except.contains(&Some(word)) {
                    return word;
                }
            },
        }
    }

    /// Every word it may be, with its probability.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Word, f64)) {
        match self {
            Part::Word(word) => visit(*word, 1.0),
            Part::Class(table, ..) => {
                for &word in table.words() {
                    match self.prob(word) {
                        0.0 => {}
                        prob => visit(word, prob),
                    }
                }
            }
        }
    }
}

impl<'a> Menu<'a> {
    pub(crate) fn new() -> Menu<'a> {
        Menu::default()
    }

    /// One word, for certain.
    pub(crate) fn certain(word: Word) -> Menu<'a> {
        Menu::new().word(word, 1.0)
    }

    /// A class, as it is.
    pub(crate) fn class(table: &'a Table) -> Menu<'a> {
        Menu::new().table(table, 1.0)
    }

    pub(crate) fn word(self, word: Word, weight: f64) -> Menu<'a> {
        self.part(Part::Word(word), weight)
    }

    pub(crate) fn table(self, table: &'a Table, weight: f64) -> Menu<'a> {
        self.part(Part::Class(table, [None; 2], 1.0), weight)
    }

    /// A class without up to two words.
    pub(crate) fn table_except(self, table: &'a Table, weight: f64, except: &[Word]) -> Menu<'a> {
        let mut left_out = [None; 2];
        for (slot, &word) in left_out.iter_mut().zip(except) {
            *slot = Some(word);
        }
        if left_out[0] == left_out[1] {
            left_out[1] = None;
        }
        let missing: f64 = left_out
            .iter()
            .flatten()
            .map(|&word| table.prob(word))
            .sum();
        self.part(Part::Class(table, left_out, 1.0 - missing), weight)
    }

    fn part(mut self, part: Part<'a>, weight: f64) -> Menu<'a> {
        if weight > 0.0 {
            self.parts.push((weight, part));
            self.total += weight;
        }
        self
    }

    pub(crate) fn add(&mut self, other: &Menu<'a>, weight: f64) {
        for (inner, part) in &other.parts {
            self.parts.push((weight * inner / other.total, *part));
        }
        self.total += weight;
    }

    /// The word, if it is the only one.
    pub(crate) fn only(&self) -> Option<Word> {
        let (_, first) = self.parts.first()?;
        let Part::Word(word) = *first else {
            return None;
        };
        let same =
            |(_, part): &(f64, Part<'_>)| matches!(part, Part::Word(other) if *other == word);
        self.parts.iter().all(same).then_some(word)
    }

    pub(crate) fn prob(&self, word: Word) -> f64 {
        let parts = self.parts.iter();
        parts
            .map(|(weight, part)| weight * part.prob(word))
            .sum::<f64>()
            / self.total
    }

    pub(crate) fn draw(&self, random: &mut impl Rng) -> Word {
        self.part_at(random.random()).draw(random)
    }

    fn part_at(&self, point: f64) -> Part<'a> {
        let mut rest = point * self.total;
        for (weight, part) in &self.parts {
            rest -= weight;
            if rest < 0.0 {
                return *part;
            }
        }
        self.parts
            .last()
            .expect("the grammar offers no empty menu")
            .1
    }

    /// Every word with its probability; one that comes from several parts is visited for each of them.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Word, f64)) {
        for (weight, part) in &self.parts {
            part.for_each(|word, prob| visit(word, prob * weight / self.total));
        }
    }
}
