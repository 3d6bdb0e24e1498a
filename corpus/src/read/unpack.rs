//! Compressed files and archives: detection by name, and decompression on a thread of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::disk::files::read_full;
use crate::error::{Error, Result};

/// How a file is packed, detected by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packing {
    pub(crate) compression: Compression,
    pub(crate) tar: bool,
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstandard,
    Bzip2,
    Xz,
}

/// The ending of a packed file's name, what it stands for, and how the file is compressed.
const ENDINGS: [(&str, &str, Compression); 7] = [
    (".gz", "", Compression::Gzip),
    (".zst", "", Compression::Zstandard),
    (".bz2", "", Compression::Bzip2),
    (".xz", "", Compression::Xz),
    (".tgz", ".tar", Compression::Gzip),
    (".tbz2", ".tar", Compression::Bzip2),
    (".txz", ".tar", Compression::Xz),
];

impl Packing {
    pub(crate) fn of(path: &Path) -> Packing {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let ending = ENDINGS.iter().find_map(|&(ending, replaced, compression)| {
            let rest = name.strip_suffix(ending)?;
            Some((format!("{rest}{replaced}"), compression))
        });
        let (rest, compression) = ending.unwrap_or((name, Compression::None));
        Packing {
            compression,
            tar: rest.ends_with(".tar"),
        }
    }
}

/// Opens a text file, and decompresses it if its name ends in .gz, .zst, .bz2 or .xz.
///
/// # Errors
/// [`Error::Io`].
pub fn open_text(path: &Path) -> Result<Box<dyn BufRead>> {
    unpack(path, Packing::of(path).compression)
}

/// Opens a file and starts to decompress it if it is compressed.
pub(crate) fn unpack(path: &Path, compression: Compression) -> Result<Box<dyn BufRead>> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let file = BufReader::with_capacity(1 << 17, file);
    let unpacked: Box<dyn Read + Send> = match compression {
        Compression::None => return Ok(Box::new(file)),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Compression::Zstandard => {
            let decoder = zstd::Decoder::with_buffer(file).map_err(Error::io("unpack", path))?;
            Box::new(MarkDamage(decoder))
        }
        Compression::Bzip2 => Box::new(MarkDamage(bzip2::bufread::MultiBzDecoder::new(file))),
        Compression::Xz => Box::new(MarkDamage(liblzma::bufread::XzDecoder::new_multi_decoder(
            file,
        ))),
    };
    Ok(Box::new(ReadAhead::new(unpacked)))
}

/// Turns errors of kind "other" into invalid data: some decoders report damage as "other", and after opening the file every error is
/// damage.
struct MarkDamage<R>(R);

impl<R: Read> Read for MarkDamage<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Other => io::Error::new(io::ErrorKind::InvalidData, error),
            _ => error,
        })
    }
}

/// Decompresses on a thread of its own, a few chunks ahead of the reader.
struct ReadAhead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Returns chunks that have been read, to be filled again.
    used: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

impl ReadAhead {
    const CHUNK: usize = 1 << 18;
    /// Enough for the next file to be decompressed while the current one is being read.
    const CHUNKS: usize = 32;

    fn new(mut reader: Box<dyn Read + Send>) -> ReadAhead {
        let (sender, chunks) = channel();
        let (used, spare) = channel();
        // Allocated here: the allocator keeps memory for each short-lived thread that allocates.
        for _ in 1..Self::CHUNKS {
            let _ = used.send(Vec::with_capacity(Self::CHUNK));
        }
        std::thread::spawn(move || {
            // If the reader was dropped, no chunk is returned.
            while let Ok(mut chunk) = spare.recv() {
                chunk.resize(Self::CHUNK, 0);
                let read = read_full(&mut reader, &mut chunk).map(|length| {
                    chunk.truncate(length);
                    chunk
                });
                let last = read
                    .as_ref()
                    .map_or(true, |chunk| chunk.len() < Self::CHUNK);
                if sender.send(read).is_err() || last {
                    break;
                }
            }
        });
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
        if self.at == self.chunk.len()
            && let Ok(chunk) = self.chunks.recv()
        {
            // After the last chunk, the decompression thread has ended and the send fails.
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
