//! The era and its entries, as the program's runs use them.

use std::path::Path;

use corpus::{Corpus, Split};
use harness::{
    Adaptation, Entry, EntryId, Era, Experiment, Model as OpenModel, ModelCard, TextModel, Track,
    Training, config_table, read_config,
};

use crate::config::{Config, PRESETS};
use crate::error::Error;
use crate::model::Model;
use crate::train::Storage;

/// The era's name, in records and on the command line.
pub const ERA: &str = "ngram";
/// The year of the paper.
pub const YEAR: u16 = 2007;

/// The era.
#[derive(Debug)]
pub struct Ngram;

impl Era for Ngram {
    fn name(&self) -> &'static str {
        ERA
    }

    fn year(&self) -> Option<u16> {
        Some(YEAR)
    }

    fn paper(&self) -> &'static str {
        "Brants et al. 2007, Large Language Models in Machine Translation"
    }

    fn idea(&self) -> &'static str {
        "A model without smoothing parameters can be counted on any amount of text, and more text is worth more than smoothing."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        const STUPID_BACKOFF: NgramEntry = NgramEntry {
            variant: "stupid-backoff",
            track: Track::LanguageModelling,
        };
        const KNESER_NEY: NgramEntry = NgramEntry {
            variant: "kneser-ney",
            ..STUPID_BACKOFF
        };
        const CACHE: NgramEntry = NgramEntry {
            variant: "kneser-ney-cache",
            ..STUPID_BACKOFF
        };
        const REPLIES: NgramEntry = NgramEntry {
            track: Track::Conversation,
            ..KNESER_NEY
        };
        const CACHE_REPLIES: NgramEntry = NgramEntry {
            track: Track::Conversation,
            ..CACHE
        };
        &[
            &STUPID_BACKOFF,
            &KNESER_NEY,
            &CACHE,
            &REPLIES,
            &CACHE_REPLIES,
        ]
    }

    /// Settings allow more variants than there are entries; all are opened in the same way.
    fn entry_of_variant(&self, _: &str) -> Option<&'static dyn Entry> {
        self.main_entry()
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// An n-gram model in a track.
struct NgramEntry {
    variant: &'static str,
    track: Track,
}

impl Entry for NgramEntry {
    fn id(&self) -> EntryId {
        EntryId {
            track: self.track,
            ..EntryId::language_model(YEAR, ERA, self.variant)
        }
    }

    fn idea(&self) -> &'static str {
        match (self.track, self.variant) {
            (Track::Conversation, _) => "Continues the dialogue as text, from the last four words.",
            (_, "stupid-backoff") => {
                "Counts of up to five words in a row, with a fixed back-off factor of 0.4 for unseen n-grams: no smoothing \
                 parameters, so it can be counted on two trillion words."
            }
            (_, "kneser-ney") => {
                "The same counts with modified Kneser-Ney smoothing (1995, 1998), the paper's baseline."
            }
            _ => "Kneser-Ney with a cache, which makes recent words more probable.",
        }
    }

    fn presets(&self) -> &'static [&'static str] {
        &PRESETS
    }

    fn default_preset(&self) -> Option<&'static str> {
        let is_own = PRESETS.contains(&self.variant);
        Some(if is_own { self.variant } else { PRESETS[0] })
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        Config::preset(name).as_ref().map(config_table)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<Config>(config)?.validate()?)
    }

    /// Any corpus must train, and a tiny text has too few n-grams to estimate discounts.
    fn adapt(&self, config: &mut toml::Table, to: Adaptation<'_>) {
        if to == Adaptation::AnyCorpus {
            config.insert("discount_fallback".to_owned(), true.into());
        }
    }

    fn unsuited(&self, corpus: &Corpus) -> Option<String> {
        self.track.unsuited(corpus)
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
        let storage = Storage {
            folder: Some(folder.to_path_buf()),
            memory: training.memory,
        };
        let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
        let model = config.train_in(&storage, &text, vocab.len(), vocab.eos(), training)?;
        Ok(model.save(folder, &corpus.vocab_checksum())?)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<OpenModel> {
        Ok(OpenModel::Text(TextModel {
            codec: card.codec(folder)?,
            model: Box::new(Model::open(folder)?),
        }))
    }

    fn bounds_memory(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        let name = self.default_preset().unwrap_or(PRESETS[0]);
        config_table(&Config {
            order: 3,
            discount_fallback: true,
            ..Config::preset(name).unwrap_or_default()
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
