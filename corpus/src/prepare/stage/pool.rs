//! The pool: documents without a split, on disk until their splits are drawn.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::passages::Passages;
use super::split_files::{Speakers, SplitFile};
use crate::disk::files::read_full;
use crate::error::{Error, Result};
use crate::store::layout::{LINE_COUNTS, SPEAKERS, TEXT};

const POOL: &str = "pool";
const ENDINGS: [&str; 3] = [TEXT, LINE_COUNTS, SPEAKERS];

/// With so many documents, the sizes of those that follow matter little.
const MANY_DOCUMENTS: usize = 20_000;
/// With so many bytes, fewer documents suffice.
const MANY_BYTES: u64 = 64 << 20;
/// Documents that suffice then.
const ENOUGH_DOCUMENTS: usize = 400;

/// The pool while it is written.
pub(super) struct Pool {
    folder: PathBuf,
    speakers: Speakers,
    file: SplitFile,
    /// Bytes of each complete document.
    sizes: Vec<u64>,
    bytes: u64,
    bytes_in_document: u64,
}

impl Pool {
    pub(super) fn create(folder: &Path, speakers: Speakers) -> Result<Pool> {
        Ok(Pool {
            folder: folder.to_path_buf(),
            speakers,
            file: SplitFile::create(folder, POOL, speakers)?,
            sizes: Vec::new(),
            bytes: 0,
            bytes_in_document: 0,
        })
    }

    pub(super) fn line(&mut self, line: &str, speaker: u8) -> Result<()> {
        self.bytes_in_document += line.len() as u64 + 1;
        self.file.line(line, speaker)
    }

    pub(super) fn end_document(&mut self) -> Result<()> {
        let size = std::mem::take(&mut self.bytes_in_document);
        if size > 0 {
            self.bytes += size;
            self.sizes.push(size);
        }
        self.file.end_document()
    }

    /// Whether the documents so far suffice to decide how all are drawn: the pool costs space on the disk.
    pub(super) fn is_full(&self) -> bool {
        let documents = self.sizes.len();
        documents >= MANY_DOCUMENTS || (documents >= ENOUGH_DOCUMENTS && self.bytes >= MANY_BYTES)
    }

    /// Closes the files.
    pub(super) fn finish(mut self) -> Result<StoredPool> {
        self.end_document()?;
        self.file.finish()?;
        Ok(StoredPool {
            folder: self.folder,
            speakers: self.speakers,
            sizes: self.sizes,
        })
    }
}

/// A complete pool.
pub(super) struct StoredPool {
    folder: PathBuf,
    speakers: Speakers,
    /// Bytes of each document.
    pub(super) sizes: Vec<u64>,
}

impl StoredPool {
    pub(super) fn reader(&self) -> Result<PoolReader> {
        PoolReader::open(&self.folder, self.speakers)
    }

    /// The sizes of the passages of the text.
    pub(super) fn passage_sizes(&self, mut passages: Passages) -> Result<Vec<u64>> {
        let mut reader = self.reader()?;
        let mut sizes = vec![0];
        while let Some(lines) = reader.document()? {
            for _ in 0..lines {
                let (line, _) = reader.line()?;
                if passages.opens(line) {
                    sizes.push(0);
                }
                if let Some(size) = sizes.last_mut() {
                    *size += line.len() as u64 + 1;
                }
            }
            passages.end_document();
        }
        Ok(sizes)
    }

    /// Removes the files.
    pub(super) fn remove(self) -> Result<()> {
        for ending in ENDINGS {
            let path = self.folder.join(format!("{POOL}.{ending}"));
            if path.exists() {
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(())
    }
}

/// Reads a pool.
pub(super) struct PoolReader {
    path: PathBuf,
    text: BufReader<File>,
    line_counts: BufReader<File>,
    speakers: Option<BufReader<File>>,
    line: String,
}

impl PoolReader {
    fn open(folder: &Path, speakers: Speakers) -> Result<PoolReader> {
        let open = |ending: &str| {
            let path = folder.join(format!("{POOL}.{ending}"));
            let file = File::open(&path).map_err(Error::io("open", &path))?;
            Ok(BufReader::with_capacity(1 << 18, file))
        };
        Ok(PoolReader {
            path: folder.join(format!("{POOL}.{TEXT}")),
            text: open(TEXT)?,
            line_counts: open(LINE_COUNTS)?,
            speakers: if speakers == Speakers::OnePerLine {
                Some(open(SPEAKERS)?)
            } else {
                None
            },
            line: String::new(),
        })
    }

    /// Number of lines of the next document.
    pub(super) fn document(&mut self) -> Result<Option<u32>> {
        let mut count = [0; 4];
        let read =
            read_full(&mut self.line_counts, &mut count).map_err(Error::io("read", &self.path))?;
        Ok((read == count.len()).then(|| u32::from_le_bytes(count)))
    }

    /// The next line without its end, and its speaker.
    pub(super) fn line(&mut self) -> Result<(&str, u8)> {
        self.line.clear();
        self.text
            .read_line(&mut self.line)
            .map_err(Error::io("read", &self.path))?;
        let mut speaker = [0];
        if let Some(speakers) = &mut self.speakers {
            speakers
                .read_exact(&mut speaker)
                .map_err(Error::io("read", &self.path))?;
        }
        let line = self.line.strip_suffix('\n').unwrap_or(&self.line);
        Ok((line, speaker[0]))
    }
}
