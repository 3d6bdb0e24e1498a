//! First step of preparation: converts any source to validated text, one file per split, with document boundaries.
//!
//! Documents without a split go to a pool, which is distributed to the splits once it is known how they are drawn.

mod draw;
mod passages;
mod pool;
mod sampler;
mod split_files;

use std::fs;
use std::path::Path;

use crate::disk::files::sha256_of;
use crate::error::{EmptySplitCause, Error, Result};
use crate::read::documents::Boundaries;
use crate::read::json::{Object, read_objects};
use crate::read::lines::Lines;
use crate::read::pairs::{PairFormat, PairReader, sides_without_a_word};
use crate::read::rows::clean;
use crate::read::source::{Input, Opened, Visit};
use crate::read::turns::{Dialogues, TurnReader};
use crate::settings::DocumentRule;
use crate::split::Split;
use crate::watch::Watch;

use sampler::GROUP;
pub(crate) use split_files::Options;
use split_files::{Speakers, SplitFiles};

/// Inputs, each with its split; `None` stands for the pool.
pub(crate) type Plan<T> = Vec<(T, Option<Split>)>;

/// Whether a text has a line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Text,
    Blank,
}

/// Stages running text, unless all of it is blank.
pub(crate) fn text(
    folder: &Path,
    plan: &Plan<Input>,
    rule: DocumentRule,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Content> {
    let mut parts = SplitFiles::create(folder, Speakers::None, options);
    let mut boundaries = Boundaries::new(rule);
    let mut content = Content::Blank;
    for input in opened(plan) {
        let (input, split) = input?;
        input.texts(options.invalid, &mut |lines| {
            boundaries.restart();
            while let Some(line) = lines.next_line()? {
                if boundaries.opens(line) {
                    parts.end_document(split)?;
                }
                if content == Content::Blank && !line.trim().is_empty() {
                    content = Content::Text;
                }
                parts.line(split, line, 0)?;
                watch.advance("reading", line.len() as u64 + 1, options.total)?;
            }
            parts.end_document(split)?;
            Ok(Visit::Next)
        })?;
    }
    if content == Content::Text {
        parts.finish()?;
    }
    Ok(content)
}

/// The inputs of a plan, each opened while the one before is being read, so that two are decompressed at once.
fn opened(plan: &Plan<Input>) -> impl Iterator<Item = Result<(Opened, Option<Split>)>> + '_ {
    let mut inputs = plan
        .iter()
        .map(|(input, split)| Ok((input.open()?, *split)));
    let mut next = inputs.next();
    std::iter::from_fn(move || std::mem::replace(&mut next, inputs.next()))
}

/// Stages the texts of JSON objects: one document per object.
pub(crate) fn json_texts(
    folder: &Path,
    plan: &Plan<Input>,
    field: &str,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut parts = SplitFiles::create(folder, Speakers::None, options);
    let parse = |object: &Object| {
        let text = object.get(field).and_then(|text| text.as_str());
        text.map(str::to_owned)
            .ok_or_else(|| format!("{field:?} is missing or is not a string"))
    };
    for (input, split) in plan {
        input.texts(options.invalid, &mut |lines| {
            read_objects(lines, parse, |text| {
                for line in text.lines() {
                    parts.line(*split, &clean(line), 0)?;
                }
                watch.advance("reading", text.len() as u64, options.total)?;
                parts.end_document(*split)
            })?;
            Ok(Visit::Next)
        })?;
    }
    parts.finish()
}

/// Stages dialogues: one line per turn, one document per dialogue.
pub(crate) fn dialogues(
    folder: &Path,
    plan: &Plan<Input>,
    dialogues: &Dialogues,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut reader = TurnReader::new(dialogues, options.invalid)?;
    let mut parts = SplitFiles::create(folder, Speakers::OnePerLine, options);
    for (input, split) in plan {
        input.texts(options.invalid, &mut |lines| {
            reader.read(lines, |turn| {
                if turn.opens_dialogue {
                    parts.end_document(*split)?;
                }
                // Names and numbers of a line are not counted, so the total is unknown.
                watch.advance("reading", turn.text.len() as u64 + 1, None)?;
                parts.line(*split, turn.text, turn.speaker)
            })?;
            parts.end_document(*split)?;
            Ok(Visit::Next)
        })?;
    }
    reader.notes().into_iter().for_each(|note| watch.note(note));
    parts.finish()
}

