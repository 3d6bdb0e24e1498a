//! The distribution over the next word. No other module computes a probability of a word.

use rand::{Rng, RngExt};
use smallvec::SmallVec;

use super::table::Table;
use crate::lexicon::Word;

/// A distribution over the next word: a mixture of single words and word classes. The weights need not sum to one,
/// and several components may contain the same word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distribution<'a> {
    components: SmallVec<[(f64, Component<'a>); 8]>,
    total: f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Component<'a> {
    Word(Word),
    /// A class without some of its words, and the remaining probability mass.
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

    /// Visits every word of the component with its probability.
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

    /// A single word with probability 1.
    pub(crate) fn certain(word: Word) -> Distribution<'a> {
        Distribution::new().word(word, 1.0)
    }

    /// A whole class.
    pub(crate) fn class(table: &'a Table) -> Distribution<'a> {
        Distribution::new().table(table, 1.0)
    }

    /// A class without up to two of its words.
    pub(crate) fn class_except(table: &'a Table, excluded: &[Word]) -> Distribution<'a> {
        Distribution::new().table_except(table, 1.0, excluded)
    }

    /// Words with equal probabilities.
    pub(crate) fn uniform(words: impl IntoIterator<Item = Word>) -> Distribution<'a> {
        let words = words.into_iter();
        words.fold(Distribution::new(), |distribution, word| {
            distribution.word(word, 1.0)
        })
    }

    pub(crate) fn word(self, word: Word, weight: f64) -> Distribution<'a> {
        self.component(Component::Word(word), weight)
    }

    pub(crate) fn table(self, table: &'a Table, weight: f64) -> Distribution<'a> {
        self.component(Component::Class(table, [None; 2], 1.0), weight)
    }

    /// Adds a class without up to two of its words.
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

    /// Adds a whole distribution as one component.
    pub(crate) fn add(&mut self, other: &Distribution<'a>, weight: f64) {
        for (inner, component) in &other.components {
            self.components
                .push((weight * inner / other.total, *component));
        }
        self.total += weight;
    }

    /// The only possible word, if there is just one.
    pub(crate) fn only(&self) -> Option<Word> {
        let (_, first) = self.components.first()?;
        let Component::Word(word) = *first else {
            return None;
        };
        let is_same = |component: &Component<'_>| matches!(component, Component::Word(other) if *other == word);
        let mut components = self.components.iter().map(|(_, component)| component);
        components.all(is_same).then_some(word)
    }

    pub(crate) fn prob(&self, word: Word) -> f64 {
        let components = self.components.iter();
        components
            .map(|(weight, component)| weight * component.prob(word))
            .sum::<f64>()
            / self.total
    }

    pub(crate) fn draw(&self, random: &mut impl Rng) -> Word {
        self.component_at(random.random()).draw(random)
    }

    fn component_at(&self, point: f64) -> Component<'a> {
        let mut rest = point * self.total;
        for (weight, component) in &self.components {
            rest -= weight;
            if rest < 0.0 {
                return *component;
            }
        }
        self.components
            .last()
            .expect("a distribution has components")
            .1
    }

    /// Visits every word with its probability. A word of several components is visited once for each.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Word, f64)) {
        for (weight, component) in &self.components {
            component.for_each(|word, prob| visit(word, prob * weight / self.total));
        }
    }
}
