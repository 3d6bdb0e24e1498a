//! The door to the era: its entries in the runs of the program.

use std::path::Path;

use corpus::{Corpus, Split};
use harness::{
    Adaptation, Effort, Entry, EntryId, Era, Experiment, Model, ModelCard, RunSize, TextModel,
    Track, Training, config_table, read_config,
};
use neural::TranslatorConfig;

use crate::{Config, LM_PRESETS, LM_VARIANT, Lm, LmConfig, PRESETS, Translator, VARIANT};

/// The era's name, in records and on the command line.
pub const ERA: &str = "transformer";
/// The year of the paper.
pub const YEAR: u16 = 2017;

/// The era.
#[derive(Debug)]
pub struct Transformer;

impl Era for Transformer {
    fn name(&self) -> &'static str {
        ERA
    }

    fn year(&self) -> Option<u16> {
        Some(YEAR)
    }

    fn paper(&self) -> &'static str {
        "Vaswani et al. 2017, Attention Is All You Need"
    }

    fn idea(&self) -> &'static str {
        "Attention alone, without recurrence: any two words are one step apart, and all words are trained on in parallel."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[&LanguageModel, &TranslatorEntry]
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// The decoder as a language model.
struct LanguageModel;

impl Entry for LanguageModel {
    fn id(&self) -> EntryId {
        EntryId::language_model(YEAR, ERA, LM_VARIANT)
    }

    fn idea(&self) -> &'static str {
        "No state: each word attends to all words before it, and all words of a text are trained on at once."
    }

    fn presets(&self) -> &'static [&'static str] {
        &LM_PRESETS
    }

    fn preset_for(&self, size: RunSize) -> Option<&'static str> {
        neural::language_model_preset(size)
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        LmConfig::preset(name).as_ref().map(config_table)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<LmConfig>(config)?.validate()?)
    }

    fn adapt(&self, config: &mut toml::Table, to: Adaptation<'_>) {
        neural::adapt(config, to);
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
        let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
        let model = config.train(&text, vocab.len(), vocab.eos(), training)?;
        Ok(model.save(folder, &corpus.vocab_checksum())?)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<Model> {
        Ok(Model::Text(TextModel {
            codec: card.codec(folder)?,
            model: Box::new(Lm::open(folder)?),
        }))
    }

    fn seconds_on_village(&self) -> f64 {
        46.0
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn starts_from_weights(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        config_table(&LmConfig {
            d_model: 8,
            num_heads: 2,
            num_layers: 1,
            d_ff: 8,
            context_length: 16,
            ..LmConfig::default()
        })
    }
}

/// The paper's encoder-decoder.
struct TranslatorEntry;

impl Entry for TranslatorEntry {
    fn id(&self) -> EntryId {
        EntryId {
            track: Track::Translation,
            ..EntryId::language_model(YEAR, ERA, VARIANT)
        }
    }

    fn idea(&self) -> &'static str {
        "Attention alone: within the source, within the translation, and between them."
    }

    fn presets(&self) -> &'static [&'static str] {
        &PRESETS
    }

    fn preset_for(&self, size: RunSize) -> Option<&'static str> {
        (size.effort != Effort::Minutes).then_some("small")
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        Config::preset(name).as_ref().map(config_table)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<Config>(config)?.validate()?)
    }

    fn adapt(&self, config: &mut toml::Table, to: Adaptation<'_>) {
        neural::adapt(config, to);
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
        let config: Config = read_config(config)?;
        let (source, target) = corpus.pairs()?;
        Ok(config.train(&source, &target, training)?.save(folder)?)
    }

    fn open(&self, folder: &Path, _: &ModelCard) -> harness::Result<Model> {
        Ok(Model::Translator(Box::new(Translator::open(folder)?)))
    }

    fn seconds_on_village(&self) -> f64 {
        85.0
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn starts_from_weights(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        config_table(&Config {
            d_model: 8,
            num_heads: 2,
            num_layers: 1,
            d_ff: 8,
            max_length: 16,
            ..Config::default()
        })
    }
}
