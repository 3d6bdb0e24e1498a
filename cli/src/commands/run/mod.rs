//! `eras run`: trains, evaluates and records every entry; networks side by side, the others one after the other before them.
//!
//! | module | holds |
//! |---|---|
//! | `begin` | corpus, entries and tests of a run, and what it leaves out |
//! | `entry` | one entry: configured, trained, evaluated, recorded |
//! | `side_by_side` | networks, each in a process of its own |
//! | `relay` | progress from such a process to the display |
//! | `scaling` | language models trained on parts of the text |
//! | `live` | the live display |
//! | `conclude` | tables, comparisons, the report |

mod begin;
mod conclude;
mod entry;
mod live;
mod relay;
mod scaling;
mod side_by_side;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use corpus::Split;
use eras_list::ERAS;
use harness::{
    Entry, EntryFolder, EntryId, Progress, Questions, Run, State, Track, evaluator, read_run_record,
};
use reports::Experiments;

use crate::args::{RunEntryOptions, RunOptions};
use crate::commands::report::experiments;
use crate::commands::train::validation_sample;
use crate::output::complain;
use crate::progress::{check, interrupt_at_end_of_input};
use crate::recorded;
use crate::remedies::with_remedy;
use crate::tests::{minimal_pairs, word_tests};
use live::Live;
use relay::Relay;
use side_by_side::{Jobs, Processes, is_network};

pub(crate) fn run(workspace: &Path, options: RunOptions) -> anyhow::Result<()> {
    let run = match &options.resume {
        Some(folder) => begin::resume(folder, options.device.as_deref())?,
        None => begin::begin(workspace, &options)?,
    };
    let stage = Stage::open(run, workspace, options.checkpoint_every)?;
    if let Some(note) = &stage.note {
        complain(note);
    }
    let mut failures = stage.run_entries(options.jobs)?;
    failures.extend(stage.run_parts(stage.jobs(options.jobs)?)?);
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

/// Works on one entry of a run in this process, which `eras run` has started for it.
pub(crate) fn run_entry(workspace: &Path, options: &RunEntryOptions) -> anyhow::Result<()> {
    interrupt_at_end_of_input();
    let record = read_run_record(&options.run)?;
    let id = record
        .entries
        .iter()
        .find(|id| id.to_string() == options.entry);
    let id = id.with_context(|| format!("{}: not in this run", options.entry))?;
    let run = Run::for_entry(&options.run, id)?;
    let stage = Stage::open(run, workspace, options.checkpoint_every)?;
    let folder = stage.run.entry(id)?;
    stage.settle(id, &folder, &mut Relay::default())?;
    Ok(())
}

/// A run and what its entries share.
struct Stage {
    workspace: PathBuf,
    /// Which corpus stands for that of the run, if that is gone.
    note: Option<String>,
    run: Run,
    questions: Questions,
    validation: Vec<u32>,
    /// Where the experiments of the workspace are.
    experiments: Experiments,
    /// Time between checkpoints.
    checkpoint_every: Duration,
}

impl Stage {
    fn open(run: Run, workspace: &Path, checkpoint_every: Duration) -> anyhow::Result<Stage> {
        let workspaces = recorded::workspaces(run.folder(), workspace);
        let (corpus, note) = recorded::corpus(&workspaces, &run.record.corpus)?;
        let files = recorded::tests(&workspaces, &run.record, &corpus);
        let validation = validation_sample(&corpus)?;
        let tracks: Vec<Track> = run.record.entries.iter().map(|id| id.track).collect();
        let questions = Questions {
            minimal_pairs: minimal_pairs(files.minimal_pairs.as_deref())?,
            word_tests: word_tests(&files.word_tests)?,
            judge: ERAS.judge(&corpus)?,
            ..Questions::of(corpus, Split::Test, run.record.seed, &tracks)?
        };
        Ok(Stage {
            questions,
            validation,
            experiments: experiments(workspace),
            workspace: workspace.to_path_buf(),
            note,
            checkpoint_every,
            run,
        })
    }

    fn entries(&self) -> &[EntryId] {
        &self.run.record.entries
    }

    /// Runs the entries that are not done yet; returns the failures.
    fn run_entries(&self, jobs: Option<u16>) -> anyhow::Result<Vec<String>> {
        let jobs = self.jobs(jobs)?;
        let mut to_do = Vec::new();
        for id in self.entries() {
            if !self.is_done(id, &self.run.entry(id)?)? {
                to_do.push((id, self.entry(id)?));
            }
        }
        let live = Live::announce(self.run.folder(), &self.run.record, &to_do, jobs.count);
        let worked = self.work_on(to_do, jobs, &live);
        if worked.as_ref().is_err_and(crate::is_interruption) {
            self.conclude()?;
            drop(live);
            let folder = self.run.folder().display();
            complain(&format!("continue with: eras run --resume {folder}"));
        }
        worked
    }

    /// Runs these entries: first those that are no networks, one after the other, then the networks, the longest first.
    fn work_on(
        &self,
        entries: Vec<(&EntryId, &'static dyn Entry)>,
        jobs: Jobs,
        live: &Live,
    ) -> anyhow::Result<Vec<String>> {
        let mut failures = Vec::new();
        let mut networks = Vec::new();
        for (id, entry) in entries {
            if is_network(entry) {
                networks.push((id, entry));
                continue;
            }
            let folder = self.run.entry(id)?;
            let state = self.settle(id, &folder, &mut live.status.bar(&id.label()))?;
            failures.extend(live.ended(id, &folder, &state));
            check()?;
        }
        networks.sort_by(|a, b| {
            b.1.seconds_on_village()
                .total_cmp(&a.1.seconds_on_village())
        });
        let folders = networks
            .into_iter()
            .map(|(id, _)| Ok((id, self.run.entry(id)?)));
        let processes = Processes {
            workspace: &self.workspace,
            run: self.run.folder(),
            checkpoint_every: self.checkpoint_every,
            jobs,
            live,
        };
        failures.extend(processes.work_on(folders.collect::<anyhow::Result<_>>()?)?);
        Ok(failures)
    }

    /// How the networks of the run share the processor: as the user says now, or said when the run began.
    fn jobs(&self, wanted: Option<u16>) -> anyhow::Result<Jobs> {
        let run = &self.run.record;
        let mut networks = 0;
        for id in self.entries() {
            networks += usize::from(is_network(self.entry(id)?));
        }
        Ok(Jobs::of(
            &run.device,
            &run.settings,
            networks,
            wanted.or(run.jobs),
        ))
    }

    /// Runs an entry and writes down how it ended.
    fn settle(
        &self,
        id: &EntryId,
        folder: &EntryFolder,
        progress: &mut dyn Progress,
    ) -> anyhow::Result<State> {
        let entry = self.entry(id)?;
        // What failed or was interrupted before is so no longer.
        folder.set_state(&State::Open)?;
        let state = match guarded(|| self.run_entry(entry, folder, progress)) {
            Ok(()) => {
                folder.finish()?;
                return Ok(State::Done);
            }
            Err(error) if crate::is_interruption(&error) => State::Interrupted,
            Err(error) => State::Failed(with_remedy(&error)),
        };
        folder.set_state(&state)?;
        Ok(state)
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
