//! Folders that are complete or absent: each is written under a temporary name, then renamed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::files::{folder_of, sync, sync_folder};
use crate::error::{Error, Result};

/// What to do when the target folder already exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExisting {
    /// Return [`Error::Exists`].
    Refuse,
    /// Replace it once the new one is complete.
    Replace,
}

/// A temporary folder that [`Staging::commit`] renames to `target`; dropping it without a commit removes the folder.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: PathBuf,
    target: PathBuf,
    existing: OnExisting,
}

impl Staging {
    pub(crate) fn begin(target: &Path, existing: OnExisting) -> Result<Staging> {
        let parent = folder_of(target);
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        remove_leftovers(target)?;
        if existing == OnExisting::Refuse && target.exists() {
            return Err(Error::Exists {
                path: target.to_path_buf(),
            });
        }
        let folder = private_folder(target, PARTIAL);
        fs::create_dir(&folder).map_err(Error::io("create", &folder))?;
        Ok(Staging {
            folder,
            target: target.to_path_buf(),
            existing,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Renames the folder to its target.
    pub(crate) fn commit(self) -> Result<()> {
        sync(&self.folder)?;
        match self.existing {
            OnExisting::Refuse => self.rename_into_place(),
            OnExisting::Replace => self.replace(),
        }
    }

    /// Renames the folder if the target is free; it may have been created since the work began.
    fn rename_into_place(&self) -> Result<()> {
        let exists = || Error::Exists {
            path: self.target.clone(),
        };
        if self.target.exists() {
            return Err(exists());
        }
        // If the target is created at this moment, the rename fails: the system does not rename onto a non-empty folder.
        fs::rename(&self.folder, &self.target).map_err(|error| match error.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => exists(),
            _ => Error::io("rename to", &self.target)(error),
        })?;
        let parent = folder_of(&self.target);
        sync_folder(parent).map_err(Error::io("write", parent))
    }

    /// Renames the old folder away and removes it last: at any moment one complete folder exists, and
    /// [`remove_leftovers`] finds it.
    fn replace(&self) -> Result<()> {
        if !self.target.exists() {
            return self.rename_into_place();
        }
        let old = private_folder(&self.target, OLD);
        fs::rename(&self.target, &old).map_err(Error::io("replace", &self.target))?;
        if let Err(error) = self.rename_into_place() {
            // Only the first error is reported; if this fails too, the next `remove_leftovers` tries again.
            let _ = fs::rename(&old, &self.target);
            return Err(error);
        }
        // If this fails, the folder is removed when the same name is prepared again.
        let _ = fs::remove_dir_all(&old);
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After `commit` the folder no longer exists; before, its content is incomplete.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Ending of a folder that is being written.
const PARTIAL: &str = "partial";
/// Ending of a folder that is being replaced.
const OLD: &str = "old";

/// The folder `.name.PID.ending` beside `target`, which only this process writes to.
fn private_folder(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.{ending}", std::process::id()))
}

/// Removes the leftovers of processes that were killed while they wrote `target`. If one was killed between renaming
/// the old folder away and renaming the new one, the old folder is restored.
///
/// `/proc` shows whether a process is alive. On systems without it, only leftovers with this process' own id are
/// removed. On a disk shared by several machines, processes of other machines look dead: do not prepare the same name on
/// two of them at once.
fn remove_leftovers(target: &Path) -> Result<()> {
    let parent = folder_of(target);
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    for entry in fs::read_dir(parent).map_err(Error::io("read", parent))? {
        let path = entry.map_err(Error::io("read", parent))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some((process, ending)) = name
            .strip_prefix(&prefix)
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        if !process.parse().is_ok_and(is_dead) {
            continue;
        }
        if ending == OLD && !target.exists() {
            let back = fs::rename(&path, target);
            // Another process may have restored it first.
            if !target.exists() {
                back.map_err(Error::io("rename to", target))?;
            }
        } else if ending == OLD || ending == PARTIAL {
            // If this fails, the leftover only takes space.
            let _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

/// Whether a process is known to be dead. This process counts as dead: it has not written anything yet, so a leftover
/// with its id is from an earlier process.
fn is_dead(process: u32) -> bool {
    let processes = Path::new("/proc");
    process == std::process::id()
        || (processes.join("self").exists() && !processes.join(process.to_string()).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staging_folder_without_a_commit_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("corpus");
        drop(Staging::begin(&target, OnExisting::Refuse).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let staging = Staging::begin(&target, OnExisting::Refuse).unwrap();
        staging.commit().unwrap();
        assert!(target.is_dir());
    }

    fn make(folder: &Path, content: &str) {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("content"), content).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_target_created_meanwhile_is_replaced_only_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("corpus");
        for (existing, expected) in [
            (OnExisting::Refuse, "first"),
            (OnExisting::Replace, "second"),
        ] {
            let staging = Staging::begin(&target, existing).unwrap();
            fs::write(staging.folder().join("content"), "second").unwrap();
            if existing == OnExisting::Refuse {
                make(&target, "first");
            }
            let committed = staging.commit();
            let refused = matches!(committed, Err(Error::Exists { .. }));
            assert_eq!(refused, existing == OnExisting::Refuse, "{committed:?}");
            assert_eq!(
                fs::read_to_string(target.join("content")).unwrap(),
                expected
            );
            assert_eq!(names(folder.path()), ["corpus"]);
        }
    }

    /// Larger than any process id of Linux.
    #[cfg(target_os = "linux")]
    const NOBODY: u32 = 1 << 30;

    #[cfg(target_os = "linux")]
    #[test]
    fn leftovers_of_dead_processes_are_removed_and_those_of_live_ones_kept() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        make(&at("corpus"), "new");
        let alive = format!(".corpus.{}.partial", std::os::unix::process::parent_id());
        let kept = [
            ".corpus.2.12.old",
            ".corpus.b.1073741824.old",
            ".corpus.notes",
            &alive,
        ];
        for name in kept {
            make(&at(name), "kept");
        }
        for ending in [PARTIAL, OLD] {
            make(&at(&format!(".corpus.{NOBODY}.{ending}")), "swept");
        }
        drop(Staging::begin(&at("corpus"), OnExisting::Replace).unwrap());
        let mut expected: Vec<&str> = [&kept[..], &["corpus"]].concat();
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_old_folder_that_was_renamed_away_is_restored() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("corpus");
        for ending in [PARTIAL, OLD] {
            make(
                &folder.path().join(format!(".corpus.{NOBODY}.{ending}")),
                ending,
            );
        }
        // The restored folder exists again, so the name is taken.
        let refused = Staging::begin(&target, OnExisting::Refuse);
        assert!(matches!(refused, Err(Error::Exists { .. })));
        assert_eq!(names(folder.path()), ["corpus"]);
        assert_eq!(fs::read_to_string(target.join("content")).unwrap(), OLD);
    }
}
