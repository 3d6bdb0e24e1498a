//! The era and its entries, as the program's runs use them.

use std::path::Path;

use corpus::{Corpus, Split};
use harness::{
    Adaptation, Entry, EntryId, Era, Experiment, Model as OpenModel, ModelCard, OptionalIdea,
    TextModel, Track, Training, config_table, list_ideas, read_config,
};

use crate::ideas::IDEAS;
use crate::{CbowLm, Config, Error, LM_PRESETS, LM_VARIANT, LmConfig, Model, PRESETS};

/// The era's name, in records and on the command line.
pub const ERA: &str = "word2vec";
/// The year of the papers.
pub const YEAR: u16 = 2013;
/// The year of the youngest borrowed idea.
const TUNED_YEAR: u16 = 2026;

/// The era.
#[derive(Debug)]
pub struct Word2vec;

impl Era for Word2vec {
    fn name(&self) -> &'static str {
        ERA
    }

    fn year(&self) -> Option<u16> {
        Some(YEAR)
    }

    fn paper(&self) -> &'static str {
        "Mikolov et al. 2013, Efficient Estimation of Word Representations in Vector Space"
    }

    fn idea(&self) -> &'static str {
        "Words are vectors that predict their neighbours; without a hidden layer they can be trained on billions of words."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[
            &Vectors("skip-gram"),
            &Vectors("cbow"),
            &Vectors("skip-gram-tuned"),
            &Vectors("cbow-tuned"),
            &LanguageModel,
        ]
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// Word vectors of one architecture.
struct Vectors(&'static str);

impl Entry for Vectors {
    fn id(&self) -> EntryId {
        let year = match self.0.ends_with("-tuned") {
            true => TUNED_YEAR,
            false => YEAR,
        };
        EntryId {
            track: Track::Words,
            ..EntryId::language_model(year, ERA, self.0)
        }
    }

    fn idea(&self) -> &'static str {
        match self.0 {
            "cbow" => "Vectors whose mean predicts the word between them.",
            "skip-gram-tuned" => {
                "Skip-gram that starts with longer vectors and shares negative samples in a window."
            }
            "cbow-tuned" => "CBOW that starts with longer vectors.",
            _ => "Vectors that predict the words around a word.",
        }
    }

    fn presets(&self) -> &'static [&'static str] {
        &PRESETS
    }

    fn default_preset(&self) -> Option<&'static str> {
        Some(self.0)
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        Config::preset(name).as_ref().map(config_table)
    }

    fn optional_ideas(&self) -> Vec<&'static dyn OptionalIdea> {
        list_ideas(&IDEAS)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<Config>(config)?.validate()?)
    }

    /// Threads without locks add updates in an order that is not reproducible.
    fn adapt(&self, config: &mut toml::Table, to: Adaptation<'_>) {
        if to == Adaptation::Deterministic {
            config.insert("threads".to_owned(), 1.into());
        }
    }

    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> harness::Result<()> {
        let config: Config = read_config(config)?;
        corpus.codec().save(folder)?;
        let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
        let model = config.train(&text, vocab, training)?;
        Ok(model.save(folder, &corpus.vocab_checksum(), vocab.len())?)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<OpenModel> {
        card.codec(folder)?;
        let vectors = Model::open(folder)?.into_vectors();
        Ok(OpenModel::Vectors(Box::new(vectors)))
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        config_table(&Config {
            dimension: 4,
            min_count: 1,
            threads: 1,
            ..Config::preset(self.0).unwrap_or_default()
        })
    }
}

/// CBOW over the preceding words as a language model. Its training stops when further epochs do not help.
struct LanguageModel;

impl Entry for LanguageModel {
    fn id(&self) -> EntryId {
        EntryId::language_model(YEAR, ERA, LM_VARIANT)
    }

    fn idea(&self) -> &'static str {
        "Words are vectors, so what is learned about a word helps with similar words; this one uses the two preceding words \
         without their order."
    }

    fn presets(&self) -> &'static [&'static str] {
        &LM_PRESETS
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        LmConfig::preset(name).as_ref().map(config_table)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<LmConfig>(config)?.validate()?)
    }

    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> harness::Result<()> {
        let config: LmConfig = read_config(config)?;
        corpus.codec().save(folder)?;
        let model = config.train(&corpus.split(Split::Train)?, corpus.vocab().len(), training)?;
        Ok(model.save(folder, &corpus.vocab_checksum())?)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<OpenModel> {
        Ok(OpenModel::Text(TextModel {
            codec: card.codec(folder)?,
            model: Box::new(CbowLm::open(folder)?),
        }))
    }

    fn tiny(&self) -> toml::Table {
        config_table(&LmConfig {
            dimension: 4,
            ..LmConfig::default()
        })
    }
}

impl From<Error> for harness::Error {
    fn from(error: Error) -> harness::Error {
        match error {
            Error::Harness(error) => error,
            other => harness::Error::era(other),
        }
    }
}
