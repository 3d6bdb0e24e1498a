//! Temporary folders beside a model, removed when it is complete.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Removes the checkpoints of a complete model.
pub(crate) fn remove_checkpoints(folder: &Path) -> anyhow::Result<()> {
    match folder.exists() {
        true => fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display())),
        false => Ok(()),
    }
}

/// A folder that is removed unless it is renamed.
pub(crate) struct Unfinished(pub(crate) PathBuf);

impl Unfinished {
    /// The temporary folder of a model.
    pub(crate) fn beside(out: &Path) -> Unfinished {
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        Unfinished(out.with_file_name(format!(".{name}.{}.partial", std::process::id())))
    }

    /// Gives the complete folder its final name.
    pub(crate) fn rename(self, out: &Path) -> anyhow::Result<()> {
        fs::rename(&self.0, out).with_context(|| format!("cannot create {}", out.display()))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Already renamed on success; of no use on failure.
        let _ = fs::remove_dir_all(&self.0);
    }
}
