//! Memory-mapped files: the only place where files are mapped.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

use crate::error::{Error, Result};

/// The bytes of a file, which the system loads when they are accessed.
///
/// This program replaces files by renaming, so a mapped file does not change. If another program writes into a mapped
/// file, readers see the new bytes. If another program truncates it, access to a missing page ends the program
/// ([`report_truncated_maps`]), but the rest of the page in which the file now ends reads as zeros: truncation within the
/// last page shows only as wrong bytes.
///
/// Readers differ in when they check the bytes:
///
/// | reader | once, at opening | at each access |
/// |---|---|---|
/// | [`crate::TokenStream`] | length; every id is below V | the range of positions; ids are passed on as they are, so one that is changed later may be V or more. Whoever indexes by it checks bounds and panics |
/// | n-grams (`ngrams.fst`) | header, footer, address of the root | every address; an impossible node or edge counts as absent, so scores are wrong but finite |
/// | statistics of contexts (`contexts.u32`) | nothing | the range; what is missing counts as a context with a single follower |
///
/// All other files are read into memory once and checked there.
#[derive(Debug)]
pub struct Map(Option<Mmap>);

impl Map {
    /// Maps a file; an empty file has no bytes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(path: &Path) -> Result<Map> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let bytes = file.metadata().map_err(Error::io("open", path))?.len();
        if bytes == 0 {
            return Ok(Map(None));
        }
        Ok(Map(Some(map(&file).map_err(Error::io("map", path))?)))
    }
}

impl Deref for Map {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the map is only read, and this program never writes into a mapped file. That another program does is outside of
    // what Rust's memory model covers: no reader of a map can exclude it. In practice a load then yields old or new bytes. For that
    // case no reader relies on an earlier check to leave out a later one: indices are checked where they are used (table above), so
    // changed bytes yield wrong numbers or a panic, never an access out of bounds.
    unsafe { Mmap::map(file) }
}

/// Installs a signal handler that reports a mapped file truncated while it was open and exits with code 1; without it,
/// the system kills the process without a message. For programs only: a library must not install signal handlers.
#[cfg(unix)]
#[allow(unsafe_code)]
pub fn report_truncated_maps() {
    extern "C" fn report(_: libc::c_int) {
        const WHAT: &[u8] = b"error: a file was truncated while it was open; make it again\n";
        // SAFETY: both functions are async-signal-safe, and the text is static.
        unsafe {
            libc::write(libc::STDERR_FILENO, WHAT.as_ptr().cast(), WHAT.len());
            libc::_exit(1);
        }
    }
    let handler: extern "C" fn(libc::c_int) = report;
    // SAFETY: the handler only writes a message and exits.
    unsafe { libc::signal(libc::SIGBUS, handler as libc::sighandler_t) };
}

/// Does nothing on systems without signals.
#[cfg(not(unix))]
pub fn report_truncated_maps() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_holds_the_bytes_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        for content in [&b""[..], b"abc"] {
            let path = folder.path().join("file");
            std::fs::write(&path, content).unwrap();
            assert_eq!(&*Map::open(&path).unwrap(), content);
        }
        let error = Map::open(&folder.path().join("absent")).unwrap_err();
        assert!(error.to_string().contains("absent"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_truncated_within_a_page_read_as_zeros() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // No page is smaller than this; missing pages must not be accessed.
        let page = 4096;
        std::fs::write(&path, vec![b'x'; 3 * page]).unwrap();
        let map = Map::open(&path).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(1000).unwrap();
        assert_eq!(map.len(), 3 * page);
        assert_eq!(map[..1000], [b'x'; 1000]);
        assert!(map[1000..page].iter().all(|&byte| byte == 0));
    }
}
