//! Checkpoint files: everything that an interrupted training run needs to continue with the same numbers.
//!
//! ```text
//! <folder>/step-000000001200/   state.safetensors · state.json
//! ```
//!
//! A checkpoint is written under a temporary name and renamed. The last two checkpoints are kept, so that the run survives
//! damage to one of them. Checkpoints of later steps belong to another run or are damaged, and are removed.

use std::fs;
use std::path::{Path, PathBuf};

use harness::CurvePoint;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::weights::{self, Named};

/// Progress of a training run; the tensors of a checkpoint are stored beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counters {
    /// Settings, seed and budget of the run. A run resumes only from checkpoints with its own fingerprint.
    pub(crate) fingerprint: String,
    pub(crate) step: u64,
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
    /// Sum of the losses since the last point of the learning curve.
    pub(crate) loss_sum: f64,
    /// Number of these losses.
    pub(crate) loss_count: u64,
    pub(crate) curve: Vec<CurvePoint>,
    /// Number of checkpoints in the running average.
    pub(crate) averaged: u64,
    /// Highest mean ln p on the validation sample so far.
    pub(crate) best: Option<f64>,
}

impl Counters {
    pub(crate) fn new(fingerprint: String) -> Counters {
        Counters {
            fingerprint,
            step: 0,
            tokens: 0,
            seconds: 0.0,
            loss_sum: 0.0,
            loss_count: 0,
            curve: Vec::new(),
            averaged: 0,
            best: None,
        }
    }

    /// The mean loss since the last point of the learning curve; `None` without a step. Starts a new mean.
    pub(crate) fn take_mean_loss(&mut self) -> Option<f64> {
        let sum = std::mem::take(&mut self.loss_sum);
        let count = std::mem::take(&mut self.loss_count);
        (count > 0).then(|| sum / count as f64)
    }
}

const TENSORS: &str = "state.safetensors";
const STATE: &str = "state.json";
const PREFIX: &str = "step-";

/// Writes a checkpoint and removes all others except the one before it.
pub(crate) fn save(folder: &Path, counters: &Counters, tensors: &Named) -> Result<()> {
    let target = folder.join(format!("{PREFIX}{:012}", counters.step));
    let unfinished = folder.join(format!(".{PREFIX}{:012}.tmp", counters.step));
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
    let json = serde_json::to_vec_pretty(counters).map_err(|error| Error::Checkpoint {
        path: target.clone(),
        what: error.to_string(),
    })?;
    corpus::write_atomically(&unfinished.join(STATE), &json).map_err(harness::Error::from)?;
    // An older checkpoint of the same step is removed only now that the new one is complete.
    remove(&target)?;
    fs::rename(&unfinished, &target).map_err(io(&target))?;
    let all = list(folder)?;
    let before = all.iter().rfind(|path| **path < target);
    let mut others = all
        .iter()
        .filter(|path| **path != target && Some(*path) != before);
    others.try_for_each(|other| remove(other))
}

/// Paths of the checkpoints in a folder, oldest first; empty if the folder does not exist.
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
pub(crate) fn load(path: &Path) -> Result<(Counters, Named)> {
    let file = path.join(STATE);
    let text = fs::read(&file).map_err(|source| Error::Io {
        path: file.clone(),
        action: "read",
        source,
    })?;
    let counters = serde_json::from_slice(&text).map_err(|error| Error::Checkpoint {
        path: file,
        what: error.to_string(),
    })?;
    Ok((counters, weights::load(&path.join(TENSORS))?))
}