/// Stages sentence pairs: the target side is the text of the corpus, and each side also has a folder of its own.
pub(crate) struct PairStage<'a> {
    text: SplitFiles,
    source: SplitFiles,
    target: SplitFiles,
    options: &'a Options,
    /// Parallel lines of which one or both are blank.
    blank: u64,
}

impl<'a> PairStage<'a> {
    pub(crate) fn create(folder: &Path, options: &'a Options) -> Result<PairStage<'a>> {
        let side = |name: &str| {
            let side = folder.join("pairs").join(name);
            fs::create_dir_all(&side).map_err(Error::io("create", &side))?;
            Ok(SplitFiles::create(&side, Speakers::None, options))
        };
        Ok(PairStage {
            text: SplitFiles::create(folder, Speakers::None, options),
            source: side("source")?,
            target: side("target")?,
            options,
            blank: 0,
        })
    }

    /// Reads files that hold both sides.
    pub(crate) fn pairs(
        &mut self,
        plan: &Plan<Input>,
        format: PairFormat,
        swap: bool,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let mut reader = PairReader::new(format, swap);
        for (input, split) in plan {
            input.texts(self.options.invalid, &mut |lines| {
                reader.read(lines, &mut |source, target| {
                    let bytes = (source.len() + target.len()) as u64 + 2;
                    watch.advance("reading", bytes, self.options.total)?;
                    self.pair(source, target, *split)
                })?;
                Ok(Visit::Next)
            })?;
        }
        reader.notes().into_iter().for_each(|note| watch.note(note));
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
        if self.blank > 0 {
            watch.note(sides_without_a_word(self.blank));
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
        let mut one_sided = None;
        loop {
            let number = sources.number() + 1;
            let (source, target) = (sources.next_line()?, targets.next_line()?);
            match (source, target) {
                (Some(source), Some(target)) => {
                    let bytes = (source.len() + target.len()) as u64 + 2;
                    watch.advance("reading", bytes, self.options.total)?;
                    let blank = [source, target].map(|line| line.trim().is_empty());
                    self.blank += u64::from(blank[0] || blank[1]);
                    if blank[0] != blank[1] {
                        one_sided = one_sided.or(Some(number));
                    }
                    self.pair(source, target, split)?;
                }
                (None, None) => return Ok(Visit::Stop),
                (Some(_), None) => {
                    return Err(unequal_lengths(targets, sources, one_sided)?);
                }
                (None, Some(_)) => {
                    return Err(unequal_lengths(sources, targets, one_sided)?);
                }
            }
        }
    }

    fn pair(&mut self, source: &str, target: &str, split: Option<Split>) -> Result<()> {
        let split = split.unwrap_or_else(|| split_of_sentence(source, self.options));
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

    /// # Errors
    /// [`Error::EmptySplit`] if training or a split that is drawn got no pair.
    pub(crate) fn finish(self) -> Result<()> {
        let held_out = self.options.held_out.iter().copied();
        let mut needed = std::iter::once(Split::Train).chain(held_out);
        if let Some(split) = needed.find(|&split| !self.text.has(split)) {
            let cause = EmptySplitCause::NoPair;
            return Err(Error::EmptySplit { split, cause });
        }
        for parts in [self.text, self.source, self.target] {
            parts.finish()?;
        }
        Ok(())
    }
}

/// The error for a file `short` that ends before `long`, whose remaining lines are counted first. A line that is blank in one file
/// only is the first trace of lines that do not belong together.
fn unequal_lengths(
    short: &Lines<'_>,
    long: &mut Lines<'_>,
    one_sided: Option<u64>,
) -> Result<Error> {
    let line = long.number();
    while long.next_line()?.is_some() {}
    let from = one_sided.map_or_else(String::new, |line| {
        format!("; line {line} is blank in one of them only, so they may differ from there")
    });
    let what = format!(
        "parallel files must have the same number of lines; this one has {}, {} has {}{from}",
        long.number(),
        short.place(),
        line - 1
    );
    Ok(Error::Format {
        place: long.place().to_owned(),
        line,
        what,
    })
}

/// The split of a pair, which depends only on its source sentence, so that all its translations share a split.
fn split_of_sentence(source: &str, options: &Options) -> Split {
    let digest = sha256_of(format!("{} {source}", options.seed).as_bytes());
    let number = u32::from_str_radix(&digest[..8], 16).unwrap_or(u32::MAX);
    let share = f64::from(number) / (f64::from(u32::MAX) + 1.0);
    let index = (share * GROUP as f64) as usize;
    options.held_out.get(index).copied().unwrap_or(Split::Train)
}
