//! The era's entries and experiments, as the program knows them.

use harness::{Entry, Era, Experiment};
use neural::{
    EntryInfo, LanguageModelEntry, TranslatorEntry, language_model_preset, translator_preset,
};

use crate::language_model::Network as LmNetwork;
use crate::translation::Network;
use crate::{
    ATTENTION, Config, LM_PRESETS, LM_TUNED_PRESETS, LM_TUNED_VARIANT, LM_VARIANT, LmConfig,
    PRESETS, TUNED_PRESETS, TUNED_VARIANT, VARIANT,
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
        "A recurrent network encodes a sequence into a vector of fixed size, and another one decodes a sequence from it."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[
            &REVERSED,
            &TUNED_REVERSED,
            &ATTENTIVE,
            &LANGUAGE_MODEL,
            &TUNED_LANGUAGE_MODEL,
        ]
    }

    /// With other settings, a translator has a variant that is not an entry; all translators are opened in the same way.
    fn entry_of_variant(&self, variant: &str) -> Option<&'static dyn Entry> {
        let mut entries = self.entries().iter().copied();
        let exact = entries.find(|entry| entry.id().variant == variant);
        exact.or(self.main_entry())
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// The paper's translator.
const REVERSED: TranslatorEntry<Network> = TranslatorEntry(EntryInfo {
    year: YEAR,
    era: ERA,
    variant: VARIANT,
    idea: "One LSTM encodes the reversed source sentence into a vector; another one decodes the translation from it.",
    presets: &PRESETS,
    preset: Config::preset,
    preset_for: translator_preset,
    tiny: || tiny(Config::preset(PRESETS[0]).unwrap_or_default()),
    seconds_on_village: 120.0,
});

/// The same with borrowed ideas.
const TUNED_REVERSED: TranslatorEntry<Network> = TranslatorEntry(EntryInfo {
    year: 2019,
    variant: TUNED_VARIANT,
    idea: "The same translator with what was learnt since, except attention.",
    presets: &TUNED_PRESETS,
    preset: Config::tuned_preset,
    tiny: || tiny(Config::default()),
    seconds_on_village: 76.0,
    ..REVERSED.0
});

/// The same with attention (Bahdanau et al. 2015).
const ATTENTIVE: TranslatorEntry<Network> = TranslatorEntry(EntryInfo {
    variant: ATTENTION,
    idea: "The decoder attends to the source words before each target word, so no single vector must hold the whole sentence.",
    preset: Config::preset_with_attention,
    tiny: || tiny(Config::preset_with_attention(TUNED_PRESETS[0]).unwrap_or_default()),
    seconds_on_village: 111.0,
    ..TUNED_REVERSED.0
});

/// The same cells as a language model.
const LANGUAGE_MODEL: LanguageModelEntry<LmNetwork> = LanguageModelEntry(EntryInfo {
    year: YEAR,
    era: ERA,
    variant: LM_VARIANT,
    idea: "A gated state is carried from word to word, so the context has no fixed length.",
    presets: &LM_PRESETS,
    preset: LmConfig::preset,
    preset_for: language_model_preset,
    tiny: || tiny_lm(LmConfig::preset(LM_PRESETS[0]).unwrap_or_default()),
    seconds_on_village: 76.0,
});

/// The same with borrowed ideas.
const TUNED_LANGUAGE_MODEL: LanguageModelEntry<LmNetwork> = LanguageModelEntry(EntryInfo {
    year: 2019,
    variant: LM_TUNED_VARIANT,
    idea: "The same LSTM with what was learnt since about training it.",
    presets: &LM_TUNED_PRESETS,
    preset: LmConfig::tuned_preset,
    tiny: || tiny_lm(LmConfig::default()),
    seconds_on_village: 42.0,
    ..LANGUAGE_MODEL.0
});

fn tiny_lm(config: LmConfig) -> LmConfig {
    LmConfig {
        embedding_size: 8,
        hidden_size: 8,
        bptt_length: 8,
        ..config
    }
}

fn tiny(config: Config) -> Config {
    Config {
        embedding_size: 8,
        hidden_size: 8,
        ..config
    }
}
