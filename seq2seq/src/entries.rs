//! The door to the era: its entries in the runs of the program.

use std::path::Path;

use corpus::{Corpus, Split};
use harness::{
    Adaptation, Effort, Entry, EntryId, Era, Experiment, Model, ModelCard, RunSize, TextModel,
    Track, Training, config_table, read_config,
};
use neural::TranslatorConfig;

use crate::{
    ATTENTION, Config, LM_PRESETS, LM_VARIANT, Lm, LmConfig, PRESETS, Translator, VARIANT,
};

/// The era's name, in records and on the command line.
pub const ERA: &str = "seq2seq";
/// The year of the paper.
pub const YEAR: u16 = 2014;

/// The era.
#[derive(Debug)]
pub struct Seq2seq;

impl Era for Seq2seq {
    fn name(&self) -> &'static str {
        ERA
    }

    fn year(&self) -> Option<u16> {
        Some(YEAR)
    }

    fn paper(&self) -> &'static str {
        "Sutskever et al. 2014, Sequence to Sequence Learning with Neural Networks"
    }

    fn idea(&self) -> &'static str {
        "A recurrent network reads a sequence into a vector of fixed size, and another one writes a sequence from it."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[
            &TranslatorEntry(VARIANT),
            &TranslatorEntry(ATTENTION),
            &LanguageModel,
        ]
    }

    /// Settings give translators more variants than there are entries; all are opened alike.
    fn entry_of_variant(&self, variant: &str) -> Option<&'static dyn Entry> {
        match variant == LM_VARIANT {
            true => Some(&LanguageModel),
            false => self.main_entry(),
        }
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// An encoder-decoder, without or with attention.
struct TranslatorEntry(&'static str);

impl TranslatorEntry {
    fn config(&self, preset: &str) -> Option<Config> {
        match self.0 == ATTENTION {
            true => Config::preset_with_attention(preset),
            false => Config::preset(preset),
        }
    }
}

impl Entry for TranslatorEntry {
    fn id(&self) -> EntryId {
        // Attention is of Bahdanau and others 2015.
        let year = if self.0 == ATTENTION { 2015 } else { YEAR };
        EntryId {
            track: Track::Translation,
            ..EntryId::language_model(year, ERA, self.0)
        }
    }

    fn idea(&self) -> &'static str {
        match self.0 == ATTENTION {
            true => {
                "Before each word the decoder attends to the words of the source, so one vector need not hold the whole sentence."
            }
            false => {
                "One LSTM reads the source sentence, reversed, into a vector; another one writes the translation from it."
            }
        }
    }

    fn presets(&self) -> &'static [&'static str] {
        &PRESETS
    }

    fn preset_for(&self, size: RunSize) -> Option<&'static str> {
        (size.effort != Effort::Minutes).then_some("small")
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        self.config(name).as_ref().map(config_table)
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
        if self.0 == ATTENTION { 72.0 } else { 54.0 }
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn starts_from_weights(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        config_table(&Config {
            embedding_size: 8,
            hidden_size: 8,
            ..self.config(PRESETS[0]).unwrap_or_default()
        })
    }
}

/// The same cells as a language model.
struct LanguageModel;

impl Entry for LanguageModel {
    fn id(&self) -> EntryId {
        EntryId::language_model(YEAR, ERA, LM_VARIANT)
    }

    fn idea(&self) -> &'static str {
        "A state is carried from word to word, and gates decide what it keeps: the context has no fixed length."
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
        36.0
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn starts_from_weights(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        config_table(&LmConfig {
            embedding_size: 8,
            hidden_size: 8,
            bptt_length: 8,
            ..LmConfig::default()
        })
    }
}
