//! First step of preparation: any source becomes checked text in one file per split, with documents marked.
//!
//! What has no split yet goes to a pool, and is dealt out by documents once their number is known.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::documents::{Boundaries, DocumentRule};
use crate::error::{Error, Result};
use crate::files::{read_full, sha256_of};
use crate::formats::{DialogueFormat, read_turns, split_pair};
use crate::lines::{Lines, OnInvalid};
use crate::prepare::{Settings, Watch};
use crate::source::{Input, Opened, Visit};
use crate::split::{Draw, GROUP, Split};

/// Inputs, each with its split; `None` is the pool.
pub(crate) type Plan<T> = Vec<(T, Option<Split>)>;

/// What staging needs to know besides the files.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) invalid: OnInvalid,
    /// Splits that are drawn from the pool.
    pub(crate) held_out: Vec<Split>,
    pub(crate) seed: u64,
    /// Bytes to be read, where they are known.
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

/// Stages running text.
pub(crate) fn text(
    folder: &Path,
    plan: &Plan<Input>,
    rule: DocumentRule,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut parts = Parts::create(folder, Speakers::None, options);
    let mut boundaries = Boundaries::new(rule);
    for input in opened(plan) {
        let (input, split) = input?;
        input.texts(options.invalid, &mut |lines| {
            boundaries.restart();
            while let Some(line) = lines.next_line()? {
                if boundaries.opens(line) {
                    parts.end_document(split)?;
                }
                parts.line(split, line, 0)?;
                watch.advance("reading", line.len() as u64 + 1, options.total)?;
            }
            parts.end_document(split)?;
            Ok(Visit::Next)
        })?;
    }
    parts.finish()
}

/// The inputs of a plan, each opened while the one before it is being read: so two are unpacked at once.
fn opened(plan: &Plan<Input>) -> impl Iterator<Item = Result<(Opened, Option<Split>)>> + '_ {
    let mut inputs = plan
        .iter()
        .map(|(input, split)| Ok((input.open()?, *split)));
    let mut next = inputs.next();
    std::iter::from_fn(move || std::mem::replace(&mut next, inputs.next()))
}

/// Stages conversations: a line for a turn, a document for a dialogue.
pub(crate) fn dialogues(
    folder: &Path,
    plan: &Plan<Input>,
    format: DialogueFormat,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut parts = Parts::create(folder, Speakers::OnePerLine, options);
    for (input, split) in plan {
        input.texts(options.invalid, &mut |lines| {
            read_turns(lines, format, |turn| {
                if turn.opens_dialogue {
                    parts.end_document(*split)?;
                }
                // Names and numbers are read too, and not counted: there is no telling how much is to come.
                watch.advance("reading", turn.text.len() as u64 + 1, None)?;
                parts.line(*split, turn.text, turn.speaker)
            })?;
            parts.end_document(*split)?;
            Ok(Visit::Next)
        })?;
    }
    parts.finish()
}

/// Stages sentence pairs: the target side is the corpus' text, and both sides lie in folders of their own.
pub(crate) struct PairStage<'a> {
    text: Parts,
    source: Parts,
    target: Parts,
    options: &'a Options,
}

