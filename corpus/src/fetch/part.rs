//! Partial downloads.

use std::fs::{File, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::disk::files::sha256_of;
use crate::error::{Error, Result};

/// Extension of a file that is being downloaded.
const PART: &str = "part";
/// Extension of a downloaded file that is being unpacked, while the part still exists.
pub(super) const UNPACKED: &str = "unpacked";

/// Whether a file is a download in progress: it is kept when an error stops the download, and the next call resumes it.
pub fn is_partial_download(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == PART || extension == UNPACKED)
}

/// The received part of a file, locked against other processes.
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) len: u64,
}

impl Part {
    pub(super) fn open(path: PathBuf, url: &str) -> Result<Part> {
        let opened = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = opened.map_err(Error::io("create", &path))?;
        // On file systems without locks, the file stays unlocked.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Error::Download {
                url: url.to_owned(),
                what: "another process is downloading it; wait until it is done".to_owned(),
            });
        }
        let len = file
            .seek(SeekFrom::End(0))
            .map_err(Error::io("open", &path))?;
        Ok(Part { path, file, len })
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn restart(&mut self) -> Result<()> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(Error::io("write", &self.path))?;
        self.len = 0;
        Ok(())
    }
}

/// The path of the part from `url`: each address has its own, since they may pack the same content differently.
pub(super) fn part_path(target: &Path, url: &str) -> PathBuf {
    hidden(
        target,
        &format!("{}.{PART}", &sha256_of(url.as_bytes())[..8]),
    )
}

/// A hidden name beside `target`, which sources skip when they search for text.
pub(super) fn hidden(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{ending}"))
}
