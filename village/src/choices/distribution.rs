//! What may come next, with which probability: the only place where a probability is made.

use rand::{Rng, RngExt};
use smallvec::SmallVec;

use super::table::Table;
use crate::lexicon::Word;

/// A distribution over the next word: a sum of weighted words and classes. The weights need not sum to one, and the same
/// word may come from several parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distribution<'a> {
    components: SmallVec<[(f64, Component<'a>); 8]>,
    total: f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Component<'a> {
    Word(Word),
    /// A class without some of its words.
    Class(&'a Table, [Option<Word>; 2], f64),
}

impl Component<'_> {
    fn prob(&self, word: Word) -> f64 {
        match self {
            Component::Word(certain) => f64::from(u8::from(*certain == word)),
            Component::Class(_, excluded, _) if excluded.contains(&Some(word)) => 0.0,
            Component::Class(table, _, rest) => table.prob(word) / rest,
        }
    }

    fn draw(&self, random: &mut impl Rng) -> Word {
        match self {
            Component::Word(word) => *word,
            Component::Class(table, excluded, _) => loop {
                let word = table.at(random.random());
                if !excluded.contains(&Some(word)) {
                    return word;
                }
            },
        }
    }

    /// Every word it may be, with its probability.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Word, f64)) {
        match self {
            Component::Word(word) => visit(*word, 1.0),
            Component::Class(table, ..) => {
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

impl<'a> Distribution<'a> {
    pub(crate) fn new() -> Distribution<'a> {
        Distribution::default()
    }

    /// One word, for certain.
    pub(crate) fn certain(word: Word) -> Distribution<'a> {
        Distribution::new().word(word, 1.0)
    }

    /// A class, as it is.
    pub(crate) fn class(table: &'a Table) -> Distribution<'a> {
        Distribution::new().table(table, 1.0)
    }

    pub(crate) fn word(self, word: Word, weight: f64) -> Distribution<'a> {
        self.component(Component::Word(word), weight)
    }

    pub(crate) fn table(self, table: &'a Table, weight: f64) -> Distribution<'a> {
        self.component(Component::Class(table, [None; 2], 1.0), weight)
    }

    /// A class without up to two words.
    pub(crate) fn table_except(
        self,
        table: &'a Table,
        weight: f64,
        excluded: &[Word],
    ) -> Distribution<'a> {
        let mut missing = [None; 2];
        for (slot, &word) in missing.iter_mut().zip(excluded) {
            *slot = Some(word);
        }
        if missing[0] == missing[1] {
            missing[1] = None;
        }
        let missing_prob: f64 = missing.iter().flatten().map(|&word| table.prob(word)).sum();
        self.component(Component::Class(table, missing, 1.0 - missing_prob), weight)
    }

    fn component(mut self, component: Component<'a>, weight: f64) -> Distribution<'a> {
        if weight > 0.0 {
            self.components.push((weight, component));
            self.total += weight;
        }
        self
    }

    pub(crate) fn add(&mut self, other: &Distribution<'a>, weight: f64) {
        for (inner, component) in &other.components {
            self.components
                .push((weight * inner / other.total, *component));
        }
        self.total += weight;
    }

    /// The word, if it is the only one.
    pub(crate) fn only(&self) -> Option<Word> {
        let (_, first) = self.components.first()?;
        let Component::Word(word) = *first else {
            return None;
        };
        let same = |(_, component): &(f64, Component<'_>)| matches!(component, Component::Word(other) if *other == word);
        self.components.iter().all(same).then_some(word)
    }

    pub(crate) fn prob(&self, word: Word) -> f64 {
        let components = self.components.iter();
        components
            .map(|(weight, component)| weight * component.prob(word))
            .sum::<f64>()
            / self.total
    }

    pub(crate) fn draw(&self, random: &mut impl Rng) -> Word {
        self.part_at(random.random()).draw(random)
    }

    fn part_at(&self, point: f64) -> Component<'a> {
        let mut rest = point * self.total;
        for (weight, component) in &self.components {
            rest -= weight;
            if rest < 0.0 {
                return *component;
            }
        }
        self.components
            .last()
            .expect("the grammar offers no empty menu")
            .1
    }

    /// Every word with its probability; one that comes from several parts is visited for each of them.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Word, f64)) {
        for (weight, component) in &self.components {
            component.for_each(|word, prob| visit(word, prob * weight / self.total));
        }
    }
}
