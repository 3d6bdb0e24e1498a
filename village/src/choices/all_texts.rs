//! A choice source that enumerates every text of the grammar with its probability, by brute force.
//!
//! Nothing is merged: a template is chosen as a whole, then each slot is filled, one mixture component at a time. The
//! probability of a text is the sum over all derivations and depends neither on [`Distribution::prob`] nor on the
//! forward sum of [`ChoiceSource::choose_template`].

use std::collections::BTreeMap;

use super::{ChoiceResult, ChoiceSource, Distribution, Fill, Slots, Template};
use crate::lexicon::Word;
use crate::phenomenon::Phenomenon;

/// One path through all choices of the program.
#[derive(Debug, Default)]
pub(crate) struct Path {
    /// The option taken at each choice, and the number of options.
    taken_options: Vec<(usize, usize)>,
    /// Number of choices made so far on this path.
    depth: usize,
    words: Vec<Word>,
    prob: f64,
}

/// Every text that `generate` can write, with its probability.
///
/// # Panics
/// If there are more than `max_paths` derivations, so the grammar is not tiny.
pub(crate) fn all_texts(
    max_paths: usize,
    generate: impl Fn(&mut Path) -> ChoiceResult<()>,
) -> BTreeMap<Vec<Word>, f64> {
    let mut path = Path::default();
    let mut texts = BTreeMap::new();
    for _ in 0..max_paths {
        (path.depth, path.prob) = (0, 1.0);
        path.words.clear();
        generate(&mut path).expect("enumeration never stops early");
        *texts.entry(path.words.clone()).or_insert(0.0) += path.prob;
        if !path.advance() {
            return texts;
        }
    }
    panic!("more than {max_paths} derivations");
}

impl Path {
    /// Moves on to the next path: the last choice that has another option takes it, and later choices are discarded.
    fn advance(&mut self) -> bool {
        while let Some((taken, options)) = self.taken_options.pop() {
            if taken + 1 < options {
                self.taken_options.push((taken + 1, options));
                return true;
            }
        }
        false
    }

    /// Takes one of several weighted options.
    fn take_option(&mut self, weights: &[f64]) -> usize {
        if self.depth == self.taken_options.len() {
            self.taken_options.push((0, weights.len()));
        }
        let (taken, _) = self.taken_options[self.depth];
        self.depth += 1;
        self.prob *= weights[taken] / weights.iter().sum::<f64>();
        taken
    }
}

impl ChoiceSource for Path {
    fn choose(
        &mut self,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
    ) -> ChoiceResult<Word> {
        let (mut words, mut weights) = (Vec::new(), Vec::new());
        distribution.for_each(|word, prob| {
            words.push(word);
            weights.push(prob);
        });
        let word = words[self.take_option(&weights)];
        self.emit(word, phenomenon)?;
        Ok(word)
    }

    fn emit(&mut self, word: Word, _: Phenomenon) -> ChoiceResult<()> {
        self.words.push(word);
        Ok(())
    }

    fn position(&self) -> usize {
        self.words.len()
    }

    fn choose_template(
        &mut self,
        templates: &[(Template, f64)],
        phenomenon: Phenomenon,
        fill: Fill<'_, '_>,
    ) -> ChoiceResult<(usize, Slots)> {
        let possible: Vec<usize> = (0..templates.len())
            .filter(|&index| templates[index].1 > 0.0)
            .collect();
        let weights: Vec<f64> = possible.iter().map(|&index| templates[index].1).collect();
        let index = possible[self.take_option(&weights)];
        let mut slots = Slots::new();
        for &word in templates[index].0 {
            match word.slot() {
                None => self.emit(word, phenomenon)?,
                Some(letter) => {
                    let (distribution, phenomenon) = fill(letter, &slots);
                    slots.push((letter, self.choose(&distribution, phenomenon)?));
                }
            }
        }
        Ok((index, slots))
    }
}
