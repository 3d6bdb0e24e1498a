//! Files as they are packed: detection by their first bytes or else by name, and decompression on a thread of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::archive::visit_members;
use super::content::{Content, recognised};
use super::decoder::Decoder;
use super::source::Visit;
use crate::disk::files::read_full;
use crate::error::{Error, Result};

/// How a file is packed by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packing {
    pub(crate) compression: Option<Compression>,
    pub(crate) archive: Option<Archive>,
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstandard,
    Bzip2,
    Xz,
}

/// A file that holds files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Archive {
    Tar,
    Zip,
}

/// The ending of a packed file's name, what it stands for, and how the file is compressed.
const ENDINGS: [(&str, &str, Compression); 8] = [
    (".gz", "", Compression::Gzip),
    (".zst", "", Compression::Zstandard),
    (".bz2", "", Compression::Bzip2),
    (".xz", "", Compression::Xz),
    (".tgz", ".tar", Compression::Gzip),
    (".tzst", ".tar", Compression::Zstandard),
    (".tbz2", ".tar", Compression::Bzip2),
    (".txz", ".tar", Compression::Xz),
];

/// The name of a file without the ending that compression adds, in lower case letters as `name` is.
pub(crate) fn unpacked_name(name: &str) -> &str {
    let stripped = ENDINGS
        .iter()
        .find_map(|(ending, ..)| name.strip_suffix(ending));
    stripped.unwrap_or(name)
}

/// How many times a file may be packed: archives within archives, compressed again. Deeper ones are made to fill disks.
pub(crate) const DEEPEST: usize = 8;

const BUFFER: usize = 1 << 17;

impl Packing {
    pub(crate) fn of(path: &Path) -> Packing {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let ending = ENDINGS.iter().find_map(|&(ending, replaced, compression)| {
            let rest = name.strip_suffix(ending)?;
            Some((format!("{rest}{replaced}"), Some(compression)))
        });
        let (rest, compression) = ending.unwrap_or((name, None));
        let archive = [(".tar", Archive::Tar), (".zip", Archive::Zip)]
            .into_iter()
            .find(|(ending, _)| rest.ends_with(ending));
        Packing {
            compression,
            archive: archive.map(|(_, archive)| archive),
        }
    }

    /// The archive that a file is. A file that is none, but has the name of one, is damaged and read as one.
    pub(crate) fn archive(self, content: Content) -> Option<Archive> {
        match content {
            Content::Tar => Some(Archive::Tar),
            Content::Zip => Some(Archive::Zip),
            Content::Text | Content::Compressed(_) | Content::Other(_) => self.archive,
        }
    }
}

/// Opens a text file, and unpacks it if it is compressed (gzip, Zstandard, bzip2, xz) or the only file of an archive (tar, zip).
///
/// # Errors
/// [`Error::Io`]; [`Error::Layout`] for an archive of several files or from a pipe, [`Error::Empty`] for one without any;
/// [`Error::Damaged`], [`Error::Unsupported`].
pub fn open_text(path: &Path) -> Result<Box<dyn BufRead>> {
    let place = path.display().to_string();
    let (content, reader) = unwrapped(decompressed(path)?, &place)
        .map_err(|source| Error::unreadable(&place, 0, source))?;
    match Packing::of(path).archive(content) {
        None => Ok(reader),
        Some(archive) => {
            drop(reader);
            if !path.is_file() {
                let what = "an archive, which is read twice, from a pipe, which can only be read once; write it to a file first";
                return Err(Error::Layout {
                    place,
                    what: what.to_owned(),
                });
            }
            only_member(path, archive)
        }
    }
}

/// The number of bytes that [`open_text`] reads from a file, where it is known beforehand: not for packed files, and not for
/// pipes, which are left unread.
///
/// # Errors
/// [`Error::Io`].
pub fn text_length(path: &Path) -> Result<Option<u64>> {
    let metadata = std::fs::metadata(path).map_err(Error::io("read", path))?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let (compression, file) = opened(path)?;
    let (content, _) = recognised(file).map_err(Error::io("read", path))?;
    let is_packed = compression.is_some() || Packing::of(path).archive(content).is_some();
    Ok((!is_packed).then_some(metadata.len()))
}

/// Opens a file and starts to decompress it if it is compressed. A file that is not, but whose name says so, is damaged, and its decoder
/// says that.
pub(crate) fn decompressed(path: &Path) -> Result<Box<dyn BufRead>> {
    let (compression, file) = opened(path)?;
    let Some(compression) = compression else {
        return Ok(Box::new(file));
    };
    let mut decoder = Decoder::new(file, compression, &path.display().to_string())
        .map_err(Error::io("unpack", path))?;
    Ok(Box::new(ReadAhead::start(move |pump| {
        pump.all(&mut decoder);
    })))
}

/// A file whose first bytes have been read, and which are read again.
type HeadedFile = io::Chain<io::Cursor<Vec<u8>>, BufReader<File>>;

