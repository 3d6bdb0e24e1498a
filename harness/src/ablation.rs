//! What each borrowed idea of an entry is worth: the paper's configuration is trained with one idea added at a time, and with
//! all of them.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use corpus::{Corpus, Split, TokenId, write_atomically};
use serde::{Deserialize, Serialize};

use crate::borrowed_ideas::{BorrowedIdea, OptionalIdea};
use crate::budget::Budget;
use crate::entry::EntryId;
use crate::era::Entry;
use crate::error::{Error, Result};
use crate::metrics::mean_and_error;
use crate::records::{FORMAT, Machine};
use crate::training::{CurvePoint, Progress, Training};

/// An ablation to be run.
#[derive(Debug)]
pub struct Ablation<'a> {
    /// The entry that borrows ideas, and its configuration.
    pub tuned: (&'a dyn Entry, toml::Table),
    /// The entry without borrowed ideas, and its configuration, to which ideas are added.
    pub faithful: (&'a dyn Entry, toml::Table),
    /// The text.
    pub corpus: &'a Corpus,
    /// How long each model is trained.
    pub budget: Budget,
    /// One model of each kind for each.
    pub seeds: &'a [u64],
}

/// The losses of an ablation, all in nats per predicted token of the validation split, one per seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AblationRecord {
    /// Version of the records.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// The corpus, by name.
    pub corpus: String,
    /// SHA-256 of the prepared corpus.
    pub content_checksum: String,
    /// How long each model was trained.
    pub budget: Budget,
    /// The seeds, in the order of the losses.
    pub seeds: Vec<u64>,
    /// The entry that borrows the ideas.
    pub tuned: EntryId,
    /// The entry without borrowed ideas.
    pub faithful: EntryId,
    /// Its configuration.
    pub config: toml::Table,
    /// Losses without borrowed ideas.
    pub without: Vec<f64>,
    /// Losses with each idea alone.
    pub alone: Vec<IdeaLosses>,
    /// Losses of the tuned entry, which has all of them.
    pub together: Vec<f64>,
}

/// Losses with one idea.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdeaLosses {
    /// The idea.
    pub idea: BorrowedIdea,
    /// In the order of the seeds.
    pub losses: Vec<f64>,
}

impl AblationRecord {
    /// Mean and standard error of what was gained over the entry without borrowed ideas, in nats per token, with the seeds
    /// paired; positive is better. None before every seed is done.
    pub fn gain(&self, losses: &[f64]) -> Option<(f64, f64)> {
        let seeds = self.seeds.len();
        if self.without.len() != seeds || losses.len() != seeds {
            return None;
        }
        let pairs = self.without.iter().zip(losses);
        let gains: Vec<f64> = pairs.map(|(without, with)| without - with).collect();
        Some(mean_and_error(&gains))
    }
}

/// A kind of model in an ablation.
#[derive(Clone, Copy)]
enum Kind {
    Without,
    Alone(usize),
    Together,
}

