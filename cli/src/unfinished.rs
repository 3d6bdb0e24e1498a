//! What lies beside a model while it is made, and goes when it is complete.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

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
