//! The interface between the program and an era: its description, its entries, and how they are configured, trained and
//! opened.
//!
//! An era crate implements [`Era`] once and [`Entry`] for each of its models, in a file `entries.rs`; a crate that knows
//! all eras lists them ([`crate::EraList`]). Help texts, messages, reports, property checks and fuzzing follow from the list.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use corpus::Corpus;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::borrowed_ideas::OptionalIdea;
use crate::budget::Budget;
use crate::claims::Experiment;
use crate::entry::{EntryId, EraRole};
use crate::error::{Error, Result};
use crate::model::Judge;
use crate::model_folder::ModelCard;
use crate::trained_model::Model;
use crate::training::Training;

/// A milestone of language modelling.
pub trait Era: Send + Sync {
    /// Its name in commands and records.
    fn name(&self) -> &'static str;

    /// The year of its paper; none for the oracle.
    fn year(&self) -> Option<u16>;

    /// Authors, year and title of its paper.
    fn paper(&self) -> &'static str;

    /// The idea of the paper, in a sentence.
    fn idea(&self) -> &'static str;

    /// Whether it is a milestone, a baseline or an oracle.
    fn role(&self) -> EraRole {
        EraRole::Era
    }

    /// Its entries, the main one first.
    fn entries(&self) -> &'static [&'static dyn Entry];

    /// The entry that the era's name alone stands for: its first. Baselines and oracles have none.
    fn main_entry(&self) -> Option<&'static dyn Entry> {
        match self.role() {
            EraRole::Era => self.entries().first().copied(),
            EraRole::Baseline | EraRole::Oracle => None,
        }
    }

    /// The entry that opens models of this variant. Overridden if settings change the variant of an entry's model.
    fn entry_of_variant(&self, variant: &str) -> Option<&'static dyn Entry> {
        let mut entries = self.entries().iter().copied();
        entries.find(|entry| entry.id().variant == variant)
    }

    /// The experiments that test the claims of its paper.
    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        Vec::new()
    }

    /// The judge of replies in this corpus, if the era generated the corpus.
    ///
    /// # Errors
    /// Errors of rebuilding the generator.
    fn judge(&self, _corpus: &Corpus) -> Result<Option<Box<dyn Judge>>> {
        Ok(None)
    }
}

/// A model of an era in one track.
pub trait Entry: Send + Sync {
    /// Its id in records. The year is that of the youngest idea in its default configuration.
    fn id(&self) -> EntryId;

    /// Its idea or its purpose, in a sentence.
    fn idea(&self) -> &'static str;

    /// The names of its presets.
    fn presets(&self) -> &'static [&'static str] {
        &[]
    }

    /// The preset that is used if none is named.
    fn default_preset(&self) -> Option<&'static str> {
        self.presets().first().copied()
    }

    /// The preset that suits a run of this size; none: the default.
    fn preset_for(&self, _size: RunSize) -> Option<&'static str> {
        None
    }

    /// The configuration of a preset; none for a name that is not among [`Entry::presets`].
    fn preset(&self, _name: &str) -> Option<toml::Table> {
        None
    }

    /// The ideas of other papers that its configurations can use.
    fn optional_ideas(&self) -> Vec<&'static dyn OptionalIdea> {
        Vec::new()
    }

    /// Refuses a configuration with unknown keys, values of another type, or values out of bounds.
    ///
    /// # Errors
    /// [`Error::Configuration`] for keys and types, [`Error::Setting`] for bounds.
    fn check(&self, config: &toml::Table) -> Result<()> {
        read_config::<NoSettings>(config).map(drop)
    }

    /// Adapts a configuration to a condition that applies to all entries of a run; an entry ignores what does not concern it.
    fn adapt(&self, _config: &mut toml::Table, _to: Adaptation<'_>) {}

    /// Why it cannot be trained on this corpus, if it cannot.
    fn unsuited(&self, _corpus: &Corpus) -> Option<String> {
        None
    }

    /// Trains, and leaves the model in `folder`, which exists.
    ///
    /// # Errors
    /// Errors of training; [`Error::Interrupted`] if progress asks to stop.
    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> Result<()>;

    /// Opens a model that it has trained.
    ///
    /// # Errors
    /// Errors of reading the model.
    fn open(&self, folder: &Path, card: &ModelCard) -> Result<Model>;

    /// Seconds that training with the default preset and evaluation take on the village, of a network on one core.
    fn seconds_on_village(&self) -> f64 {
        0.5
    }

    /// Whether training goes on until a time budget is spent.
    fn fills_time_budget(&self) -> bool {
        false
    }

    /// Whether training can keep within [`Training::memory`].
    fn bounds_memory(&self) -> bool {
        false
    }

    /// Whether training can begin from the weights of another model ([`Training::init_from`]).
    fn starts_from_weights(&self) -> bool {
        false
    }

    /// A configuration so small that training takes a second: for tests and fuzzing.
    fn tiny(&self) -> toml::Table {
        let preset = self.default_preset().and_then(|name| self.preset(name));
        preset.unwrap_or_default()
    }
}

impl fmt::Debug for dyn Entry + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({})", self.id())
    }
}

impl fmt::Debug for dyn Era + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Era({})", self.name())
    }
}

