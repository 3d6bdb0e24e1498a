//! The translator that knows both grammars.

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
    /// The meaning of a sentence, and ln p of the sentence given the meaning.
    pub(super) fn read(self, dictionary: &Dictionary, text: &str) -> Option<(Meaning, f64)> {
        match self {
            Language::English => english_reader::read(dictionary, text),
            Language::Umric => umric_reader::read(dictionary, text),
        }
    }

    /// The most probable sentence.
    pub(super) fn most_probable(self, dictionary: &Dictionary, meaning: &Meaning) -> String {
        match self {
            Language::English => english::render(dictionary, meaning, &mut MostProbable),
            Language::Umric => umric::render(dictionary, meaning, &mut MostProbable),
        }
    }
}

/// The direction of a translation.
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

/// Parses the source and writes its meaning with the most probable words. No translator has a better expected ln p.
/// Its BLEU is the ceiling for translators that cannot know which synonym was drawn.
#[derive(Debug, Clone)]
pub struct OracleTranslator {
    dictionary: Dictionary,
    direction: Direction,
}

impl OracleTranslator {
    /// The oracle for the pairs of these settings.
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
                what: format!("{source:?} is not a sentence of the village's {from:?}"),
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
                Some((target_meaning, log_prob)) if target_meaning == meaning => log_prob,
                _ => f64::NEG_INFINITY,
            })
        };
        pairs.iter().map(score).collect()
    }
}
