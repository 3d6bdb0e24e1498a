//! Finding a corpus: by name under the workspace, by path, or the built-in one.

use std::fs;
use std::path::{Path, PathBuf};

use corpus::{Corpus, OnExisting, Settings, Source, Watch, prepare_once};
use village::Village;

use crate::output::{complain, say, table, thousands, usage};
use crate::progress::Bar;

/// The built-in world, as a source and as the name of its corpus.
pub(crate) const VILLAGE: &str = "village";

/// Where prepared corpora lie.
pub(crate) fn folder(workspace: &Path) -> PathBuf {
    workspace.join("corpora")
}

/// Opens a corpus by name; or by path, prepared beforehand or now; or, without either, the built-in one.
pub(crate) fn open(workspace: &Path, name_or_path: Option<&str>) -> anyhow::Result<Corpus> {
    let Some(name) = name_or_path else {
        return open_village(workspace);
    };
    if is_name(name) && folder(workspace).join(name).join("corpus.toml").exists() {
        return Ok(Corpus::open(&folder(workspace).join(name))?);
    }
    if Path::new(name).join("corpus.toml").exists() {
        return Ok(Corpus::open(Path::new(name))?);
    }
    let source = Source::find(name).map_err(|error| match is_name(name) {
        true => usage(format!("--corpus {name}: {}", unknown(workspace))),
        false => error.into(),
    })?;
    prepare_path(workspace, &source, &Settings::guess(&source)?)
}

/// Opens a prepared corpus by its name only.
pub(crate) fn open_named(workspace: &Path, name: &str) -> anyhow::Result<Corpus> {
    let path = folder(workspace).join(name);
    if !is_name(name) || !path.join("corpus.toml").exists() {
        return Err(usage(format!("{name}: {}", unknown(workspace))));
    }
    Ok(Corpus::open(&path)?)
}

/// Refuses names that are not names of folders.
pub(crate) fn check_name(name: &str) -> anyhow::Result<()> {
    match is_name(name) {
        true => Ok(()),
        false => Err(usage(format!(
            "--name {name}: letters, digits, - _ and . are allowed, not a dot first"
        ))),
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(allowed)
}

/// Names of the prepared corpora, sorted.
pub(crate) fn names(workspace: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder(workspace)) else {
        return Vec::new();
    };
    let names = entries
        .flatten()
        .filter(|entry| entry.path().join("corpus.toml").exists());
    let mut names: Vec<String> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    // Folders that are still being written begin with a dot.
    names.retain(|name| is_name(name));
    names.sort();
    names
}

fn unknown(workspace: &Path) -> String {
    match names(workspace).as_slice() {
        [] => "no such file or corpus, and none is prepared yet (eras corpus prepare, eras corpus fetch)".to_owned(),
        names => format!("no such file or corpus; prepared are {}", names.join(", ")),
    }
}

/// Opens the corpus `village`, which is told now if it was not yet, or if another version of the program told it.
fn open_village(workspace: &Path) -> anyhow::Result<Corpus> {
    let told = folder(workspace).join(VILLAGE);
    if !told.exists() {
        return tell(
            workspace,
            VILLAGE,
            &village::Settings::default(),
            OnExisting::Refuse,
        );
    }
    let corpus = Corpus::open(&told)?;
    let error = match Village::of(&corpus) {
        Ok(_) => return Ok(corpus),
        Err(error) => error,
    };
    let generator = corpus.record.generator.as_ref();
    let settings = generator.map(|generator| generator.settings.clone().try_into());
    match settings {
        // Told by another version, with settings that are still understood.
        Some(Ok(settings)) => {
            complain(&format!("{error}; it is told again"));
            tell(workspace, VILLAGE, &settings, OnExisting::Replace)
        }
        // Whatever it is, it is not ours to replace.
        _ => Err(usage(format!(
            "{error}, but the village goes by this name; move {} away, or say --corpus",
            told.display()
        ))),
    }
}

/// Tells the village as a corpus of this name.
pub(crate) fn tell(
    workspace: &Path,
    name: &str,
    settings: &village::Settings,
    existing: OnExisting,
) -> anyhow::Result<Corpus> {
    let village = Village::new(settings).map_err(|error| usage(error.to_string()))?;
    let mut bar = Bar::new(name);
    let mut observer = |step| bar.step(step);
    let watch = &mut Watch::new(&mut observer);
    Ok(village.prepare(&folder(workspace).join(name), existing, watch)?)
}

fn prepare_path(workspace: &Path, source: &Source, settings: &Settings) -> anyhow::Result<Corpus> {
    let mut bar = Bar::new(&source.stem());
    let mut observer = |step| bar.step(step);
    Ok(prepare_once(
        source,
        &folder(workspace),
        settings,
        &mut Watch::new(&mut observer),
    )?)
}

/// Prints what a corpus holds, a row for each split.
pub(crate) fn describe(corpus: &Corpus) -> anyhow::Result<()> {
    let record = &corpus.record;
    let vocabulary = thousands(record.vocabulary.size as u64);
    say(&format!(
        "{}: {} tokens, vocabulary {vocabulary}",
        record.name,
        record.settings.tokenizer_name()
    ))?;
    let rows: Vec<Vec<String>> = record
        .splits
        .iter()
        .map(|(split, record)| {
            let counts = [
                record.tokens,
                record.lines,
                record.documents,
                record.bytes,
                record.out_of_vocabulary,
            ];
            [split.name().to_owned()]
                .into_iter()
                .chain(counts.map(thousands))
                .collect()
        })
        .collect();
    say(&table(
        &[
            "split",
            "tokens",
            "lines",
            "documents",
            "bytes",
            "out of vocabulary",
        ],
        &rows,
    ))?;
    say(&format!("folder: {}", corpus.folder().display()))
}
