//! All eras that a program knows, and what follows from the list.

use std::path::Path;

use corpus::Corpus;

use crate::borrowed_ideas::{BorrowedIdea, borrowed_ideas};
use crate::entry::{EntryId, EraRole};
use crate::era::{Entry, Era};
use crate::error::{Error, Result};
use crate::model::Judge;
use crate::model_folder::ModelCard;
use crate::records::{EraEntryRecord, EraRecord};
use crate::trained_model::Model;

/// The eras that a program knows, in the order of their years; the oracle last.
#[derive(Debug, Clone, Copy)]
pub struct EraList(pub &'static [&'static dyn Era]);

impl EraList {
    /// All eras.
    pub fn eras(self) -> impl Iterator<Item = &'static dyn Era> {
        self.0.iter().copied()
    }

    /// An era by name.
    pub fn era(self, name: &str) -> Option<&'static dyn Era> {
        self.eras().find(|era| era.name() == name)
    }

    /// All entries: by track, and within a track by year.
    pub fn entries(self) -> Vec<&'static dyn Entry> {
        let mut all: Vec<_> = self
            .eras()
            .flat_map(|era| era.entries().iter().copied())
            .collect();
        all.sort_by_key(|entry| {
            let id = entry.id();
            (id.track, id.year.is_none(), id.year)
        });
        all
    }

    /// The entry of a record.
    pub fn entry(self, id: &EntryId) -> Option<&'static dyn Entry> {
        let era = self.era(&id.era)?;
        let mut entries = era.entries().iter().copied();
        entries.find(|entry| entry.id() == *id)
    }

    /// The entries that are named, by era or by era and variant; all if no name is given.
    ///
    /// # Errors
    /// The first name that is neither.
    pub fn select(self, names: &[String]) -> std::result::Result<Vec<&'static dyn Entry>, String> {
        let is_named = |entry: &dyn Entry, name: &str| {
            let id = entry.id();
            id.era == name || id.label() == name
        };
        let all = self.entries();
        let names: Vec<&String> = names.iter().filter(|name| !name.is_empty()).collect();
        let is_unknown = |name: &&&String| !all.iter().any(|entry| is_named(*entry, name));
        if let Some(unknown) = names.iter().find(is_unknown) {
            return Err((*unknown).clone());
        }
        let is_wanted = |entry: &&'static dyn Entry| {
            names.is_empty() || names.iter().any(|name| is_named(*entry, name))
        };
        Ok(all.into_iter().filter(is_wanted).collect())
    }

    /// The names of all eras.
    pub fn era_names(self) -> Vec<String> {
        distinct(self.entries().into_iter().map(|entry| entry.id().era))
    }

    /// The names of all entries, era and variant.
    pub fn entry_names(self) -> Vec<String> {
        distinct(self.entries().into_iter().map(|entry| entry.id().label()))
    }

    /// The role of an era in a comparison; an unknown era counts as a milestone.
    pub fn role(self, era: &str) -> EraRole {
        self.era(era).map_or(EraRole::Era, Era::role)
    }

    /// All eras as the record of a run keeps them, in the order of the list.
    pub fn records(self) -> Vec<EraRecord> {
        self.eras().map(era_record).collect()
    }

    /// The era of a model, and the entry that opens it.
    pub fn entry_of_card(self, card: &ModelCard) -> Option<(&'static dyn Era, &'static dyn Entry)> {
        let era = self.era(&card.era)?;
        Some((era, era.entry_of_variant(&card.variant)?))
    }

    /// Opens a model of any era.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Corrupt`] for a folder without a valid model, [`Error::UnknownEntry`] for a model of an era
    /// that the program does not have.
    pub fn open(self, folder: &Path) -> Result<Opened> {
        let card = ModelCard::open(folder)?;
        let Some((era, entry)) = self.entry_of_card(&card) else {
            return Err(Error::UnknownEntry {
                path: folder.to_path_buf(),
                entry: card.label(),
            });
        };
        Ok(Opened {
            model: entry.open(folder, &card)?,
            role: era.role(),
            entry,
            card,
        })
    }

    /// The judge of replies in a corpus, if an era generated the corpus.
    ///
    /// # Errors
    /// Errors of rebuilding the generator.
    pub fn judge(self, corpus: &Corpus) -> Result<Option<Box<dyn Judge>>> {
        for era in self.eras() {
            if let Some(judge) = era.judge(corpus)? {
                return Ok(Some(judge));
            }
        }
        Ok(None)
    }
}

fn era_record(era: &dyn Era) -> EraRecord {
    let entries = era.entries().iter().map(|entry| {
        let id = entry.id();
        EraEntryRecord {
            variant: id.variant,
            track: id.track,
            idea: entry.idea().to_owned(),
            borrowed_ideas: default_ideas(*entry),
        }
    });
    EraRecord {
        name: era.name().to_owned(),
        year: era.year(),
        paper: era.paper().to_owned(),
        idea: era.idea().to_owned(),
        role: era.role(),
        entries: entries.collect(),
    }
}

/// The borrowed ideas in the default configuration of an entry.
fn default_ideas(entry: &dyn Entry) -> Vec<BorrowedIdea> {
    let preset = entry.default_preset().and_then(|name| entry.preset(name));
    let config = preset.unwrap_or_default();
    borrowed_ideas(entry, &config).unwrap_or_default()
}

/// A trained model with its card, entry and role.
#[derive(Debug)]
pub struct Opened {
    /// What its folder says about it.
    pub card: ModelCard,
    /// The entry that has trained it.
    pub entry: &'static dyn Entry,
    /// What its era is in a comparison.
    pub role: EraRole,
    /// The model.
    pub model: Model,
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}
