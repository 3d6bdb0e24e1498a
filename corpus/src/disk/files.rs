//! Reading, hashing and atomic writing of files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Writes `bytes` to `path` so that a reader (or a crash) sees the old content or the new, never a part.
///
/// # Errors
/// [`Error::Io`] with the path; the old content is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_path(path);
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| sync_folder(folder_of(path)))
        .map_err(|source| {
            // Only the first error is reported; a leftover file is harmless and is overwritten next time.
            let _ = fs::remove_file(&temporary);
            Error::Io {
                action: "write",
                path: path.to_path_buf(),
                source,
            }
        })
}

fn temporary_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// SHA-256 of a file as lower-case hexadecimal digits.
///
/// # Errors
/// [`Error::Io`] when the file cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(Error::io("read", path))? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// The path of a file that a record in `folder` lists. The folder itself may be reached through a symbolic link, a file in it may
/// not lead out of it: a folder from elsewhere could otherwise make a program read any file of the machine.
///
/// # Errors
/// [`Error::Corrupt`] for a name or a symbolic link that leads out of the folder, or for a path that is not a regular file (reading
/// a pipe may never end); [`Error::Io`] if the file is missing.
pub fn named_file(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if name.is_empty() || !Path::new(name).components().all(is_plain) {
        let what = format!("its record names the file `{name}`, which is not in this folder");
        return Err(Error::corrupt(folder, what));
    }
    let real = |path: &Path| fs::canonicalize(path).map_err(Error::io("open", path));
    let target = real(&path)?;
    if !target.starts_with(real(folder)?) {
        let what = "is a symbolic link out of its folder; replace it with the file itself";
        return Err(Error::corrupt(&path, what));
    }
    match fs::metadata(&target)
        .map_err(Error::io("open", &path))?
        .is_file()
    {
        true => Ok(path),
        false => Err(Error::corrupt(&path, "is not a file")),
    }
}

/// Reads a whole regular file. Memory is allocated once, for the length that the file has when it is opened; what is appended
/// meanwhile is not read.
///
/// # Errors
/// Those of the system; `InvalidInput` for what is not a regular file, `OutOfMemory` for a file larger than the memory, and
/// `UnexpectedEof` for a file that shrinks while it is read.
pub fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let length = usize::try_from(about.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length)
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.take(about.len()).read_to_end(&mut bytes)?;
    match bytes.len() == length {
        true => Ok(bytes),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// SHA-256 of bytes as lower-case hexadecimal digits.
pub fn sha256_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Flushes the names in a folder to disk: without this, a rename can be lost in a power failure.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// Flushes everything in a folder to disk, before a name or a record refers to it.
///
/// # Errors
/// [`Error::Io`] naming what could not be written.
pub fn sync(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        match path.is_dir() {
            true => sync(&path)?,
            false => {
                let synced = File::open(&path).and_then(|file| file.sync_all());
                synced.map_err(Error::io("write", &path))?;
            }
        }
    }
    sync_folder(folder).map_err(Error::io("write", folder))
}

/// The folder that holds `path`; for a bare name, the current folder.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Reads a whole small file as text, as [`read_whole`].
///
/// # Errors
/// [`Error::Io`], also for text that is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    let text = read_whole(path).and_then(|bytes| {
        String::from_utf8(bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
    });
    text.map_err(Error::io("read", path))
}

/// Fills `buffer` up to the end of the file; the standard `read` may return less.
pub(crate) fn read_full(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A buffered file whose errors name its path.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Writer {
    pub(crate) fn create(path: PathBuf) -> Result<Writer> {
        let file = File::create(&path).map_err(Error::io("create", &path))?;
        Ok(Writer {
            path,
            file: BufWriter::with_capacity(1 << 18, file),
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        self.file.flush().map_err(Error::io("write", &self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atomic_write_replaces_the_file_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record.csv");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_lead_out_of_the_folder() {
        use std::os::unix::fs::symlink;
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("own"), "own").unwrap();
        fs::write(place.path().join("other"), "other").unwrap();
        symlink("own", folder.join("inside")).unwrap();
        symlink("../other", folder.join("outside")).unwrap();
        symlink("..", folder.join("up")).unwrap();
        symlink("missing", folder.join("dangling")).unwrap();
        // The folder as a whole may be a link.
        let linked = place.path().join("linked");
        symlink(&folder, &linked).unwrap();
        for folder in [&folder, &linked] {
            for name in ["own", "inside"] {
                assert_eq!(
                    read_whole(&named_file(folder, name).unwrap()).unwrap(),
                    b"own"
                );
            }
            for name in ["outside", "up/other"] {
                let error = named_file(folder, name).unwrap_err().to_string();
                assert!(error.contains("symbolic link out of its folder"), "{error}");
            }
            assert!(matches!(
                named_file(folder, "dangling"),
                Err(Error::Io { .. })
            ));
        }
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_whole(folder.path()).is_err());
        #[cfg(target_os = "linux")]
        assert_eq!(
            read_whole(Path::new("/dev/zero")).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        // A file whose length no memory can hold; on disk it takes no space.
        let path = folder.path().join("huge");
        if File::create(&path).unwrap().set_len(1 << 62).is_ok() {
            assert_eq!(
                read_whole(&path).unwrap_err().kind(),
                io::ErrorKind::OutOfMemory
            );
        }
    }

    #[test]
    fn sha256_of_abc_is_the_published_value() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(b"abc"), expected);
    }
}
