//! `eras train`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use corpus::{Corpus, Split};
use eras_list::ERAS;
use harness::{
    Adaptation, Entry, Era, ModelCard, Training, TrainingTotals, VALIDATION_SAMPLE, borrowed_ideas,
    check_init_from, require_suited,
};

use crate::args::TrainOptions;
use crate::output::{say, thousands, usage};
use crate::progress::Bar;
use crate::settings::{INIT_FROM, Overrides};
use crate::unfinished::{Unfinished, remove_checkpoints};
use crate::{choice, corpora, models};

pub(crate) fn run(workspace: &Path, options: TrainOptions) -> anyhow::Result<()> {
    let entry = choice::entry(&options.era)?;
    let overrides = Overrides {
        preset: options.preset,
        file: options.config,
        sets: options.sets,
    };
    let mut config = overrides.configure(entry)?;
    if options.deterministic {
        entry.adapt(&mut config, Adaptation::Deterministic);
    }
    if options.memory.is_some() && !entry.bounds_memory() {
        return Err(usage("--memory applies to n-grams only"));
    }
    if options.out.exists() {
        return Err(usage(format!(
            "{}: already exists; choose another --out",
            options.out.display()
        )));
    }
    let corpus = corpora::open(workspace, Some(&options.corpus))?;
    let init_from = init_from(options.from, &mut config)?;
    let mut ancestry = Vec::new();
    if let Some(folder) = &init_from {
        models::open_card(folder)?;
        check_init_from(entry, folder, &corpus)?;
        ancestry = ModelCard::ancestry_of_next(folder)?;
    }
    let unfinished = Unfinished::beside(&options.out);
    let checkpoints = checkpoints_beside(&options.out);
    let of_this_text = checkpoints.join(&corpus.content_checksum()[..16]);
    let mut bar = Bar::new(&entry.id().label()).printing_points();
    let mut training = Training {
        budget: options.budget,
        seed: options.seed,
        validation: validation_sample(&corpus)?,
        checkpoints: Some(of_this_text),
        checkpoint_every: options.checkpoint_every,
        memory: options.memory,
        init_from,
        ..Training::new(&mut bar)
    };
    train_into(entry, &config, &corpus, &mut training, &unfinished.0)?;
    let totals = TrainingTotals::of(options.budget, &bar.curve);
    let ideas = borrowed_ideas(entry, &config)?;
    ModelCard::note_training(&unfinished.0, totals, ancestry, ideas)?;
    unfinished.rename(&options.out)?;
    remove_checkpoints(&checkpoints)?;
    let (bar, card) = (bar, ModelCard::open(&options.out)?);
    let seconds = bar.curve.last().map_or(0.0, |point| point.seconds);
    let parameters = thousands(card.parameters);
    drop(bar);
    say(&format!(
        "model: {} ({parameters} parameters, {seconds:.1} s of training)",
        options.out.display()
    ))
}

/// The model to start from, given on the command line or else in the configuration, from which the key is removed.
fn init_from(given: Option<PathBuf>, config: &mut toml::Table) -> anyhow::Result<Option<PathBuf>> {
    match config.remove(INIT_FROM) {
        Some(toml::Value::String(folder)) => Ok(Some(given.unwrap_or_else(|| folder.into()))),
        Some(other) => Err(usage(format!(
            "{INIT_FROM} = {other}: must be the folder of a model"
        ))),
        None => Ok(given),
    }
}

/// Names the entries of the same era that can be trained on the corpus.
fn suggest(entry: &dyn Entry, corpus: &Corpus, error: &harness::Error) -> anyhow::Error {
    let era = ERAS.era(&entry.id().era);
    let others = era.map_or(&[][..], Era::entries).iter();
    let suited = others.filter(|other| other.unsuited(corpus).is_none());
    let labels: Vec<String> = suited.map(|other| other.id().label()).collect();
    match labels.is_empty() {
        true => usage(error.to_string()),
        false => usage(format!("{error}; train {} instead", labels.join(" or "))),
    }
}

/// Trains an entry into a folder, which is created.
pub(crate) fn train_into(
    entry: &dyn Entry,
    config: &toml::Table,
    corpus: &Corpus,
    training: &mut Training<'_>,
    folder: &Path,
) -> anyhow::Result<()> {
    require_suited(entry, corpus).map_err(|error| suggest(entry, corpus, &error))?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(entry.train(config, corpus, training, folder)?)
}

/// The folder of the checkpoints of interrupted training, with a subfolder for each text.
fn checkpoints_beside(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{name}.checkpoints"))
}

/// The beginning of the validation split, where there is one.
pub(crate) fn validation_sample(corpus: &Corpus) -> anyhow::Result<Vec<u32>> {
    if !corpus.has(Split::Valid) {
        return Ok(Vec::new());
    }
    let valid = corpus.split(Split::Valid)?;
    Ok(valid.read(0..valid.len().min(VALIDATION_SAMPLE)))
}
