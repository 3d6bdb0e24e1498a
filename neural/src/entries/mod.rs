//! Shared parts of the entries of all neural eras. An era describes its networks as data; training, opening and settings are
//! the same for all of them.

mod language_model;
mod translator;

use harness::{Adaptation, Effort, EntryId, RunSize, Track, config_table};
use serde::Serialize;

pub use language_model::LanguageModelEntry;
pub use translator::TranslatorEntry;

/// An era's description of one of its networks; `C` is the network's configuration.
#[derive(Debug)]
pub struct EntryInfo<C> {
    /// The year of the idea.
    pub year: u16,
    /// The era, as records name it.
    pub era: &'static str,
    /// The variant, as records name it.
    pub variant: &'static str,
    /// Its idea, in a sentence.
    pub idea: &'static str,
    /// The names of its presets, the default first.
    pub presets: &'static [&'static str],
    /// The configuration of a preset.
    pub preset: fn(&str) -> Option<C>,
    /// The preset for a run of this size; `None`: the default.
    pub preset_for: fn(RunSize) -> Option<&'static str>,
    /// A tiny configuration, which trains in about a second.
    pub tiny: fn() -> C,
    /// Seconds that training with the default preset and evaluation take on the village, on one core.
    pub seconds_on_village: f64,
}

impl<C: Serialize> EntryInfo<C> {
    fn id(&self, track: Track) -> EntryId {
        EntryId {
            track,
            ..EntryId::language_model(self.year, self.era, self.variant)
        }
    }

    fn preset_table(&self, name: &str) -> Option<toml::Table> {
        (self.preset)(name).as_ref().map(config_table)
    }

    fn tiny_table(&self) -> toml::Table {
        config_table(&(self.tiny)())
    }
}

/// Applies to a network's configuration the settings that a run makes for all entries: the device.
pub fn adapt(config: &mut toml::Table, to: Adaptation<'_>) {
    let compute = config
        .get_mut("compute")
        .and_then(toml::Value::as_table_mut);
    if let (Adaptation::Device(device), Some(compute)) = (to, compute) {
        compute.insert("device".to_owned(), device.into());
    }
}

/// The preset of a language model for a run of this size; `None`: the default.
pub fn language_model_preset(size: RunSize) -> Option<&'static str> {
    match (size.effort, size.small_vocabulary) {
        (Effort::Minutes, _) => None,
        (_, true) => Some("village"),
        (Effort::QuarterHour, false) => Some("small"),
        (Effort::Hour, false) => Some("base"),
    }
}

/// The preset of a translator for a run of this size; `None`: the default.
pub fn translator_preset(size: RunSize) -> Option<&'static str> {
    (size.effort != Effort::Minutes).then_some("small")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_is_set_if_the_run_has_one() {
        let mut network: toml::Table = "[compute]\nthreads = 1".parse().unwrap();
        adapt(&mut network, Adaptation::Device("cuda:1"));
        assert_eq!(network["compute"]["device"].as_str(), Some("cuda:1"));
        assert_eq!(network["compute"]["threads"].as_integer(), Some(1));
        let before = network.clone();
        adapt(&mut network, Adaptation::Deterministic);
        assert_eq!(network, before);
    }

    #[test]
    fn more_time_and_larger_vocabularies_select_larger_models() {
        let preset =
            |text: &str, words| language_model_preset(RunSize::of(text.parse().unwrap(), words));
        assert_eq!(preset("default", 1_844), None);
        assert_eq!(preset("90s", 33_278), None);
        assert_eq!(preset("20m", 1_844), Some("village"));
        assert_eq!(preset("20m", 33_278), Some("small"));
        assert_eq!(preset("1h", 33_278), Some("base"));
    }
}
