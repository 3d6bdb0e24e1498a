//! A network that reads text from left to right, as an entry in the language-modelling track.

use std::path::Path;

use corpus::{Corpus, Split};
use harness::{
    Adaptation, Entry, EntryId, Model, ModelCard, OptionalIdea, RunSize, Track, Training,
    list_ideas, read_config,
};

use super::{EntryInfo, adapt};
use crate::text_model::TextModel;
use crate::text_network::{TextConfig, TextNetwork};
use crate::text_task::train_text_model;

/// The entry of a language model.
#[derive(Debug)]
pub struct LanguageModelEntry<N: TextNetwork>(pub EntryInfo<N::Config>);

impl<N: TextNetwork + 'static> Entry for LanguageModelEntry<N> {
    fn id(&self) -> EntryId {
        self.0.id(Track::LanguageModelling)
    }

    fn idea(&self) -> &'static str {
        self.0.idea
    }

    fn presets(&self) -> &'static [&'static str] {
        self.0.presets
    }

    fn preset_for(&self, size: RunSize) -> Option<&'static str> {
        (self.0.preset_for)(size)
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        self.0.preset_table(name)
    }

    fn optional_ideas(&self) -> Vec<&'static dyn OptionalIdea> {
        list_ideas(N::Config::IDEAS)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<N::Config>(config)?.validate()?)
    }

    fn adapt(&self, config: &mut toml::Table, to: Adaptation<'_>) {
        adapt(config, to);
    }

    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> harness::Result<()> {
        let config: N::Config = read_config(config)?;
        corpus.codec().save(folder)?;
        let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
        let model: TextModel<N> =
            train_text_model(&config, &text, vocab.len(), vocab.eos(), training)?;
        Ok(model.save(folder, &corpus.vocab_checksum())?)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<Model> {
        Ok(Model::Text(harness::TextModel {
            codec: card.codec(folder)?,
            model: Box::new(TextModel::<N>::open(folder)?),
        }))
    }

    fn seconds_on_village(&self) -> f64 {
        self.0.seconds_on_village
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn starts_from_weights(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        self.0.tiny_table()
    }
}
