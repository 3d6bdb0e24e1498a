//! Checkpoints: everything that a training needs to go on as if it had never stopped.
//!
//! ```text
//! <folder>/step-000000001200/   state.safetensors · state.json
//! ```
//!
//! A checkpoint is written beside its place and renamed. It and the one before it are kept, so that one that the disk damaged
//! does not cost the training; what has come further is of another training, or damaged, and goes.

use std::fs;
use std::path::{Path, PathBuf};

use harness::CurvePoint;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::weights::{self, Named};

/// How far a training has come; the tensors lie beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// Of the training that it belongs to: settings, seed and budget in words. Another one does not go on from it.
    pub(crate) training: String,
    pub(crate) step: u64,
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
    /// The sum of the losses since the last point of the curve, and how many they are.
    pub(crate) loss: (f64, u64),
    pub(crate) curve: Vec<CurvePoint>,
    /// Moments whose parameters were added up for their average.
    pub(crate) averaged: u64,
    /// The highest mean ln p on the validation sample so far; its parameters lie beside it.
    pub(crate) best: Option<f64>,
}

const TENSORS: &str = "state.safetensors";
const STATE: &str = "state.json";
const PREFIX: &str = "step-";

/// Writes a checkpoint; the one before it stays, all others are removed.
pub(crate) fn save(folder: &Path, state: &State, tensors: &Named) -> Result<()> {
    let target = folder.join(format!("{PREFIX}{:012}", state.step));
    let unfinished = folder.join(format!(".{PREFIX}{:012}.tmp", state.step));
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io {
            path,
            action: "write",
            source,
        }
    };
    let remove = |left: &Path| match left.exists() {
        true => fs::remove_dir_all(left).map_err(io(left)),
        false => Ok(()),
    };
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(io(&unfinished))?;
    weights::save(&unfinished.join(TENSORS), tensors)?;
    let json = serde_json::to_vec_pretty(state).map_err(|error| Error::Checkpoint {
        path: target.clone(),
        what: error.to_string(),
    })?;
    corpus::write_atomically(&unfinished.join(STATE), &json).map_err(harness::Error::from)?;
    // One of the same step goes only now that its successor is whole.
    remove(&target)?;
    fs::rename(&unfinished, &target).map_err(io(&target))?;
    let all = list(folder)?;
    let before = all.iter().rfind(|path| **path < target);
    let mut others = all
        .iter()
        .filter(|path| **path != target && Some(*path) != before);
    others.try_for_each(|other| remove(other))
}

/// The checkpoints of a folder, the oldest first; none if there is no such folder.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let failed = |source| Error::Io {
        path: folder.to_owned(),
        action: "read",
        source,
    };
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(PREFIX) {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Reads a checkpoint.
pub(crate) fn load(path: &Path) -> Result<(State, Named)> {
    let file = path.join(STATE);
    let text = fs::read(&file).map_err(|source| Error::Io {
        path: file.clone(),
        action: "read",
        source,
    })?;
    let state = serde_json::from_slice(&text).map_err(|error| Error::Checkpoint {
        path: file,
        what: error.to_string(),
    })?;
    Ok((state, weights::load(&path.join(TENSORS))?))
}
