//! Archives: the files in a tar or zip archive one after the other, also in archives within it, each without its compression.
//!
//! Nothing is written under a name from an archive here. Names that lead out of the archive are refused; links are passed over, since the
//! files that they lead to are members themselves, or lie outside.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use zip::ZipArchive;
use zip::result::ZipError;

use super::content::Content;
use super::source::{Visit, is_text_name};
use super::unpack::{Archive, DEEPEST, decompressed, unwrapped};
use crate::error::{Error, Result};

/// A file in an archive.
pub(crate) struct Member<'a> {
    pub(crate) at: Location,
    pub(crate) content: Content,
    pub(crate) reader: Box<dyn BufRead + 'a>,
}

/// Where a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The archive on disk and the names within it, for messages: `texts.zip:more.tar:a.txt`.
    pub(crate) place: String,
    /// Its path in the archive, as if archives within it were folders; it never leads out.
    pub(crate) name: PathBuf,
    depth: usize,
    /// Bytes to which an archive in the archive may unpack.
    most: u64,
}

/// An archive may unpack to this many bytes...
const MOST_BYTES: u64 = 1 << 30;
/// ...or to this many times its own size if that is more: text packs to a thousandth at best.
const MOST_RATIO: u64 = 1000;
/// Bytes that the headers before a member of a tar archive may have.
const MOST_HEADERS: u64 = 1 << 24;

/// The most bytes to which an archive on disk may unpack.
pub(crate) fn most_bytes(path: &Path) -> Result<u64> {
    let about = fs::metadata(path).map_err(Error::io("open", path))?;
    Ok(about.len().saturating_mul(MOST_RATIO).max(MOST_BYTES))
}

/// Receives the members of an archive.
pub(crate) type VisitMember<'v> = dyn FnMut(Member<'_>) -> Result<Visit> + 'v;

/// Calls `visit` with each file in an archive on disk, except those whose names are not those of texts.
pub(crate) fn visit_members(
    archive: Archive,
    path: &Path,
    visit: &mut VisitMember<'_>,
) -> Result<()> {
    let at = Location {
        place: path.display().to_string(),
        name: PathBuf::new(),
        depth: 0,
        most: most_bytes(path)?,
    };
    let unreadable = |source| Error::unreadable(&path.display().to_string(), 0, source);
    let (_, mut reader) = unwrapped(decompressed(path)?, &at.place).map_err(unreadable)?;
    match archive {
        Archive::Tar => visit_tar(reader, &at, visit)?,
        Archive::Zip if is_bare(path) => visit_zip(
            File::open(path).map_err(Error::io("open", path))?,
            &at,
            visit,
        )?,
        Archive::Zip => visit_zip(spooled(&mut reader, &at)?, &at, visit)?,
    };
    Ok(())
}

/// Whether a zip archive on disk is not compressed again.
fn is_bare(path: &Path) -> bool {
    let mut start = [0; 2];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_err() || start == *b"PK"
}

fn visit_tar(
    reader: Box<dyn BufRead + '_>,
    at: &Location,
    visit: &mut VisitMember<'_>,
) -> Result<Visit> {
    let mut reader = EndOfTar::new(reader);
    let allowance = Rc::clone(&reader.allowance);
    let visited = visit_entries(tar::Archive::new(&mut reader), &allowance, at, visit)?;
    if visited == Visit::Next && !reader.is_ended() {
        log::warn!(
            "{}: the archive lacks the mark of its end; it may have been cut short",
            at.place
        );
    }
    Ok(visited)
}

fn visit_entries(
    mut archive: tar::Archive<impl Read>,
    allowance: &Cell<u64>,
    at: &Location,
    visit: &mut VisitMember<'_>,
) -> Result<Visit> {
    let unreadable = |source| Error::unreadable(&at.place, 0, source);
    // Archives that were joined.
    archive.set_ignore_zeros(true);
    for member in archive.entries().map_err(unreadable)? {
        let member = member.map_err(unreadable)?;
        let kind = member.header().entry_type();
        let size = match kind.is_gnu_sparse() {
            true => member.header().entry_size().map_err(unreadable)?,
            false => member.size(),
        };
        allowance.set(size.saturating_add(MOST_HEADERS));
        if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
            continue;
        }
        let path = member.path().map_err(unreadable)?.into_owned();
        if let Some(at) = at.member(&path)?
            && visit_member(member, at, visit)? == Visit::Stop
        {
            return Ok(Visit::Stop);
        }
    }
    Ok(Visit::Next)
}

fn visit_zip(file: File, at: &Location, visit: &mut VisitMember<'_>) -> Result<Visit> {
    let unreadable = |error: ZipError| Error::unreadable(&at.place, 0, zip_error(error));
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    let content = Content::of_zip(|name| archive.index_for_name(name).is_some());
    if let Some(error) = content.refused(&at.place) {
        // Among the members of an archive, it is one of another format.
        return match at.depth {
            0 => Err(error),
            _ => visit(Member {
                at: at.clone(),
                content,
                reader: Box::new(io::empty()),
            }),
        };
    }
    for index in 0..archive.len() {
        // Windows has other separators.
        let name = archive.name_for_index(index).unwrap_or_default();
        let path = PathBuf::from(name.replace('\\', "/"));
        let is_folder = name.ends_with(['/', '\\']);
        // Before the member is opened: what is passed over need not be readable.
        let Some(at) = (if is_folder { None } else { at.member(&path)? }) else {
            continue;
        };
        let member = archive.by_index(index).map_err(unreadable)?;
        if member.is_file() && visit_member(member, at, visit)? == Visit::Stop {
            return Ok(Visit::Stop);
        }
    }
    Ok(Visit::Next)
}

