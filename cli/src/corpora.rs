//! Finding a corpus: by name under the workspace, by path, or the built-in one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use corpus::{Corpus, Settings, Source, Watch, prepare_once, write_atomically};

use crate::output::usage;
use crate::progress::Bar;
use crate::sample;

/// Where prepared corpora lie.
pub(crate) fn folder(workspace: &Path) -> PathBuf {
    workspace.join("corpora")
}

/// Opens a corpus by name; or by path, prepared beforehand or now; or, without either, the built-in one.
pub(crate) fn open(workspace: &Path, name_or_path: Option<&str>) -> anyhow::Result<Corpus> {
    let Some(name) = name_or_path else {
        return open_sample(workspace);
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

fn open_sample(workspace: &Path) -> anyhow::Result<Corpus> {
    let path = workspace.join("sample").join("sample.txt");
    let text = sample::text(1);
    // Written once, so that the file's date, and with it the prepared corpus, stays.
    if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
        fs::create_dir_all(workspace.join("sample"))
            .with_context(|| format!("cannot create {}", path.display()))?;
        write_atomically(&path, text.as_bytes())?;
    }
    let source = Source::find(&path.to_string_lossy())?;
    prepare_path(workspace, &source, &Settings::default())
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
