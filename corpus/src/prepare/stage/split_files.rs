//! The files of each split while they are written, and the pool of documents without a split.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::sampler::{GROUP, SplitSampler};
use crate::disk::files::{Writer, read_full};
use crate::error::{Error, Result};
use crate::read::lines::OnInvalid;
use crate::settings::Settings;
use crate::split::Split;
use crate::store::layout::{LINE_COUNTS, SPEAKERS, TEXT};

/// Options of staging.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) invalid: OnInvalid,
    /// Splits drawn from the pool.
    pub(crate) held_out: Vec<Split>,
    pub(crate) seed: u64,
    /// Bytes to read, where known.
    pub(crate) total: Option<u64>,
}

impl Options {
    pub(crate) fn new(settings: &Settings, held_out: Vec<Split>) -> Options {
        let invalid = if settings.lossy {
            OnInvalid::Replace
        } else {
            OnInvalid::Refuse
        };
        Options {
            invalid,
            held_out,
            seed: settings.seed,
            total: None,
        }
    }
}

/// Whether lines have speakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speakers {
    None,
    OnePerLine,
}

/// The files of each split. Documents without a split wait in a pool until there are enough to draw from.
pub(super) struct SplitFiles {
    folder: PathBuf,
    speakers: Speakers,
    options: Options,
    splits: [Option<SplitFile>; 3],
    pool: Option<SplitFile>,
    sampler: Option<SplitSampler>,
    /// The split of the current document, once the pool has been distributed.
    drawn: Option<Split>,
}

impl SplitFiles {
    pub(super) fn create(folder: &Path, speakers: Speakers, options: &Options) -> SplitFiles {
        let (folder, options) = (folder.to_path_buf(), options.clone());
        SplitFiles {
            folder,
            speakers,
            options,
            splits: [None, None, None],
            pool: None,
            sampler: None,
            drawn: None,
        }
    }

    /// Adds a line to the current document; `split` is its split if the files determine it.
    pub(super) fn line(&mut self, split: Option<Split>, line: &str, speaker: u8) -> Result<()> {
        let split = self.resolve(split);
        self.part(split)?.line(line, speaker)
    }

    pub(super) fn end_document(&mut self, split: Option<Split>) -> Result<()> {
        let resolved = self.resolve(split);
        self.part(resolved)?.end_document()?;
        if split.is_none() {
            self.drawn = None;
            if self
                .pool
                .as_ref()
                .is_some_and(|pool| pool.documents == GROUP)
            {
                self.distribute_pool()?;
            }
        }
        Ok(())
    }

    /// The split of the current document; `None` stands for the pool.
    fn resolve(&mut self, split: Option<Split>) -> Option<Split> {
        if split.is_some() {
            return split;
        }
        if self.options.held_out.is_empty() {
            return Some(Split::Train);
        }
        let sampler = self.sampler.as_mut()?;
        Some(*self.drawn.get_or_insert_with(|| sampler.assign()))
    }

    fn part(&mut self, split: Option<Split>) -> Result<&mut SplitFile> {
        let (slot, name) = match split {
            Some(split) => (&mut self.splits[split as usize], split.name()),
            None => (&mut self.pool, POOL),
        };
        match slot {
            Some(part) => Ok(part),
            None => Ok(slot.insert(SplitFile::create(&self.folder, name, self.speakers)?)),
        }
    }

    /// Distributes the pool if it was never full, then closes all files.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.pool.is_some() {
            self.distribute_pool()?;
        }
        self.splits
            .into_iter()
            .flatten()
            .try_for_each(SplitFile::finish)
    }

    fn distribute_pool(&mut self) -> Result<()> {
        let Some(pool) = self.pool.take() else {
            return Ok(());
        };
        let mut sampler =
            SplitSampler::new(pool.documents, &self.options.held_out, self.options.seed)?;
        pool.finish()?;
        let mut pool = PoolReader::open(&self.folder, self.speakers)?;
        while let Some(lines) = pool.document()? {
            let part = self.part(Some(sampler.assign()))?;
            for _ in 0..lines {
                let (line, speaker) = pool.line()?;
                part.raw_line(line, speaker)?;
            }
            part.end_document()?;
        }
        self.sampler = Some(sampler);
        self.remove_pool()
    }

    fn remove_pool(&self) -> Result<()> {
        for ending in ENDINGS {
            let path = self.folder.join(format!("{POOL}.{ending}"));
            if path.exists() {
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(())
    }
}

const POOL: &str = "pool";
const ENDINGS: [&str; 3] = [TEXT, LINE_COUNTS, SPEAKERS];

/// The files of one split while they are written.
#[derive(Debug)]
struct SplitFile {
    text: Writer,
    line_counts: Writer,
    speakers: Option<Writer>,
    lines_in_document: u32,
    documents: u64,
}

impl SplitFile {
    fn create(folder: &Path, name: &str, speakers: Speakers) -> Result<SplitFile> {
        let file = |ending: &str| Writer::create(folder.join(format!("{name}.{ending}")));
        Ok(SplitFile {
            text: file(TEXT)?,
            line_counts: file(LINE_COUNTS)?,
            speakers: if speakers == Speakers::OnePerLine {
                Some(file(SPEAKERS)?)
            } else {
                None
            },
            lines_in_document: 0,
            documents: 0,
        })
    }

    fn line(&mut self, line: &str, speaker: u8) -> Result<()> {
        self.text.write(line.as_bytes())?;
        self.text.write(b"\n")?;
        self.after_line(speaker)
    }

    /// Adds a line that includes its line end.
    fn raw_line(&mut self, line: &[u8], speaker: u8) -> Result<()> {
        self.text.write(line)?;
        self.after_line(speaker)
    }

    fn after_line(&mut self, speaker: u8) -> Result<()> {
        self.lines_in_document += 1;
        self.speakers
            .as_mut()
            .map_or(Ok(()), |speakers| speakers.write(&[speaker]))
    }

    fn end_document(&mut self) -> Result<()> {
        if self.lines_in_document == 0 {
            return Ok(());
        }
        self.documents += 1;
        let count = std::mem::take(&mut self.lines_in_document);
        self.line_counts.write(&count.to_le_bytes())
    }

    fn finish(mut self) -> Result<()> {
        self.end_document()?;
        self.text.finish()?;
        self.line_counts.finish()?;
        self.speakers.map_or(Ok(()), Writer::finish)
    }
}

struct PoolReader {
    path: PathBuf,
    text: BufReader<File>,
    line_counts: BufReader<File>,
    speakers: Option<BufReader<File>>,
    line: Vec<u8>,
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
            line: Vec::new(),
        })
    }

    /// Number of lines of the next document.
    fn document(&mut self) -> Result<Option<u32>> {
        let mut count = [0; 4];
        let read =
            read_full(&mut self.line_counts, &mut count).map_err(Error::io("read", &self.path))?;
        Ok((read == count.len()).then(|| u32::from_le_bytes(count)))
    }

    fn line(&mut self) -> Result<(&[u8], u8)> {
        self.line.clear();
        self.text
            .read_until(b'\n', &mut self.line)
            .map_err(Error::io("read", &self.path))?;
        let mut speaker = [0];
        if let Some(speakers) = &mut self.speakers {
            speakers
                .read_exact(&mut speaker)
                .map_err(Error::io("read", &self.path))?;
        }
        Ok((&self.line, speaker[0]))
    }
}
