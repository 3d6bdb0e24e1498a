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
use crate::error::{Error, Result};
use crate::read::documents::Boundaries;
use crate::read::formats::{DialogueFormat, read_turns, split_pair};
use crate::read::lines::Lines;
use crate::read::source::{Input, Opened, Visit};
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

/// Stages dialogues: one line per turn, one document per dialogue.
pub(crate) fn dialogues(
    folder: &Path,
    plan: &Plan<Input>,
    format: DialogueFormat,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut parts = SplitFiles::create(folder, Speakers::OnePerLine, options);
    for (input, split) in plan {
        input.texts(options.invalid, &mut |lines| {
            read_turns(lines, format, |turn| {
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
    parts.finish()
}

/// Stages sentence pairs: the target side is the text of the corpus, and each side also has a folder of its own.
pub(crate) struct PairStage<'a> {
    text: SplitFiles,
    source: SplitFiles,
    target: SplitFiles,
    options: &'a Options,
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
                (Some(_), None) => return Err(unequal_lengths(targets, sources)?),
                (None, Some(_)) => return Err(unequal_lengths(sources, targets)?),
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

    pub(crate) fn finish(self) -> Result<()> {
        for parts in [self.text, self.source, self.target] {
            parts.finish()?;
        }
        Ok(())
    }
}

/// The error for a file `short` that ends before `long`, whose remaining lines are counted first.
fn unequal_lengths(short: &Lines<'_>, long: &mut Lines<'_>) -> Result<Error> {
    let line = long.number();
    while long.next_line()?.is_some() {}
    let what = format!(
        "parallel files must have the same number of lines; this one has {}, {} has {}",
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
