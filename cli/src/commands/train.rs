//! `eras train`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{ModelCard, Training, VALIDATION_SAMPLE};

use crate::args::TrainOptions;
use crate::corpora;
use crate::eras::{Config, Entry, Place};
use crate::output::{say, thousands, usage};
use crate::progress::Bar;
use crate::settings::Overrides;

pub(crate) fn run(workspace: &Path, options: TrainOptions) -> anyhow::Result<()> {
    let entries = match Entry::leading(&options.era) {
        Some(entry) => vec![entry],
        None => Entry::chosen(std::slice::from_ref(&options.era))?,
    };
    // What takes part in several tracks under one name is one model.
    let entries = match &entries[..] {
        [first, rest @ ..]
            if rest
                .iter()
                .all(|entry| entry.id().label() == first.id().label()) =>
        {
            vec![*first]
        }
        _ => entries,
    };
    let [entry] = entries[..] else {
        let names: Vec<String> = entries.iter().map(|entry| entry.id().label()).collect();
        return Err(usage(format!(
            "{}: choose one of {}",
            options.era,
            names.join(", ")
        )));
    };
    let overrides = Overrides {
        preset: options.preset,
        file: options.config,
        sets: options.sets,
    };
    let mut config = entry.configure(&overrides)?;
    if let (true, Config::Word2vec(config)) = (options.deterministic, &mut config) {
        config.threads = 1;
    }
    if options.memory.is_some() && !matches!(config, Config::Ngram(_)) {
        return Err(usage("--memory: only n-grams are counted on disk"));
    }
    if options.out.exists() {
        return Err(usage(format!(
            "{}: exists already; choose another --out",
            options.out.display()
        )));
    }
    let corpus = corpora::open(workspace, Some(&options.corpus))?;
    let unfinished = Unfinished::beside(&options.out);
    let checkpoints = checkpoints_beside(&options.out);
    let of_this_text = checkpoints.join(&corpus.content_checksum()[..16]);
    let mut bar = Bar::new(&entry.id().label()).telling_points();
    let mut training = Training {
        budget: options.budget,
        seed: options.seed,
        validation: validation_sample(&corpus)?,
        checkpoints: Some(of_this_text),
        checkpoint_every: options.checkpoint_every,
        ..Training::new(&mut bar)
    };
    let place = Place {
        folder: &unfinished.0,
        memory: options.memory,
    };
    entry.train(&config, &corpus, &mut training, place)?;
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

/// Where a training that is stopped leaves what it needs to go on, for each text in a folder of its own.
fn checkpoints_beside(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{name}.checkpoints"))
}

/// They are of no use once the model is there.
pub(crate) fn remove_checkpoints(folder: &Path) -> anyhow::Result<()> {
    match folder.exists() {
        true => fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display())),
        false => Ok(()),
    }
}

/// A folder that vanishes unless it is renamed.
pub(crate) struct Unfinished(pub(crate) PathBuf);

impl Unfinished {
    /// The folder in which a model grows.
    pub(crate) fn beside(out: &Path) -> Unfinished {
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        Unfinished(out.with_file_name(format!(".{name}.{}.partial", std::process::id())))
    }

    /// Gives it its name, now that it is complete.
    pub(crate) fn rename(self, out: &Path) -> anyhow::Result<()> {
        fs::rename(&self.0, out).with_context(|| format!("cannot create {}", out.display()))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already if all went well; of no use if not.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The beginning of the validation split, where there is one.
pub(crate) fn validation_sample(corpus: &Corpus) -> anyhow::Result<Vec<u32>> {
    if !corpus.has(Split::Valid) {
        return Ok(Vec::new());
    }
    let valid = corpus.split(Split::Valid)?;
    Ok(valid.read(0..valid.len().min(VALIDATION_SAMPLE)))
}