impl<'a> PairStage<'a> {
    pub(crate) fn create(folder: &Path, options: &'a Options) -> Result<PairStage<'a>> {
        let side = |name: &str| {
            let side = folder.join("pairs").join(name);
            fs::create_dir_all(&side).map_err(Error::io("create", &side))?;
            Ok(Parts::create(&side, Speakers::None, options))
        };
        Ok(PairStage {
            text: Parts::create(folder, Speakers::None, options),
            source: side("source")?,
            target: side("target")?,
            options,
        })
    }

    /// Reads `SOURCE<TAB>TARGET` lines.
    pub(crate) fn table(
        &mut self,
        plan: &Plan<Input>,
        swap: bool,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        for (input, split) in plan {
            input.texts(self.options.invalid, &mut |lines| {
                while let Some(line) = lines.next_line()? {
                    watch.advance("reading", line.len() as u64 + 1, self.options.total)?;
                    let pair = split_pair(line).map(|(a, b)| if swap { (b, a) } else { (a, b) });
                    match pair {
                        Ok((source, target)) => self.pair(source, target, *split)?,
                        Err(what) => return Err(lines.malformed(what)),
                    }
                }
                Ok(Visit::Next)
            })?;
        }
        Ok(())
    }

    /// Reads line n of both files as a pair.
    pub(crate) fn parallel(
        &mut self,
        plan: &Plan<(Input, Input)>,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        for ((source, target), split) in plan {
            let invalid = self.options.invalid;
            source.texts(invalid, &mut |sources| {
                target.texts(invalid, &mut |targets| {
                    self.zip(sources, targets, *split, watch)
                })?;
                Ok(Visit::Stop)
            })?;
        }
        Ok(())
    }

    fn zip(
        &mut self,
        sources: &mut Lines<'_>,
        targets: &mut Lines<'_>,
        split: Option<Split>,
        watch: &mut Watch<'_>,
    ) -> Result<Visit> {
        loop {
            let (source, target) = (sources.next_line()?, targets.next_line()?);
            match (source, target) {
                (Some(source), Some(target)) => {
                    let bytes = (source.len() + target.len()) as u64 + 2;
                    watch.advance("reading", bytes, self.options.total)?;
                    self.pair(source, target, split)?;
                }
                (None, None) => return Ok(Visit::Stop),
                (Some(_), None) => return Err(uneven(targets, sources)),
                (None, Some(_)) => return Err(uneven(sources, targets)),
            }
        }
    }

    fn pair(&mut self, source: &str, target: &str, split: Option<Split>) -> Result<()> {
        let split = split.unwrap_or_else(|| by_sentence(source, self.options));
        for (parts, line) in [
            (&mut self.text, target),
            (&mut self.source, source),
            (&mut self.target, target),
        ] {
            parts.line(Some(split), line, 0)?;
            parts.end_document(Some(split))?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<()> {
        for parts in [self.text, self.source, self.target] {
            parts.finish()?;
        }
        Ok(())
    }
}

fn uneven(short: &Lines<'_>, long: &Lines<'_>) -> Error {
    let what = format!(
        "parallel files must have equally many lines; {} has no line {}",
        short.place(),
        long.number()
    );
    Error::Format {
        place: long.place().to_owned(),
        line: long.number(),
        what,
    }
}

/// The split of a pair depends on its source sentence alone: its translations stay together.
fn by_sentence(source: &str, options: &Options) -> Split {
    let digest = sha256_of(format!("{} {source}", options.seed).as_bytes());
    let number = u32::from_str_radix(&digest[..8], 16).unwrap_or(u32::MAX);
    let share = f64::from(number) / (f64::from(u32::MAX) + 1.0);
    let index = (share * GROUP as f64) as usize;
    options.held_out.get(index).copied().unwrap_or(Split::Train)
}

/// Whether lines have speakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speakers {
    None,
    OnePerLine,
}

/// The files of each split. Documents without a split wait in a pool until there are enough to draw from.
struct Parts {
    folder: PathBuf,
    speakers: Speakers,
    options: Options,
    splits: [Option<Part>; 3],
    pool: Option<Part>,
    draw: Option<Draw>,
    /// The split of the document under way, once the pool has been dealt out.
    drawn: Option<Split>,
}

impl Parts {
    fn create(folder: &Path, speakers: Speakers, options: &Options) -> Parts {
        let (folder, options) = (folder.to_path_buf(), options.clone());
        Parts {
            folder,
            speakers,
            options,
            splits: [None, None, None],
            pool: None,
            draw: None,
            drawn: None,
        }
    }

    /// A line of the document under way; `split` is its split where the files tell it.
    fn line(&mut self, split: Option<Split>, line: &str, speaker: u8) -> Result<()> {
        let split = self.resolve(split);
        self.part(split)?.line(line, speaker)
    }

    fn end_document(&mut self, split: Option<Split>) -> Result<()> {
        let resolved = self.resolve(split);
        self.part(resolved)?.end_document()?;
        if split.is_none() {
            self.drawn = None;
            if self
                .pool
                .as_ref()
                .is_some_and(|pool| pool.documents == GROUP)
            {
                self.deal()?;
            }
        }
        Ok(())
    }

    /// Where a document goes; `None` is the pool.
    fn resolve(&mut self, split: Option<Split>) -> Option<Split> {
        if split.is_some() {
            return split;
        }
        if self.options.held_out.is_empty() {
            return Some(Split::Train);
        }
        let draw = self.draw.as_mut()?;
        Some(*self.drawn.get_or_insert_with(|| draw.assign()))
    }

    fn part(&mut self, split: Option<Split>) -> Result<&mut Part> {
        let (slot, name) = match split {
            Some(split) => (&mut self.splits[split as usize], split.name()),
            None => (&mut self.pool, POOL),
        };
        match slot {
            Some(part) => Ok(part),
            None => Ok(slot.insert(Part::create(&self.folder, name, self.speakers)?)),
        }
    }

    /// Closes all files, after dealing out a pool that did not fill.
    fn finish(mut self) -> Result<()> {
        if self.pool.is_some() {
            self.deal()?;
        }
        self.splits.into_iter().flatten().try_for_each(Part::finish)
    }

    fn deal(&mut self) -> Result<()> {
        let Some(pool) = self.pool.take() else {
            return Ok(());
        };
        let mut draw = Draw::new(pool.documents, &self.options.held_out, self.options.seed)?;
        pool.finish()?;
        let mut pool = PoolReader::open(&self.folder, self.speakers)?;
        while let Some(lines) = pool.document()? {
            let part = self.part(Some(draw.assign()))?;
            for _ in 0..lines {
                let (line, speaker) = pool.line()?;
                part.raw_line(line, speaker)?;
            }
            part.end_document()?;
        }
        self.draw = Some(draw);
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
/// Ending of the staged text of a split; it stays.
pub(crate) const TEXT: &str = "text";
/// Ending of the number of lines of each document (u32); gone when preparation ends.
pub(crate) const LINE_COUNTS: &str = "line-counts";
/// Ending of the speaker of each line (u8); gone when preparation ends.
pub(crate) const SPEAKERS: &str = "speakers";
const ENDINGS: [&str; 3] = [TEXT, LINE_COUNTS, SPEAKERS];

/// The files of one split being written.
#[derive(Debug)]
struct Part {
    text: Writer,
    line_counts: Writer,
    speakers: Option<Writer>,
    lines_in_document: u32,
    documents: u64,
}

impl Part {
    fn create(folder: &Path, name: &str, speakers: Speakers) -> Result<Part> {
        let file = |ending: &str| Writer::create(folder.join(format!("{name}.{ending}")));
        Ok(Part {
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

    /// A line with its end.
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

/// A buffered file that knows its name when it fails.
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
