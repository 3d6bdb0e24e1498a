//! `eras train`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{ModelCard, Training, VALIDATION_SAMPLE};

use crate::args::TrainOptions;
use crate::corpora;
use crate::eras::Entry;
use crate::output::{say, thousands, usage};
use crate::progress::Bar;
use crate::settings::Overrides;

pub(crate) fn run(workspace: &Path, options: TrainOptions) -> anyhow::Result<()> {
    let entries = Entry::chosen(std::slice::from_ref(&options.era))?;
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
    let config = entry.configure(&overrides)?;
    if options.out.exists() {
        return Err(usage(format!(
            "{}: exists already; choose another --out",
            options.out.display()
        )));
    }
    let corpus = corpora::open(workspace, Some(&options.corpus))?;
    let unfinished = Unfinished(beside(&options.out));
    let mut bar = Bar::new(&entry.id().label());
    let mut training = Training {
        budget: options.budget,
        seed: options.seed,
        validation: validation_sample(&corpus)?,
        ..Training::new(&mut bar)
    };
    entry.train(&config, &corpus, &mut training, &unfinished.0)?;
    fs::rename(&unfinished.0, &options.out)
        .with_context(|| format!("cannot create {}", options.out.display()))?;
    let (bar, card) = (bar, ModelCard::open(&options.out)?);
    let seconds = bar.curve.last().map_or(0.0, |point| point.seconds);
    let parameters = thousands(card.parameters);
    drop(bar);
    say(&format!(
        "model: {} ({parameters} parameters, {seconds:.1} s of training)",
        options.out.display()
    ))
}

/// A folder that vanishes unless it was renamed.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already if all went well; of no use if not.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The folder in which the model grows; it gets its name when it is complete.
fn beside(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

/// The beginning of the validation split, where there is one.
pub(crate) fn validation_sample(corpus: &Corpus) -> anyhow::Result<Vec<u32>> {
    if !corpus.has(Split::Valid) {
        return Ok(Vec::new());
    }
    let valid = corpus.split(Split::Valid)?;
    Ok(valid.read(0..valid.len().min(VALIDATION_SAMPLE)))
}
