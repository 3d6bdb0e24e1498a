//! Sentence pairs in English and Umric, an invented language. Both sentences are generated from one meaning.
//!
//! Umric is verb-final, puts adjectives after the noun, marks cases, and has its own words; a clause with `because`
//! precedes the main clause. Some words have a synonym with a known probability, so a sentence has several correct
//! translations and the best possible BLEU is below 100.

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

/// The random stream of the pairs, which no document uses.
const PAIRS_STREAM: u64 = u64::MAX - 1;

/// Bounds on the length of the most probable English sentence, in words with the full stop.
const MIN_WORDS: usize = 4;
const MAX_WORDS: usize = 22;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The common meaning.
    pub meaning: Meaning,
    /// The English words, separated by spaces.
    pub english: String,
    /// The Umric words, separated by spaces.
    pub umric: String,
}

/// An endless sequence of random pairs. No meaning is repeated, so neither is any sentence.
#[derive(Debug, Clone)]
pub struct Pairs {
    dictionary: Dictionary,
    random: ChaCha8Rng,
    used: HashSet<Meaning>,
}

impl Pairs {
    /// The pairs of these settings. The caller takes `settings.pairs` of them.
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

    /// Every English word that a pair can contain, in alphabetical order.
    pub fn english_words(&self) -> Vec<String> {
        let [open, _] = self.dictionary.open_words();
        sorted(open, english::grammar())
    }

    /// Every Umric word that a pair can contain, in alphabetical order.
    pub fn umric_words(&self) -> Vec<String> {
        let [_, open] = self.dictionary.open_words();
        sorted(open, umric_grammar::grammar())
    }

    /// Draws a new meaning of suitable length.
    fn next_meaning(&mut self) -> Meaning {
        loop {
            let meaning = MeaningSampler {
                dictionary: &self.dictionary,
                random: &mut self.random,
            }
            .meaning();
            // The length is that of the most probable wording, not of the drawn one. Otherwise a length limit would
            // change the probabilities of the synonyms.
            let english = Language::English.most_probable(&self.dictionary, &meaning);
            let length = english.split(' ').count();
            if (MIN_WORDS..=MAX_WORDS).contains(&length) && self.used.insert(meaning) {
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