/// Visits a member, or, if it is an archive, those in it.
fn visit_member(member: impl Read, at: Location, visit: &mut VisitMember<'_>) -> Result<Visit> {
    let reader = Box::new(BufReader::with_capacity(1 << 17, member));
    let (content, mut reader) =
        unwrapped(reader, &at.place).map_err(|source| Error::unreadable(&at.place, 0, source))?;
    if at.depth > DEEPEST && matches!(content, Content::Tar | Content::Zip) {
        let what = format!("an archive in more than {DEEPEST} archives; unpack it first");
        return Err(Error::Layout {
            place: at.place,
            what,
        });
    }
    match content {
        Content::Tar => visit_tar(reader, &at, visit),
        Content::Zip => visit_zip(spooled(&mut reader, &at)?, &at, visit),
        Content::Text | Content::Compressed(_) | Content::Other(_) => visit(Member {
            at,
            content,
            reader,
        }),
    }
}

impl Location {
    /// The location of a member; `None` if its name, or that of a folder around it, is not that of a text.
    fn member(&self, path: &Path) -> Result<Option<Location>> {
        let mut name = self.name.clone();
        let length = name.as_os_str().len();
        for part in path.components() {
            match part {
                Component::Normal(part) if is_text_name(Path::new(part)) => name.push(part),
                Component::Normal(_) => return Ok(None),
                // As tar does, a name is taken as relative to the archive.
                Component::RootDir | Component::Prefix(_) | Component::CurDir => {}
                Component::ParentDir => {
                    return Err(Error::Layout {
                        place: self.place.clone(),
                        what: format!(
                            "holds the name {}, which leads out of the archive; unpack it by hand if you trust it",
                            path.display()
                        ),
                    });
                }
            }
        }
        if name.as_os_str().len() == length {
            return Ok(None);
        }
        Ok(Some(Location {
            place: format!("{}:{}", self.place, path.display()),
            name,
            depth: self.depth + 1,
            most: self.most,
        }))
    }
}

/// A copy of a zip archive as a file without a name: its directory is at its end.
fn spooled(reader: &mut dyn Read, at: &Location) -> Result<File> {
    let folder = std::env::temp_dir();
    let mut file = tempfile::tempfile_in(&folder).map_err(Error::io("write in", &folder))?;
    let mut bounded = reader.take(at.most.saturating_add(1));
    let bytes = io::copy(&mut bounded, &mut file)
        .map_err(|source| Error::unreadable(&at.place, 0, source))?;
    if bytes > at.most {
        return Err(Error::Layout {
            place: at.place.clone(),
            what: format!(
                "unpacks to more than {} bytes; unpack it by hand if you trust it",
                at.most
            ),
        });
    }
    file.rewind().map_err(Error::io("read", &folder))?;
    Ok(file)
}

/// Tells sound archives that cannot be read here from damaged ones.
fn zip_error(error: ZipError) -> io::Error {
    let unsupported = |what: &str| io::Error::new(io::ErrorKind::Unsupported, what);
    match error {
        ZipError::Io(error) => error,
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            unsupported("it is encrypted; unpack it first")
        }
        ZipError::UnsupportedArchive(what) => {
            unsupported(&format!("{what}; unpack it with another program first"))
        }
        ZipError::CompressionMethodNotSupported(method) => unsupported(&format!(
            "compression method {method} is not known; unpack it with another program first"
        )),
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// Reads a tar archive and notes whether it ends in zeros, as the program `tar` writes at its end. Long names stand in headers, which
/// are read into memory, so there is a bound on what is read besides the members.
struct EndOfTar<R> {
    reader: R,
    /// Zeros that were read last.
    zeros: usize,
    /// Bytes that may be read until the next member is known.
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> EndOfTar<R> {
    fn new(reader: R) -> EndOfTar<R> {
        EndOfTar {
            reader,
            zeros: 0,
            allowance: Rc::new(Cell::new(MOST_HEADERS)),
        }
    }

    fn is_ended(&self) -> bool {
        self.zeros >= 512
    }
}

impl<R: Read> Read for EndOfTar<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let bytes = buffer[..read].iter();
        let zeros = bytes.rev().take_while(|&&byte| byte == 0).count();
        self.zeros = match zeros == read {
            true => self.zeros.saturating_add(read),
            false => zeros,
        };
        let left = self.allowance.get().checked_sub(read as u64);
        let too_long =
            || io::Error::new(io::ErrorKind::InvalidData, "a header is longer than 16 MiB");
        self.allowance.set(left.ok_or_else(too_long)?);
        Ok(read)
    }
}