impl Ablation<'_> {
    /// Trains all models, seed by seed, except those whose loss `path` already has; the record is written after each.
    ///
    /// # Errors
    /// Errors of training; [`Error::Unsuited`] for a text without validation data; [`Error::Corrupt`] for a record that cannot be
    /// read; [`Error::Interrupted`] if `progress` asks to stop.
    pub fn run(&self, path: &Path, progress: &mut dyn Progress) -> Result<AblationRecord> {
        let (tuned, config) = &self.tuned;
        let mut ideas = Vec::new();
        for idea in tuned.optional_ideas() {
            if idea.is_used(config)? {
                ideas.push(idea);
            }
        }
        let mut record = self.begin(path, &ideas)?;
        let alone = (0..ideas.len()).map(Kind::Alone);
        let kinds: Vec<Kind> = [Kind::Without].into_iter().chain(alone).collect();
        for (number, &seed) in self.seeds.iter().enumerate() {
            for &kind in kinds.iter().chain([&Kind::Together]) {
                if record.losses(kind).len() > number {
                    continue;
                }
                let loss = match kind {
                    Kind::Without => self.train(&self.faithful, seed, path, progress)?,
                    Kind::Together => self.train(&self.tuned, seed, path, progress)?,
                    Kind::Alone(at) => {
                        let (entry, config) = &self.faithful;
                        let with = (*entry, ideas[at].added_to(config)?);
                        self.train(&with, seed, path, progress)?
                    }
                };
                record.losses(kind).push(loss);
                let text = serde_json::to_string_pretty(&record);
                let text = text.map_err(|error| Error::corrupt(path, error.to_string()))?;
                write_atomically(path, (text + "\n").as_bytes())?;
            }
        }
        Ok(record)
    }

    /// The record so far, or an empty one.
    fn begin(&self, path: &Path, ideas: &[&dyn OptionalIdea]) -> Result<AblationRecord> {
        let empty = AblationRecord {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::this(),
            corpus: self.corpus.name().to_owned(),
            content_checksum: self.corpus.content_checksum(),
            budget: self.budget,
            seeds: self.seeds.to_vec(),
            tuned: self.tuned.0.id(),
            faithful: self.faithful.0.id(),
            config: self.faithful.1.clone(),
            without: Vec::new(),
            alone: ideas
                .iter()
                .map(|idea| IdeaLosses {
                    idea: idea.idea().clone(),
                    losses: Vec::new(),
                })
                .collect(),
            together: Vec::new(),
        };
        if !path.exists() {
            return Ok(empty);
        }
        let text = fs::read(path).map_err(Error::io("read", path))?;
        let known: AblationRecord = serde_json::from_slice(&text)
            .map_err(|error| Error::corrupt(path, format!("{error}; remove it")))?;
        // The file name stands for text, settings and budget; further seeds continue the record.
        let shared = known.seeds.iter().zip(&empty.seeds);
        let is_same = known.tuned == empty.tuned
            && known.content_checksum == empty.content_checksum
            && shared.clone().all(|(old, new)| old == new);
        match is_same {
            true => Ok(AblationRecord {
                seeds: empty.seeds,
                ..known
            }),
            false => Err(Error::corrupt(path, "it is of another ablation; remove it")),
        }
    }

    /// The validation loss of a new model.
    fn train(
        &self,
        (entry, config): &(&dyn Entry, toml::Table),
        seed: u64,
        path: &Path,
        progress: &mut dyn Progress,
    ) -> Result<f64> {
        let folder = path.with_extension("model");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
        }
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let mut last = LastLoss {
            progress,
            valid_log_prob: None,
        };
        let mut training = Training {
            budget: self.budget,
            seed,
            validation: validation(self.corpus)?,
            ..Training::new(&mut last)
        };
        entry.train(config, self.corpus, &mut training, &folder)?;
        fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
        let loss = last.valid_log_prob.map(|log_prob| -log_prob);
        loss.ok_or_else(|| Error::Unsuited {
            corpus: self.corpus.name().to_owned(),
            what: format!(
                "{} has no loss on its validation split, by which ideas are judged",
                entry.id().label()
            ),
        })
    }
}

impl AblationRecord {
    fn losses(&mut self, kind: Kind) -> &mut Vec<f64> {
        match kind {
            Kind::Without => &mut self.without,
            Kind::Alone(at) => &mut self.alone[at].losses,
            Kind::Together => &mut self.together,
        }
    }
}

/// Tokens of the validation split that are scored at most.
const VALIDATION: usize = 50_000;

fn validation(corpus: &Corpus) -> Result<Vec<TokenId>> {
    if !corpus.has(Split::Valid) {
        return Ok(Vec::new());
    }
    let valid = corpus.split(Split::Valid)?;
    Ok(valid.read(0..valid.len().min(VALIDATION)))
}

/// Keeps the last validation loss and forwards everything else.
struct LastLoss<'a> {
    progress: &'a mut dyn Progress,
    valid_log_prob: Option<f64>,
}

impl Progress for LastLoss<'_> {
    fn point(&mut self, point: &CurvePoint) {
        self.valid_log_prob = point.valid_log_prob;
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.progress.tick(what, done, total)
    }

    fn note(&mut self, what: &str) {
        self.progress.note(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_are_paired_by_seed() {
        let record = AblationRecord {
            format: FORMAT,
            version: String::new(),
            machine: Machine::this(),
            corpus: String::new(),
            content_checksum: String::new(),
            budget: Budget::EraDefault,
            seeds: vec![1, 2],
            tuned: EntryId::language_model(2021, "a", "tuned"),
            faithful: EntryId::language_model(2017, "a", "first"),
            config: toml::Table::new(),
            without: vec![2.0, 1.0],
            alone: Vec::new(),
            together: vec![1.5],
        };
        // Both seeds gain half a nat, so there is no spread, although the losses differ by a nat.
        assert_eq!(record.gain(&[1.5, 0.5]), Some((0.5, 0.0)));
        assert_eq!(record.gain(&[2.5, 1.5]).unwrap().0, -0.5);
        assert_eq!(record.gain(&record.together), None);
    }
}
