//! Atomic writes, as in `corpus`, on which this crate does not depend.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Writes `bytes` beside `path` and renames, so that readers see either the old or the new content.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = beside(path);
    let written = File::create(&temporary).and_then(|mut file| file.write_all(bytes));
    written.map_err(|source| {
        // A write that fails leaves no partial file.
        let _ = fs::remove_file(&temporary);
        Error::io("write", path)(source)
    })?;
    move_into_place(&temporary, path)
}

/// A hidden name in the same folder with the same extension, by which image libraries choose the format.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{}.{name}", std::process::id()))
}

/// The second half of an atomic write.
pub(crate) fn move_into_place(temporary: &Path, path: &Path) -> Result<()> {
    let flushed = File::open(temporary).and_then(|file| file.sync_all());
    flushed
        .and_then(|()| fs::rename(temporary, path))
        .map_err(|source| {
            // The first error is the one to report; a leftover is harmless.
            let _ = fs::remove_file(temporary);
            Error::io("write", path)(source)
        })
}
