//! The pen that writes every text there is, by brute force, with its probability.
//!
//! Nothing is merged here: a template is chosen as a whole, then each slot is filled, part by part of its menu. So the
//! probability of a text is the sum over all ways of making it, and owes nothing to [`super::Menu::prob`] or to the
//! forward sum of [`super::Pen::frame`].

use std::collections::BTreeMap;

use super::{Fill, Menu, Pen, Slots, Template, Told};
use crate::lexicon::Word;
use crate::phenomenon::Phenomenon;

/// A way through all choices of the program.
#[derive(Debug, Default)]
pub(crate) struct Path {
    /// At each choice, which option is taken and how many there are.
    choices: Vec<(usize, usize)>,
    /// Choices made in this telling.
    made: usize,
    words: Vec<Word>,
    prob: f64,
}

/// Every text that `tell` can write, with its probability.
///
/// # Panics
/// If there are more than `most` ways of telling: the grammar is not tiny.
pub(crate) fn all_texts(
    most: usize,
    tell: impl Fn(&mut Path) -> Told<()>,
) -> BTreeMap<Vec<Word>, f64> {
    let mut path = Path::default();
    let mut texts = BTreeMap::new();
    for _ in 0..most {
        (path.made, path.prob) = (0, 1.0);
        path.words.clear();
        tell(&mut path).expect("a path has no end of its own");
        *texts.entry(path.words.clone()).or_insert(0.0) += path.prob;
        if !path.advance() {
            return texts;
        }
    }
    panic!("more than {most} ways of telling");
}

impl Path {
    /// Goes on to the next way: the last choice that has another option takes it, and what came after is forgotten.
    fn advance(&mut self) -> bool {
        while let Some((taken, options)) = self.choices.pop() {
            if taken + 1 < options {
                self.choices.push((taken + 1, options));
                return true;
            }
        }
        false
    }

    /// Takes one of several weighted options.
    fn choose(&mut self, weights: &[f64]) -> usize {
        if self.made == self.choices.len() {
            self.choices.push((0, weights.len()));
        }
        let (taken, _) = self.choices[self.made];
        self.made += 1;
        self.prob *= weights[taken] / weights.iter().sum::<f64>();
        taken
    }
}

impl Pen for Path {
    fn pick(&mut self, menu: &Menu<'_>, needs: Phenomenon) -> Told<Word> {
        let (mut words, mut weights) = (Vec::new(), Vec::new());
        menu.for_each(|word, prob| {
            words.push(word);
            weights.push(prob);
        });
        let word = words[self.choose(&weights)];
        self.must(word, needs)?;
        Ok(word)
    }

    fn must(&mut self, word: Word, _: Phenomenon) -> Told<()> {
        self.words.push(word);
        Ok(())
    }

    fn written(&self) -> usize {
        self.words.len()
    }

    fn frame(
        &mut self,
        templates: &[(Template, f64)],
        needs: Phenomenon,
        fill: Fill<'_, '_>,
    ) -> Told<(usize, Slots)> {
        let possible: Vec<usize> = (0..templates.len())
            .filter(|&index| templates[index].1 > 0.0)
            .collect();
        let weights: Vec<f64> = possible.iter().map(|&index| templates[index].1).collect();
        let index = possible[self.choose(&weights)];
        let mut slots = Slots::new();
        for &word in templates[index].0 {
            match word.slot() {
                None => self.must(word, needs)?,
                Some(letter) => {
                    let (menu, needs) = fill(letter, &slots);
                    slots.push((letter, self.pick(&menu, needs)?));
                }
            }
        }
        Ok((index, slots))
    }
}
