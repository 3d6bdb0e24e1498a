//! The eras that this program knows: one `match` for each question.

use std::fs;
use std::path::Path;

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{Baseline, EntryId, Experiment, Generator, MODEL_FORMAT, ModelCard, Training};

use crate::output::usage;
use crate::settings::Overrides;

/// A model that can be judged and asked to write.
pub(crate) type Model = Box<dyn Generator>;

/// A kind of model that can be trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Uniform,
    Unigram,
    StupidBackoff,
}

/// A resolved configuration.
#[derive(Debug, Clone)]
pub(crate) enum Config {
    None,
    Ngram(ngram::Config),
}

const BASELINES: &str = "baselines";

impl Entry {
    /// All entries, in order of their years.
    pub(crate) const ALL: [Entry; 3] = [Entry::Uniform, Entry::Unigram, Entry::StupidBackoff];

    /// How records name it.
    pub(crate) fn id(self) -> EntryId {
        // The baselines are older than all eras: Shannon's zeroth and first approximation.
        match self {
            Entry::Uniform => EntryId::language_model(1948, BASELINES, "uniform"),
            Entry::Unigram => EntryId::language_model(1948, BASELINES, "unigram"),
            Entry::StupidBackoff => {
                EntryId::language_model(ngram::YEAR, ngram::ERA, "stupid-backoff")
            }
        }
    }

    /// The entry of a record.
    pub(crate) fn of(id: &EntryId) -> anyhow::Result<Entry> {
        let known = Entry::ALL.into_iter().find(|entry| entry.id() == *id);
        known.with_context(|| format!("{id}: this program has no such entry"))
    }

    /// The entries that a list of eras and entries names; all if it is empty.
    pub(crate) fn chosen(names: &[String]) -> anyhow::Result<Vec<Entry>> {
        let mut chosen = Vec::new();
        for name in names {
            let matching = Entry::ALL
                .into_iter()
                .filter(|entry| entry.id().era == *name || entry.id().label() == *name);
            let before = chosen.len();
            chosen.extend(matching);
            if chosen.len() == before {
                let known: Vec<String> =
                    Entry::ALL.iter().map(|entry| entry.id().label()).collect();
                let eras = "baselines, ngram";
                return Err(usage(format!(
                    "{name}: no such era or entry; there are {eras}, or {}",
                    known.join(", ")
                )));
            }
        }
        let wanted = |entry: &Entry| names.is_empty() || chosen.contains(entry);
        Ok(Entry::ALL.into_iter().filter(wanted).collect())
    }

    /// The configuration that the command line asks for.
    pub(crate) fn configure(self, overrides: &Overrides) -> anyhow::Result<Config> {
        match self {
            Entry::Uniform | Entry::Unigram => {
                let given = overrides.preset.is_some()
                    || overrides.file.is_some()
                    || !overrides.sets.is_empty();
                match given {
                    true => Err(usage("baselines have no settings")),
                    false => Ok(Config::None),
                }
            }
            Entry::StupidBackoff => {
                let config = overrides.resolve(&ngram::PRESETS, ngram::Config::preset)?;
                config
                    .validate()
                    .map_err(|error| usage(error.to_string()))?;
                Ok(Config::Ngram(config))
            }
        }
    }

    /// Trains, and leaves the model in `folder`, which appears with it.
    pub(crate) fn train(
        self,
        config: &Config,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> anyhow::Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        corpus.codec().save(folder)?;
        let vocab_size = corpus.vocab().len();
        match (self, config) {
            (Entry::StupidBackoff, Config::Ngram(config)) => {
                let tokens = corpus.split(Split::Train)?.to_vec();
                let model = config.train(&tokens, vocab_size, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            (Entry::Uniform, _) => {
                save_baseline(self, &Baseline::uniform(vocab_size), corpus, folder)?
            }
            _ => {
                let counts = corpus.split(Split::Train)?.counts(vocab_size);
                save_baseline(self, &Baseline::unigram(&counts), corpus, folder)?;
            }
        }
        Ok(())
    }
}

impl Config {
    /// As it is written into records.
    pub(crate) fn to_table(&self) -> anyhow::Result<toml::Table> {
        match self {
            Config::None => Ok(toml::Table::new()),
            Config::Ngram(config) => Ok(toml::Table::try_from(config)?),
        }
    }
}

fn save_baseline(
    entry: Entry,
    model: &Baseline,
    corpus: &Corpus,
    folder: &Path,
) -> anyhow::Result<()> {
    model.save(folder)?;
    let vocab_size = corpus.vocab().len();
    let card = ModelCard {
        format: MODEL_FORMAT,
        era: BASELINES.to_owned(),
        variant: entry.id().variant,
        vocab_checksum: corpus.vocab_checksum(),
        vocab_size,
        parameters: if entry == Entry::Unigram {
            vocab_size as u64
        } else {
            0
        },
        config: toml::Table::new(),
        files: Vec::new(),
    };
    Ok(card.write(folder)?)
}

/// Opens a trained model of any era.
pub(crate) fn open(folder: &Path) -> anyhow::Result<(ModelCard, Model)> {
    let card = ModelCard::open(folder)?;
    let model: Model = match card.era.as_str() {
        BASELINES => Box::new(Baseline::open(folder, card.vocab_size)?),
        ngram::ERA => Box::new(ngram::StupidBackoff::open(folder)?),
        other => anyhow::bail!("{}: this program has no era {other}", folder.display()),
    };
    Ok((card, model))
}

/// The experiments of an era.
pub(crate) fn experiments(era: &str) -> anyhow::Result<Vec<Box<dyn Experiment>>> {
    match era {
        ngram::ERA => Ok(ngram::experiments()),
        other => Err(usage(format!(
            "{other}: experiments are there for {}",
            ngram::ERA
        ))),
    }
}
