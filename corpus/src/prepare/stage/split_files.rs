//! The files of each split while they are written.

use std::path::{Path, PathBuf};

use super::draw::Draw;
use super::pool::Pool;
use crate::disk::files::Writer;
use crate::error::Result;
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
    /// Effective number of documents below which a text is cut into passages; if none, documents are never cut.
    pub(crate) cut_below: Option<f64>,
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
            cut_below: None,
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

/// The files of each split. Documents without a split wait in a pool until it is known how they are drawn.
pub(super) struct SplitFiles {
    folder: PathBuf,
    speakers: Speakers,
    options: Options,
    splits: [Option<SplitFile>; 3],
    pool: Option<Pool>,
    /// The draw, once the pool has been distributed.
    draw: Option<Draw>,
}

impl SplitFiles {
    pub(super) fn create(folder: &Path, speakers: Speakers, options: &Options) -> SplitFiles {
        SplitFiles {
            folder: folder.to_path_buf(),
            speakers,
            options: options.clone(),
            splits: [None, None, None],
            pool: None,
            draw: None,
        }
    }

    /// Adds a line to the current document; `split` is its split if the files determine it.
    pub(super) fn line(&mut self, split: Option<Split>, line: &str, speaker: u8) -> Result<()> {
        let split = match self.determined(split) {
            Some(split) => split,
            None => match &mut self.draw {
                None => return self.pool()?.line(line, speaker),
                Some(draw) => {
                    let before = draw.current();
                    let split = draw.split_of(line);
                    // A passage may begin within a document, which then ends in the split that it leaves.
                    if let Some(before) = before.filter(|&before| before != split) {
                        self.part(before)?.end_document()?;
                    }
                    split
                }
            },
        };
        self.part(split)?.line(line, speaker)
    }

    pub(super) fn end_document(&mut self, split: Option<Split>) -> Result<()> {
        if let Some(split) = self.determined(split) {
            return self.part(split)?.end_document();
        }
        if let Some(draw) = &mut self.draw {
            let current = draw.current();
            draw.end_document();
            return match current {
                Some(split) => self.part(split)?.end_document(),
                None => Ok(()),
            };
        }
        let pool = self.pool()?;
        pool.end_document()?;
        match pool.is_full() {
            true => self.distribute_pool(),
            false => Ok(()),
        }
    }

    /// The split of a document that is not drawn.
    fn determined(&self, split: Option<Split>) -> Option<Split> {
        match self.options.held_out.is_empty() {
            true => split.or(Some(Split::Train)),
            false => split,
        }
    }

    fn part(&mut self, split: Split) -> Result<&mut SplitFile> {
        let slot = &mut self.splits[split as usize];
        match slot {
            Some(part) => Ok(part),
            None => Ok(slot.insert(SplitFile::create(
                &self.folder,
                split.name(),
                self.speakers,
            )?)),
        }
    }

    fn pool(&mut self) -> Result<&mut Pool> {
        let slot = &mut self.pool;
        match slot {
            Some(pool) => Ok(pool),
            None => Ok(slot.insert(Pool::create(&self.folder, self.speakers)?)),
        }
    }

    /// Whether a split has got a line.
    pub(super) fn has(&self, split: Split) -> bool {
        self.splits[split as usize].is_some()
    }

    /// Distributes the pool if it was never full, then closes all files.
    pub(super) fn finish(mut self) -> Result<()> {
        self.distribute_pool()?;
        self.splits
            .into_iter()
            .flatten()
            .try_for_each(SplitFile::finish)
    }

    fn distribute_pool(&mut self) -> Result<()> {
        let Some(pool) = self.pool.take() else {
            return Ok(());
        };
        let pool = pool.finish()?;
        self.draw = Some(Draw::from_pool(&pool, &self.options)?);
        let mut reader = pool.reader()?;
        while let Some(lines) = reader.document()? {
            for _ in 0..lines {
                let (line, speaker) = reader.line()?;
                self.line(None, line, speaker)?;
            }
            self.end_document(None)?;
        }
        pool.remove()
    }
}

/// The files of one split while they are written.
#[derive(Debug)]
pub(super) struct SplitFile {
    text: Writer,
    line_counts: Writer,
    speakers: Option<Writer>,
    lines_in_document: u32,
}

impl SplitFile {
    pub(super) fn create(folder: &Path, name: &str, speakers: Speakers) -> Result<SplitFile> {
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
        })
    }

    pub(super) fn line(&mut self, line: &str, speaker: u8) -> Result<()> {
        self.text.write(line.as_bytes())?;
        self.text.write(b"\n")?;
        self.lines_in_document += 1;
        self.speakers
            .as_mut()
            .map_or(Ok(()), |speakers| speakers.write(&[speaker]))
    }

    pub(super) fn end_document(&mut self) -> Result<()> {
        if self.lines_in_document == 0 {
            return Ok(());
        }
        let count = std::mem::take(&mut self.lines_in_document);
        self.line_counts.write(&count.to_le_bytes())
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.end_document()?;
        self.text.finish()?;
        self.line_counts.finish()?;
        self.speakers.map_or(Ok(()), Writer::finish)
    }
}
