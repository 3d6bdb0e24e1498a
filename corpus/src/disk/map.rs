//! Files that are mapped into memory instead of being read: the one place where that is done.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

use crate::error::{Error, Result};

/// The bytes of a file, which the system fetches when they are looked at.
///
/// What this program writes it writes beside its place and renames, so that nothing of it changes while it is mapped. If
/// someone else writes into a mapped file, its readers see other bytes, as if they had read it again. If someone cuts it
/// short, looking at a page that is gone ends the program ([`tell_of_cut_files`]), but the rest of the page in which the
/// file now ends reads as zeros: a cut within the last page is told by nothing but wrong bytes.
#[derive(Debug)]
pub struct Map(Option<Mmap>);

impl Map {
    /// Maps a file; an empty one is no bytes.
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
    // SAFETY: the bytes may change under the map, see above. All who read maps check what they find before they use it as
    // an index, so that changed bytes are wrong numbers, never a wrong place.
    unsafe { Mmap::map(file) }
}

/// Makes the program say what has happened where a mapped file was cut short while it was open, and end with code 1,
/// instead of being ended by the system without a word. For programs; a library leaves signals alone.
#[cfg(unix)]
#[allow(unsafe_code)]
pub fn tell_of_cut_files() {
    extern "C" fn tell(_: libc::c_int) {
        const WHAT: &[u8] = b"error: a file was cut short while it was open; make it again\n";
        // SAFETY: both calls are allowed in a handler of signals, and the text is static.
        unsafe {
            libc::write(libc::STDERR_FILENO, WHAT.as_ptr().cast(), WHAT.len());
            libc::_exit(1);
        }
    }
    let handler: extern "C" fn(libc::c_int) = tell;
    // SAFETY: the handler only writes and ends the program.
    unsafe { libc::signal(libc::SIGBUS, handler as libc::sighandler_t) };
}

/// Where there are no signals, the system speaks for itself.
#[cfg(not(unix))]
pub fn tell_of_cut_files() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_has_the_bytes_of_its_file() {
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
    fn what_is_cut_off_a_page_reads_as_zeros() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // No page is smaller than this; what lies on those that are gone must not be looked at.
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
