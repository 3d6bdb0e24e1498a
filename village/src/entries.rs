//! The oracle as an era: the generator of the corpus, which is optimal in expectation.

use std::path::Path;

use corpus::Corpus;
use harness::{
    Entry, EntryId, Era, EraRole, Judge, Model, ModelCard, TextModel, Track, Training, config_table,
};

use crate::{Direction, Error, Oracle, OracleTranslator, Village, VillageJudge};

/// The era's name, in records and on the command line.
pub const ORACLE: &str = "oracle";

/// The oracle as an [`Era`].
#[derive(Debug)]
pub struct OracleEra;

impl Era for OracleEra {
    fn name(&self) -> &'static str {
        ORACLE
    }

    fn year(&self) -> Option<u16> {
        None
    }

    fn paper(&self) -> &'static str {
        "the generator of the village"
    }

    fn idea(&self) -> &'static str {
        "The generator of the village, which knows the probability of every word: its perplexity is the floor for all models."
    }

    fn role(&self) -> EraRole {
        EraRole::Oracle
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[
            &OracleEntry(Track::LanguageModelling),
            &OracleEntry(Track::Translation),
            &OracleEntry(Track::Conversation),
        ]
    }

    fn judge(&self, corpus: &Corpus) -> harness::Result<Option<Box<dyn Judge>>> {
        Ok(match corpus.record.generator {
            Some(_) => Some(Box::new(VillageJudge::new(Village::of(corpus)?))),
            None => None,
        })
    }
}

/// The oracle in one track.
struct OracleEntry(Track);

impl Entry for OracleEntry {
    fn id(&self) -> EntryId {
        let variant = match self.0 {
            Track::Translation => "translator",
            _ => "village",
        };
        EntryId {
            track: self.0,
            ..EntryId::language_model(None, ORACLE, variant)
        }
    }

    fn idea(&self) -> &'static str {
        match self.0 {
            Track::Translation => "The grammar that made both sentences.",
            Track::Conversation => {
                "The generator itself, which knows every speaker and everything that was said."
            }
            _ => "The generator itself, which knows the probability of every word it wrote.",
        }
    }

    fn unsuited(&self, corpus: &Corpus) -> Option<String> {
        match corpus.record.generator {
            None => Some("the oracle only knows the village".to_owned()),
            Some(_) => self.0.unsuited(corpus),
        }
    }

    /// Nothing is trained: the oracle is rebuilt from the settings of the corpus.
    fn train(
        &self,
        _: &toml::Table,
        corpus: &Corpus,
        _: &mut Training<'_>,
        folder: &Path,
    ) -> harness::Result<()> {
        let config = config_table(&Village::of(corpus)?.generator());
        let card = match self.0 {
            Track::Translation => ModelCard::of(&self.id(), &corpus.pairs()?.1, 0),
            _ => {
                corpus.codec().save(folder)?;
                ModelCard::of(&self.id(), corpus, 0)
            }
        };
        ModelCard { config, ..card }.write(folder)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<Model> {
        let generator: corpus::Generator = card.settings(folder)?;
        let village = Village::of_generator(&generator)?;
        if self.0 == Track::Translation {
            let translator = OracleTranslator::new(village.settings(), Direction::FromEnglish)?;
            return Ok(Model::Translator(Box::new(translator)));
        }
        let codec = card.codec(folder)?;
        let oracle = Oracle::new(village, codec.vocab())?;
        Ok(Model::Text(TextModel {
            codec,
            model: Box::new(oracle),
        }))
    }
}

impl From<Error> for harness::Error {
    fn from(error: Error) -> harness::Error {
        match error {
            Error::Harness(error) => error,
            Error::Corpus(error) => harness::Error::Corpus(error),
            other => harness::Error::era(other),
        }
    }
}
