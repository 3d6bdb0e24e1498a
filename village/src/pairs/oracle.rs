//! The translator that knows both languages.

use harness::Translator;

use super::dictionary::Dictionary;
use super::meaning::Meaning;
use super::wording::MostProbable;
use super::{english, english_reader, umric, umric_reader};
use crate::error::Result;
use crate::settings::Settings;

/// The two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Umric,
}

impl Language {
    /// What a sentence says, and ln p of the sentence among those that say so.
    pub(super) fn read(self, dictionary: &Dictionary, text: &str) -> Option<(Meaning, f64)> {
        match self {
            Language::English => english_reader::read(dictionary, text),
            Language::Umric => umric_reader::read(dictionary, text),
        }
    }

    /// The likeliest sentence.
    pub(super) fn most_probable(self, dictionary: &Dictionary, meaning: &Meaning) -> String {
        match self {
            Language::English => english::render(dictionary, meaning, &mut MostProbable),
            Language::Umric => umric::render(dictionary, meaning, &mut MostProbable),
        }
    }
}

/// Which way a translation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From Umric to English.
    ToEnglish,
    /// From English to Umric.
    FromEnglish,
}

impl Direction {
    /// Source and target.
    fn languages(self) -> [Language; 2] {
        match self {
            Direction::ToEnglish => [Language::Umric, Language::English],
            Direction::FromEnglish => [Language::English, Language::Umric],
        }
    }
}

/// Translates by knowing: reads the meaning and says it in the likeliest words. No translator has a better expected
/// ln p; its BLEU is what can be had by a translator that does not know which synonym was drawn.
#[derive(Debug, Clone)]
pub struct OracleTranslator {
    dictionary: Dictionary,
    direction: Direction,
}

impl OracleTranslator {
    /// The oracle of the pairs that these settings make.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming the field, its value and its bound.
    pub fn new(settings: &Settings, direction: Direction) -> Result<OracleTranslator> {
        settings.validate()?;
        Ok(OracleTranslator {
            dictionary: Dictionary::new(settings),
            direction,
        })
    }

    fn meaning(&self, source: &str) -> harness::Result<Meaning> {
        let [from, _] = self.direction.languages();
        match from.read(&self.dictionary, source) {
            Some((meaning, _)) => Ok(meaning),
            None => Err(harness::Error::Model {
                model: "oracle translator".to_owned(),
                what: format!("{source:?} is not a sentence of this world's {from:?}"),
            }),
        }
    }
}

impl Translator for OracleTranslator {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        let [_, to] = self.direction.languages();
        let translate =
            |source: &&str| Ok(to.most_probable(&self.dictionary, &self.meaning(source)?));
        sources.iter().map(translate).collect()
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        let [_, to] = self.direction.languages();
        let score = |(source, target): &(&str, &str)| {
            let meaning = self.meaning(source)?;
            Ok(match to.read(&self.dictionary, target) {
                Some((used, log_prob)) if used == meaning => log_prob,
                _ => f64::NEG_INFINITY,
            })
        };
        pairs.iter().map(score).collect()
    }
}