/// A condition that applies to all entries of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adaptation<'a> {
    /// The same seed must give the same bytes.
    Deterministic,
    /// The corpus may be too small for statistics that the entry needs.
    AnyCorpus,
    /// Compute here: `cpu`, `cuda`, `cuda:1`.
    Device(&'a str),
}

/// Budget from which presets for minutes of training are too small.
const MINUTES: Duration = Duration::from_secs(10 * 60);
/// Budget from which presets for an hour of training pay off.
const HOUR: Duration = Duration::from_secs(40 * 60);
/// Below this vocabulary size the output layer is cheap.
const SMALL_VOCABULARY: usize = 5_000;

/// How long the entries of a run train, and whether their vocabulary is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSize {
    /// How long.
    pub effort: Effort,
    /// Whether the vocabulary is so small that the output layer costs little.
    pub small_vocabulary: bool,
}

/// How long an entry trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A few minutes, or an amount of text instead of a time.
    Minutes,
    /// About a quarter of an hour.
    QuarterHour,
    /// An hour or more.
    Hour,
}

impl RunSize {
    /// The size of a run with this budget for each entry.
    pub fn of(budget: Budget, vocabulary: usize) -> RunSize {
        let effort = match budget {
            Budget::Time(time) if time >= HOUR => Effort::Hour,
            Budget::Time(time) if time >= MINUTES => Effort::QuarterHour,
            _ => Effort::Minutes,
        };
        RunSize {
            effort,
            small_vocabulary: vocabulary < SMALL_VOCABULARY,
        }
    }
}

/// Tokens of the village's training text, and its vocabulary.
const VILLAGE: (f64, f64) = (1e6, 1_844.0);
/// The vocabulary size at which the output layer costs about as much as the rest of the smallest networks.
const HALF: f64 = 3_000.0;

/// Estimated seconds of an entry with its default preset on a text with these numbers of tokens and types, in proportion to the
/// time it takes on the village.
pub fn estimate_seconds(entry: &dyn Entry, tokens: u64, vocabulary: usize) -> f64 {
    let (its_tokens, its_words) = VILLAGE;
    let words = (HALF + vocabulary as f64) / (HALF + its_words);
    entry.seconds_on_village() * tokens as f64 / its_tokens * words
}

/// Refuses a corpus that lacks the data an entry is trained on.
///
/// # Errors
/// [`Error::Unsuited`] naming corpus and reason.
pub fn require_suited(entry: &dyn Entry, corpus: &Corpus) -> Result<()> {
    match entry.unsuited(corpus) {
        None => Ok(()),
        Some(what) => Err(Error::Unsuited {
            corpus: corpus.name().to_owned(),
            what: format!("{} cannot be trained on it: {what}", entry.id().label()),
        }),
    }
}

/// The configuration of entries that have no settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// A configuration as the era's own type.
///
/// # Errors
/// [`Error::Configuration`].
pub fn read_config<C: DeserializeOwned>(config: &toml::Table) -> Result<C> {
    let read = config.clone().try_into();
    read.map_err(|error: toml::de::Error| Error::Configuration(error.message().trim_end().into()))
}

/// A configuration as a table, as records keep it.
///
/// # Panics
/// If the type cannot be written as TOML, which is a mistake in its definition.
pub fn config_table<C: Serialize>(config: &C) -> toml::Table {
    toml::Table::try_from(config).expect("a configuration is a table of plain values")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fast;

    impl Entry for Fast {
        fn id(&self) -> EntryId {
            EntryId::language_model(1948, "test", "fast")
        }

        fn idea(&self) -> &'static str {
            "Nothing."
        }

        fn train(&self, _: &toml::Table, _: &Corpus, _: &mut Training<'_>, _: &Path) -> Result<()> {
            Ok(())
        }

        fn open(&self, folder: &Path, _: &ModelCard) -> Result<Model> {
            Err(Error::corrupt(folder, "there is none"))
        }
    }

    #[test]
    fn more_text_and_more_words_take_longer() {
        let village = estimate_seconds(&Fast, 1_000_000, 1_844);
        assert!((village - 0.5).abs() < 1e-9);
        assert_eq!(estimate_seconds(&Fast, 2_000_000, 1_844), 2.0 * village);
        assert!(estimate_seconds(&Fast, 1_000_000, 33_278) > 7.0 * village);
    }

    #[test]
    fn a_time_budget_makes_a_run_larger() {
        let size = |text: &str, words| RunSize::of(text.parse().unwrap(), words);
        assert_eq!(size("default", 1_844).effort, Effort::Minutes);
        assert_eq!(size("90s", 33_278).effort, Effort::Minutes);
        assert_eq!(size("20m", 33_278).effort, Effort::QuarterHour);
        assert_eq!(size("1h", 33_278).effort, Effort::Hour);
        assert_eq!(size("tokens=1G", 33_278).effort, Effort::Minutes);
        assert!(size("1h", 1_844).small_vocabulary && !size("1h", 33_278).small_vocabulary);
    }

    #[test]
    fn entries_without_settings_reject_all_settings() {
        assert!(Fast.check(&toml::Table::new()).is_ok());
        let some = toml::Table::from_iter([("order".to_owned(), toml::Value::Integer(3))]);
        let error = Fast.check(&some).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `order`"),
            "{error}"
        );
    }
}
