//! The era's entries and experiments, as the program knows them.

use harness::{Entry, Era, Experiment};
use neural::{
    EntryInfo, LanguageModelEntry, TranslatorEntry, language_model_preset, translator_preset,
};

use crate::language_model::Network as LmNetwork;
use crate::translation::Network;
use crate::{
    Config, LM_PRESETS, LM_TUNED_PRESETS, LM_TUNED_VARIANT, LM_VARIANT, LmConfig, PRESETS,
    TUNED_PRESETS, TUNED_VARIANT, VARIANT,
};

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
        "Attention without recurrence: any two words are one step apart, and all positions are trained in parallel."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[&LANGUAGE_MODEL, &TUNED, &TRANSLATOR, &TUNED_TRANSLATOR]
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// The decoder as a language model.
const LANGUAGE_MODEL: LanguageModelEntry<LmNetwork> = LanguageModelEntry(EntryInfo {
    year: YEAR,
    era: ERA,
    variant: LM_VARIANT,
    idea: "Attention instead of a state: each word attends to all words before it, and all positions are trained in parallel.",
    presets: &LM_PRESETS,
    preset: LmConfig::preset,
    preset_for: language_model_preset,
    tiny: || tiny(LmConfig::preset(LM_PRESETS[0]).unwrap_or_default()),
    seconds_on_village: 60.0,
});

/// The same with borrowed ideas.
const TUNED: LanguageModelEntry<LmNetwork> = LanguageModelEntry(EntryInfo {
    year: 2021,
    variant: LM_TUNED_VARIANT,
    idea: "The same decoder with what was learnt since: other positions, keys, norms, activations and optimisers.",
    presets: &LM_TUNED_PRESETS,
    preset: LmConfig::tuned_preset,
    tiny: || tiny(LmConfig::default()),
    seconds_on_village: 80.0,
    ..LANGUAGE_MODEL.0
});

/// The paper's encoder-decoder.
const TRANSLATOR: TranslatorEntry<Network> = TranslatorEntry(EntryInfo {
    year: YEAR,
    era: ERA,
    variant: VARIANT,
    idea: "Attention alone: within the source, within the translation, and between them.",
    presets: &PRESETS,
    preset: Config::preset,
    preset_for: translator_preset,
    tiny: || tiny_translator(Config::default()),
    seconds_on_village: 146.0,
});

/// The same with borrowed ideas.
const TUNED_TRANSLATOR: TranslatorEntry<Network> = TranslatorEntry(EntryInfo {
    year: 2021,
    variant: TUNED_VARIANT,
    idea: "The same translator with what was learnt since: rotary positions, pre-norm, a cosine schedule.",
    presets: &TUNED_PRESETS,
    preset: Config::tuned_preset,
    tiny: || tiny_translator(Config::tuned_preset(TUNED_PRESETS[0]).unwrap_or_default()),
    seconds_on_village: 162.0,
    ..TRANSLATOR.0
});

fn tiny(config: LmConfig) -> LmConfig {
    LmConfig {
        d_model: 8,
        num_heads: 2,
        num_layers: 1,
        d_ff: 8,
        context_length: 16,
        ..config
    }
}

fn tiny_translator(config: Config) -> Config {
    Config {
        d_model: 8,
        num_heads: 2,
        num_layers: 1,
        d_ff: 8,
        max_length: 16,
        ..config
    }
}
