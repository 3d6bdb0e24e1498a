//! Locks of run folders and of entries in them. The system releases a lock when the process ends for any reason.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Error, Result};

/// The name of the file that is locked.
pub(crate) const LOCK: &str = ".lock";

/// Whether a process holds the lock of a run folder.
pub fn is_running(folder: &Path) -> bool {
    File::open(folder.join(LOCK))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Locks a folder, unless another process has locked it.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked {
            path: folder.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
    }
}

/// Locks a folder as soon as no other process has locked it.
pub(crate) fn lock_when_free(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    file.lock().map_err(Error::io("lock", &path))?;
    Ok(file)
}
