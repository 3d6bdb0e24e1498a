//! The upper bound on translation quality for the village's sentence pairs.

use corpus::{Corpus, Split};
use harness::{Bleu, Translator, bleu};

use crate::error::Result;
use crate::pairs::{Direction, OracleTranslator};
use crate::village::Village;

/// BLEU of the oracle's translations of the test pairs. The references choose among synonyms at random, so no
/// translator can be expected to score much higher.
#[derive(Debug, Clone)]
pub struct Ceiling {
    /// English to Umric, the direction from source to target of the pairs.
    pub from_english: Bleu,
    /// Umric to English.
    pub to_english: Bleu,
}

impl Ceiling {
    /// Measures the ceiling on the test pairs of a village corpus.
    ///
    /// # Errors
    /// [`crate::Error::Foreign`] if the village did not generate the corpus, [`crate::Error::Corpus`] if it has no
    /// pairs.
    pub fn of(corpus: &Corpus) -> Result<Ceiling> {
        let village = Village::of(corpus)?;
        let (source, target) = corpus.pairs()?;
        let (english, umric) = (sentences(&source)?, sentences(&target)?);
        let measure = |direction, from: &[String], to: &[String]| {
            let oracle = OracleTranslator::new(village.settings(), direction)?;
            let from: Vec<&str> = from.iter().map(String::as_str).collect();
            let translated = oracle.translate(&from)?;
            let translated: Vec<&str> = translated.iter().map(String::as_str).collect();
            let references: Vec<Vec<&str>> =
                to.iter().map(|sentence| vec![sentence.as_str()]).collect();
            Ok::<_, crate::Error>(bleu(&translated, &references))
        };
        Ok(Ceiling {
            from_english: measure(Direction::FromEnglish, &english, &umric)?,
            to_english: measure(Direction::ToEnglish, &umric, &english)?,
        })
    }
}

/// The test sentences of one language.
fn sentences(side: &Corpus) -> Result<Vec<String>> {
    let stream = side.split(Split::Test)?;
    let text = |span: &corpus::Span| {
        let text = side.codec().decode(&stream.read(span.range()))?;
        Ok(text.trim_end().to_owned())
    };
    stream.documents.iter().map(text).collect()
}
