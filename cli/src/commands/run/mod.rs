//! `eras run`: trains, evaluates and records every entry, one after the other.
//!
//! | module | holds |
//! |---|---|
//! | `begin` | corpus, entries and tests of a run, and what it leaves out |
//! | `entry` | one entry: configured, trained, evaluated, recorded |
//! | `scaling` | language models trained on parts of the text |
//! | `live` | the live display |
//! | `conclude` | tables, comparisons, the report |

mod begin;
mod conclude;
mod entry;
mod live;
mod scaling;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use corpus::{Corpus, Split};
use eras_list::ERAS;
use harness::{
    CHECKPOINT_EVERY, Entry, EntryFolder, EntryId, Questions, Run, State, Track, evaluator,
};
use reports::Experiments;

use crate::args::RunOptions;
use crate::commands::report::experiments;
use crate::commands::train::validation_sample;
use crate::output::complain;
use crate::remedies::with_remedy;
use crate::tests::{minimal_pairs, word_tests};
use live::Live;

pub(crate) fn run(workspace: &Path, options: RunOptions) -> anyhow::Result<()> {
    let run = match &options.resume {
        Some(folder) => begin::resume(folder, options.device.as_deref())?,
        None => begin::begin(workspace, &options)?,
    };
    let stage = Stage {
        checkpoint_every: options.checkpoint_every,
        ..Stage::open(run, workspace)?
    };
    let mut failures = stage.run_entries()?;
    failures.extend(stage.run_parts()?);
    let page = stage.conclude()?;
    stage.summarise(&page, options.json)?;
    match failures.as_slice() {
        [] => Ok(()),
        failures => anyhow::bail!(
            "{} of {} entries failed: {}",
            failures.len(),
            stage.entries().len(),
            failures.join("; ")
        ),
    }
}

/// A run and what its entries share.
struct Stage {
    run: Run,
    questions: Questions,
    validation: Vec<u32>,
    /// Where the experiments of the workspace are.
    experiments: Experiments,
    /// Time between checkpoints.
    checkpoint_every: Duration,
}

impl Stage {
    fn open(run: Run, workspace: &Path) -> anyhow::Result<Stage> {
        let record = &run.record.corpus;
        let corpus = Corpus::open(Path::new(&record.folder))?;
        if corpus.content_checksum() != record.content_checksum {
            anyhow::bail!(
                "{}: the corpus has changed since the run began; begin a new run",
                record.folder
            );
        }
        let validation = validation_sample(&corpus)?;
        let tracks: Vec<Track> = run.record.entries.iter().map(|id| id.track).collect();
        let questions = Questions {
            minimal_pairs: minimal_pairs(run.record.minimal_pairs.as_deref())?,
            word_tests: word_tests(&run.record.word_tests)?,
            judge: ERAS.judge(&corpus)?,
            ..Questions::of(corpus, Split::Test, run.record.seed, &tracks)?
        };
        Ok(Stage {
            questions,
            validation,
            experiments: experiments(workspace),
            checkpoint_every: CHECKPOINT_EVERY,
            run,
        })
    }

    fn entries(&self) -> &[EntryId] {
        &self.run.record.entries
    }

    /// Runs the entries that are not done yet; returns the failures.
    fn run_entries(&self) -> anyhow::Result<Vec<String>> {
        let mut to_do = Vec::new();
        for id in self.entries() {
            let (entry, folder) = (self.entry(id)?, self.run.entry(id)?);
            if !self.is_done(id, &folder)? {
                to_do.push((id, entry, folder));
            }
        }
        let announced: Vec<_> = to_do.iter().map(|&(id, entry, _)| (id, entry)).collect();
        let live = Live::announce(self.run.folder(), &self.run.record, &announced);
        let mut failures = Vec::new();
        for (number, (id, entry, folder)) in (1..).zip(to_do) {
            live.begin(number);
            // What failed or was interrupted before is so no longer.
            if folder.state() != State::Open {
                folder.set_state(&State::Open)?;
            }
            let outcome = guarded(|| self.run_entry(entry, &folder, &live));
            match outcome {
                Ok(()) => {
                    folder.finish()?;
                    live.finished(number, id, &folder);
                }
                Err(error) if crate::is_interruption(&error) => {
                    folder.set_state(&State::Interrupted)?;
                    self.conclude()?;
                    drop(live);
                    complain(&format!(
                        "continue with: eras run --resume {}",
                        self.run.folder().display()
                    ));
                    return Err(error);
                }
                Err(error) => {
                    let reason = with_remedy(&error);
                    live.status.row(&format!("{id} failed: {reason}"));
                    folder.set_state(&State::Failed(reason))?;
                    failures.push(id.label());
                }
            }
        }
        Ok(failures)
    }

    /// The entry of a record.
    fn entry(&self, id: &EntryId) -> anyhow::Result<&'static dyn Entry> {
        let known = ERAS.entry(id);
        known.with_context(|| format!("{id}: this program has no such entry"))
    }

    /// Whether an entry is finished and its records can be read; if they cannot, it is run again.
    fn is_done(&self, id: &EntryId, folder: &EntryFolder) -> anyhow::Result<bool> {
        if folder.state() != State::Done {
            return Ok(false);
        }
        let Err(error) = evaluator(id.track).check_record(folder, &self.questions) else {
            return Ok(true);
        };
        complain(&format!("{error}; running the entry again"));
        // Its files count as invalid until it has run again.
        folder.set_state(&State::Open)?;
        Ok(false)
    }
}

/// Turns a panic in one era into an error, so that the others still run.
fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text
            .or(payload.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        Err(anyhow::anyhow!("panicked: {text}"))
    })
}