fn opened(path: &Path) -> Result<(Option<Compression>, HeadedFile)> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let file = BufReader::with_capacity(BUFFER, file);
    let (content, file) = recognised(file).map_err(Error::io("read", path))?;
    let compression = match content {
        Content::Compressed(compression) => Some(compression),
        Content::Tar | Content::Zip => None,
        Content::Text | Content::Other(_) => Packing::of(path).compression,
    };
    Ok((compression, file))
}

/// What a file is below its compression. A damaged one passes for text: reading it tells more.
pub(crate) fn content_of_file(path: &Path) -> Result<Content> {
    let (compression, file) = opened(path)?;
    let place = path.display().to_string();
    let content = match compression {
        None => unwrapped(Box::new(file), &place),
        Some(compression) => Decoder::new(file, compression, &place)
            .and_then(|decoder| unwrapped(Box::new(BufReader::new(decoder)), &place)),
    };
    Ok(content.map_or(Content::Text, |(content, _)| content))
}

/// A stream without the compressions that its first bytes show, and what it is.
pub(crate) fn unwrapped<'a>(
    mut reader: Box<dyn BufRead + 'a>,
    place: &str,
) -> io::Result<(Content, Box<dyn BufRead + 'a>)> {
    for _ in 0..DEEPEST {
        let (content, whole) = recognised(reader)?;
        let compression = match content {
            Content::Compressed(compression) => compression,
            _ => return Ok((content, Box::new(whole))),
        };
        let decoder = Decoder::new(whole, compression, place)?;
        reader = Box::new(BufReader::with_capacity(BUFFER, decoder));
    }
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        format!("it is compressed more than {DEEPEST} times; unpack it first"),
    ))
}

/// The only file of an archive.
fn only_member(path: &Path, archive: Archive) -> Result<Box<dyn BufRead>> {
    let mut names = Vec::new();
    visit_members(archive, path, &mut |member| {
        names.push(member.at.name.display().to_string());
        Ok(Visit::Next)
    })?;
    let place = path.display().to_string();
    match names.as_slice() {
        [] => Err(Error::Empty { place }),
        [_] => {
            let path = path.to_path_buf();
            Ok(Box::new(ReadAhead::start(move |pump| {
                let read = visit_members(archive, &path, &mut |mut member| {
                    pump.all(&mut member.reader);
                    Ok(Visit::Next)
                });
                if let Err(error) = read {
                    pump.fail(error.into_io());
                }
            })))
        }
        several => {
            let (shown, more) = several.split_at(several.len().min(5));
            let dots = if more.is_empty() { "" } else { ", …" };
            let what = format!(
                "an archive of {} files where one is read: {}{dots}; unpack it and give one of them",
                several.len(),
                shown.join(", ")
            );
            Err(Error::Layout { place, what })
        }
    }
}

/// Reads on a thread of its own, a few chunks ahead of the reader.
struct ReadAhead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Returns chunks that have been read, to be filled again.
    used: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

/// The end of the reading thread.
struct Pump {
    spare: Receiver<Vec<u8>>,
    chunks: Sender<io::Result<Vec<u8>>>,
}

impl Pump {
    /// Sends all that `reader` yields.
    fn all(&self, mut reader: &mut dyn Read) {
        // If the other end was dropped, no chunk is returned.
        while let Ok(mut chunk) = self.spare.recv() {
            chunk.resize(ReadAhead::CHUNK, 0);
            let read = read_full(&mut reader, &mut chunk).map(|length| {
                chunk.truncate(length);
                chunk
            });
            let last = read
                .as_ref()
                .map_or(true, |chunk| chunk.len() < ReadAhead::CHUNK);
            if self.chunks.send(read).is_err() || last {
                break;
            }
        }
    }

    /// Sends an error, after which nothing follows.
    fn fail(&self, error: io::Error) {
        let _ = self.chunks.send(Err(error));
    }
}

impl ReadAhead {
    const CHUNK: usize = 1 << 18;
    /// Enough for the next file to be decompressed while the current one is being read.
    const CHUNKS: usize = 32;

    fn start(run: impl FnOnce(&Pump) + Send + 'static) -> ReadAhead {
        let (sender, chunks) = channel();
        let (used, spare) = channel();
        // Allocated here: the allocator keeps memory for each short-lived thread that allocates.
        for _ in 1..Self::CHUNKS {
            let _ = used.send(Vec::with_capacity(Self::CHUNK));
        }
        let pump = Pump {
            spare,
            chunks: sender,
        };
        std::thread::spawn(move || run(&pump));
        ReadAhead {
            chunks,
            used,
            chunk: Vec::with_capacity(Self::CHUNK),
            at: 0,
        }
    }
}

impl BufRead for ReadAhead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // The sender is dropped after the last chunk.
        while self.at == self.chunk.len()
            && let Ok(chunk) = self.chunks.recv()
        {
            // After the last chunk, the reading thread has ended and the send fails.
            let _ = self.used.send(std::mem::replace(&mut self.chunk, chunk?));
            self.at = 0;
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
