//! Ideas of other papers in the entries of an era, so that what an idea bought is not credited to another one.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::entry::EraRole;
use crate::era::{Entry, Era, config_table, read_config};
use crate::error::Result;

/// An idea that is not in the paper of the era whose entry uses it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BorrowedIdea {
    /// Its name, for instance `rotary positions`.
    pub name: Cow<'static, str>,
    /// Authors and year, for instance `Su et al. 2021`.
    pub source: Cow<'static, str>,
    /// The year.
    pub year: u16,
}

impl BorrowedIdea {
    /// An idea, its authors with the year, and the year.
    pub const fn new(name: &'static str, source: &'static str, year: u16) -> BorrowedIdea {
        BorrowedIdea {
            name: Cow::Borrowed(name),
            source: Cow::Borrowed(source),
            year,
        }
    }
}

impl std::fmt::Display for BorrowedIdea {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.source)
    }
}

/// A borrowed idea as a part of configurations of type `C`.
#[derive(Debug)]
pub struct IdeaSetting<C> {
    /// The idea.
    pub idea: BorrowedIdea,
    /// Whether a configuration uses it.
    pub is_used: fn(&C) -> bool,
    /// Adds it to a configuration, with the settings that suit it, for instance its learning rate.
    pub add: fn(&mut C),
}

/// An [`IdeaSetting`] of any type of configuration.
pub trait OptionalIdea: Sync {
    /// The idea.
    fn idea(&self) -> &BorrowedIdea;

    /// Whether a configuration uses it.
    ///
    /// # Errors
    /// [`crate::Error::Configuration`].
    fn is_used(&self, config: &toml::Table) -> Result<bool>;

    /// The configuration with the idea added.
    ///
    /// # Errors
    /// [`crate::Error::Configuration`].
    fn added_to(&self, config: &toml::Table) -> Result<toml::Table>;
}

impl<C: Serialize + DeserializeOwned> OptionalIdea for IdeaSetting<C> {
    fn idea(&self) -> &BorrowedIdea {
        &self.idea
    }

    fn is_used(&self, config: &toml::Table) -> Result<bool> {
        Ok((self.is_used)(&read_config(config)?))
    }

    fn added_to(&self, config: &toml::Table) -> Result<toml::Table> {
        let mut config: C = read_config(config)?;
        (self.add)(&mut config);
        Ok(config_table(&config))
    }
}

/// The ideas of one type of configuration, as [`Entry::optional_ideas`] lists them.
pub fn list_ideas<C: Serialize + DeserializeOwned>(
    ideas: &'static [IdeaSetting<C>],
) -> Vec<&'static dyn OptionalIdea> {
    let ideas = ideas.iter();
    ideas.map(|idea| idea as &dyn OptionalIdea).collect()
}

/// The borrowed ideas that a configuration of an entry uses.
///
/// # Errors
/// [`crate::Error::Configuration`].
pub fn borrowed_ideas(entry: &dyn Entry, config: &toml::Table) -> Result<Vec<BorrowedIdea>> {
    let mut used = Vec::new();
    for optional in entry.optional_ideas() {
        if optional.is_used(config)? {
            used.push(optional.idea().clone());
        }
    }
    Ok(used)
}

/// The entry that a tuned one is measured against: the first of the same era and track. None for an entry that is the first
/// itself, and for baselines and oracles.
pub fn faithful_entry(era: &dyn Era, entry: &dyn Entry) -> Option<&'static dyn Entry> {
    let id = entry.id();
    let mut entries = era.entries().iter().copied();
    let first = entries.find(|other| other.id().track == id.track)?;
    (era.role() == EraRole::Era && first.id() != id).then_some(first)
}
