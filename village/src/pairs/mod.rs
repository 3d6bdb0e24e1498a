//! Sentence pairs: English and Umric, a language of this world, both said from one meaning.
//!
//! Umric has its verb last, its adjectives after the noun, cases, and words of its own; where English says `because`, it
//! tells the reason first. Some words have a synonym, drawn with a known probability, so a sentence has several right
//! translations and the best BLEU is below 100.

mod cursor;
mod dictionary;
mod english;
mod english_reader;
mod meaning;
mod oracle;
mod sampling;
mod stems;
mod umric;
mod umric_grammar;
mod umric_reader;
mod word_entries;
mod wording;

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use self::dictionary::Dictionary;
pub use self::meaning::Meaning;
use self::oracle::Language;
pub use self::oracle::{Direction, OracleTranslator};
use self::sampling::MeaningSampler;
use crate::error::Result;
use crate::settings::Settings;

/// The stream of random numbers of the pairs, far from those of the documents.
const PAIRS_STREAM: u64 = u64::MAX - 1;

/// Words of a sentence in its likeliest English, the full stop among them.
const FEWEST_WORDS: usize = 4;
const MOST_WORDS: usize = 22;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What both say.
    pub meaning: Meaning,
    /// In English, words divided by spaces.
    pub english: String,
    /// In Umric, words divided by spaces.
    pub umric: String,
}

/// Draws pairs without end. No two say the same, so no sentence of either side comes twice.
#[derive(Debug, Clone)]
pub struct Pairs {
    dictionary: Dictionary,
    random: ChaCha8Rng,
    used: HashSet<Meaning>,
}

impl Pairs {
    /// The pairs of these settings; `settings.pairs` is the caller's to count.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming the field, its value and its bound.
    pub fn new(settings: &Settings) -> Result<Pairs> {
        settings.validate()?;
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        random.set_stream(PAIRS_STREAM);
        Ok(Pairs {
            dictionary: Dictionary::new(settings),
            random,
            used: HashSet::new(),
        })
    }

    /// Every English word that a pair can have, in alphabetical order.
    pub fn english_words(&self) -> Vec<String> {
        let [open, _] = self.dictionary.open_words();
        sorted(open, english::grammar())
    }

    /// Every Umric word that a pair can have, in alphabetical order.
    pub fn umric_words(&self) -> Vec<String> {
        let [_, open] = self.dictionary.open_words();
        sorted(open, umric_grammar::grammar())
    }

    /// Something that was not said before, and is not too long.
    fn next_meaning(&mut self) -> Meaning {
        loop {
            let meaning = MeaningSampler {
                dictionary: &self.dictionary,
                random: &mut self.random,
            }
            .meaning();
            // The likeliest wording is measured, not the one that is drawn later: so the length tells nothing about
            // the choice of synonyms, and their probabilities stay what they are.
            let english = Language::English.most_probable(&self.dictionary, &meaning);
            let length = english.split(' ').count();
            if (FEWEST_WORDS..=MOST_WORDS).contains(&length) && self.used.insert(meaning) {
                return meaning;
            }
        }
    }
}

impl Iterator for Pairs {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        let meaning = self.next_meaning();
        Some(Pair {
            meaning,
            english: english::render(&self.dictionary, &meaning, &mut self.random),
            umric: umric::render(&self.dictionary, &meaning, &mut self.random),
        })
    }
}

fn sorted(open: Vec<&str>, grammar: Vec<&str>) -> Vec<String> {
    let words: BTreeSet<&str> = open.into_iter().chain(grammar).collect();
    words.into_iter().map(str::to_owned).collect()
}
