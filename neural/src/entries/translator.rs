//! An encoder-decoder, as an entry in the translation track.

use std::path::Path;

use corpus::Corpus;
use harness::{
    Adaptation, Entry, EntryId, Model, ModelCard, OptionalIdea, RunSize, Track, Training,
    list_ideas, read_config,
};

use super::{EntryInfo, adapt};
use crate::translation::{EncoderDecoder, TranslationModel, TranslatorConfig};

/// The entry of a translator.
#[derive(Debug)]
pub struct TranslatorEntry<N: EncoderDecoder>(pub EntryInfo<N::Config>);

impl<N: EncoderDecoder + 'static> Entry for TranslatorEntry<N> {
    fn id(&self) -> EntryId {
        self.0.id(Track::Translation)
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

    fn unsuited(&self, corpus: &Corpus) -> Option<String> {
        Track::Translation.unsuited(corpus)
    }

    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> harness::Result<()> {
        let config: N::Config = read_config(config)?;
        let (source, target) = corpus.pairs()?;
        let model = TranslationModel::<N>::train(&config, [&source, &target], training)?;
        Ok(model.save(folder)?)
    }

    fn open(&self, folder: &Path, _: &ModelCard) -> harness::Result<Model> {
        let model = TranslationModel::<N>::open(folder)?;
        Ok(Model::Translator(Box::new(model)))
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
