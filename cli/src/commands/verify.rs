//! `eras verify`.

use std::path::Path;

use corpus::Corpus;
use harness::{EntryFolder, ModelCard, Run, State, read_run_record};
use serde_json::json;

use crate::args::VerifyOptions;
use crate::output::{say, say_json, usage};
use crate::progress::Bar;

pub(crate) fn run(options: VerifyOptions) -> anyhow::Result<()> {
    let mut verified = Vec::new();
    for folder in &options.folders {
        let mut bar = Bar::new(&folder.display().to_string());
        bar.show("comparing checksums");
        let what = verify(folder)?;
        drop(bar);
        if !options.json {
            say(&format!(
                "{}: {what}, all files match their checksums",
                folder.display()
            ))?;
        }
        verified.push(json!({ "folder": folder.to_string_lossy(), "what": what }));
    }
    if options.json {
        say_json(&verified)
    } else {
        Ok(())
    }
}

/// Verifies a folder of any kind; returns the kind.
fn verify(folder: &Path) -> anyhow::Result<&'static str> {
    if !folder.is_dir() {
        return Err(usage(format!("{}: no such folder", folder.display())));
    }
    if folder.join("corpus.toml").exists() {
        let corpus = Corpus::open(folder)?;
        corpus.verify()?;
        // Opening a split also checks each id.
        corpus
            .record
            .splits
            .keys()
            .try_for_each(|&split| corpus.split(split).map(drop))?;
        Ok("corpus")
    } else if folder.join("model.toml").exists() {
        ModelCard::open(folder)?.verify(folder)?;
        Ok("model")
    } else if folder.join("run.toml").exists() {
        verify_run(folder)?;
        Ok("run")
    } else {
        Err(usage(format!(
            "{}: not a corpus, a model or a run",
            folder.display()
        )))
    }
}

/// Records and models against their checksums, tables against the records.
fn verify_run(folder: &Path) -> anyhow::Result<()> {
    let run = read_run_record(folder)?;
    for id in &run.entries {
        let entry = EntryFolder::open(&id.folder(folder));
        if entry.state() == State::Done {
            entry.verify()?;
            ModelCard::open(&entry.model())?.verify(&entry.model())?;
        }
    }
    Ok(Run::verify_tables(folder, &run)?)
}
