//! Networks side by side, each in a process of its own.
//!
//! A small network on one thread uses a core better than on two: its operations are short, and threads wait for each other at the end
//! of each. libtorch has one number of threads and one pool of memory for the whole process, so each network gets its own process. A
//! process that the system ends does not take the others with it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use harness::{Entry, EntryFolder, EntryId, State};

use super::live::Live;
use super::relay;
use crate::networks::cores;
use crate::progress::{Bar, check, flow};
use crate::this_program;

/// How often a waiting process looks for the end of the other, and for Ctrl-C.
const POLL: Duration = Duration::from_millis(20);

/// What the processes of a run have in common.
pub(super) struct Processes<'a> {
    pub(super) workspace: &'a Path,
    pub(super) run: &'a Path,
    pub(super) checkpoint_every: Duration,
    pub(super) jobs: Jobs,
    pub(super) live: &'a Live,
}

/// How many networks are trained at once, and on how many threads each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Jobs {
    pub(super) count: usize,
    pub(super) threads: usize,
}

impl Jobs {
    /// The jobs of a run with these networks, on this device, with these settings. On a GPU there is one at a time unless the user
    /// wants more.
    pub(super) fn of(
        device: &str,
        settings: &[String],
        networks: usize,
        wanted: Option<u16>,
    ) -> Jobs {
        let on_gpu = (device != "cpu").then_some(1);
        let wanted = wanted.map(usize::from).or(on_gpu);
        Jobs::share(
            cores(),
            networks,
            wanted.or(jobs_of_threads(cores(), settings)),
        )
    }

    /// Shares the cores among the networks of a run. Depends on all of them, not on those that are left to do, so that a resumed run
    /// computes on the same number of threads and gives the same bytes.
    fn share(cores: usize, networks: usize, wanted: Option<usize>) -> Jobs {
        let count = wanted.unwrap_or(cores).min(networks).max(1);
        Jobs {
            count,
            threads: (cores / count).max(1),
        }
    }
}

/// As many jobs as fit if the settings fix the threads of each.
fn jobs_of_threads(cores: usize, settings: &[String]) -> Option<usize> {
    let threads = settings.iter().rev().find_map(|setting| {
        let threads = setting.strip_prefix("compute.threads=")?.trim().parse();
        threads.ok().filter(|&threads: &usize| threads > 0)
    });
    Some((cores / threads?).max(1))
}

/// Whether an entry is a network: only their configurations have a device, a precision and threads.
pub(super) fn is_network(entry: &dyn Entry) -> bool {
    let preset = entry.default_preset().and_then(|name| entry.preset(name));
    preset.is_some_and(|config| config.contains_key("compute"))
}

impl Processes<'_> {
    /// Works on the entries in this order, as many at once as there are jobs; returns the failures.
    pub(super) fn work_on(
        &self,
        entries: Vec<(&EntryId, EntryFolder)>,
    ) -> anyhow::Result<Vec<String>> {
        let waiting = Mutex::new(VecDeque::from(entries));
        let next = || {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.pop_front()
        };
        let worker = || -> anyhow::Result<Vec<String>> {
            let mut failures = Vec::new();
            while let Some((id, folder)) = next() {
                check()?;
                let state = self.state_after(id, &folder)?;
                failures.extend(self.live.ended(id, &folder, &state));
                check()?;
            }
            Ok(failures)
        };
        let all: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs.count).map(|_| scope.spawn(worker)).collect();
            let joined = workers.into_iter().map(|worker| {
                let panicked = |_| Err(anyhow::anyhow!("the display of a process panicked"));
                worker.join().unwrap_or_else(panicked)
            });
            joined.collect()
        });
        Ok(all
            .into_iter()
            .collect::<anyhow::Result<Vec<_>>>()?
            .concat())
    }

    /// Starts the process of an entry, shows its progress, waits for its end, and returns the state that it has written.
    fn state_after(&self, id: &EntryId, folder: &EntryFolder) -> anyhow::Result<State> {
        folder.set_state(&State::Open)?;
        let mut child = match self.command(id).spawn() {
            Ok(child) => child,
            Err(error) => return failed(folder, format!("cannot start its process: {error}")),
        };
        let mut bar = self.live.status.bar(&id.label());
        let status = self.wait(&mut child, id, &mut bar)?;
        match folder.state() {
            // Ctrl-C reaches all processes of a terminal, also one that has not begun to listen for it.
            State::Open | State::Interrupted if flow().is_break() => {
                folder.set_state(&State::Interrupted)?;
                Ok(State::Interrupted)
            }
            State::Open => failed(folder, format!("its process ended: {}", explained(status))),
            State::Interrupted => failed(folder, "its process was stopped from outside".to_owned()),
            ended => Ok(ended),
        }
    }

    fn command(&self, id: &EntryId) -> Command {
        let mut command = Command::new(this_program());
        let threads = self.jobs.threads.to_string();
        command
            .arg("--workspace")
            .arg(self.workspace)
            .arg("run-entry")
            .arg(self.run)
            .arg(id.to_string())
            .arg("--checkpoint-every")
            .arg(humantime::format_duration(self.checkpoint_every).to_string())
            .env("OMP_NUM_THREADS", &threads)
            .env("RAYON_NUM_THREADS", &threads)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Shows what the process reports until it ends. Its standard input is closed to interrupt it; that also happens if this process
    /// is killed, so that no process outlives the run.
    fn wait(&self, child: &mut Child, id: &EntryId, bar: &mut Bar) -> anyhow::Result<ExitStatus> {
        let mut stdin = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(|| lines(stdout).for_each(|line| relay::show(&line, bar)));
            scope.spawn(|| {
                lines(stderr)
                    .for_each(|line| self.live.status.row(&format!("{}: {line}", id.label())))
            });
            loop {
                if flow().is_break() {
                    drop(stdin.take());
                }
                match child.try_wait().context("cannot wait for a process")? {
                    Some(status) => return Ok(status),
                    None => thread::sleep(POLL),
                }
            }
        })
    }
}

/// The lines of a stream, to its end, whatever bytes they have.
fn lines(stream: Option<impl Read>) -> impl Iterator<Item = String> {
    let lines = stream
        .into_iter()
        .flat_map(|stream| BufReader::new(stream).split(b'\n'));
    lines
        .map_while(Result::ok)
        .map(|line| String::from_utf8_lossy(&line).into_owned())
}

/// Writes down why an entry failed.
fn failed(folder: &EntryFolder, reason: String) -> anyhow::Result<State> {
    let state = State::Failed(reason);
    folder.set_state(&state)?;
    Ok(state)
}

/// How a process ended that has not written so itself.
fn explained(status: ExitStatus) -> String {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(9) {
        return format!(
            "{status}; the system does so when memory runs out: try --jobs 1 or a smaller --preset"
        );
    }
    status.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_shared_among_the_networks() {
        let jobs = |count, threads| Jobs { count, threads };
        assert_eq!(Jobs::share(2, 9, None), jobs(2, 1));
        assert_eq!(Jobs::share(2, 1, None), jobs(1, 2));
        assert_eq!(Jobs::share(16, 5, None), jobs(5, 3));
        assert_eq!(Jobs::share(2, 9, Some(1)), jobs(1, 2));
        assert_eq!(Jobs::share(2, 9, Some(4)), jobs(4, 1));
        assert_eq!(Jobs::share(2, 0, None), jobs(1, 2));
    }

    #[test]
    fn threads_that_are_set_decide_the_jobs() {
        let settings = |setting: &str| vec!["learning_rate=0.1".to_owned(), setting.to_owned()];
        assert_eq!(jobs_of_threads(16, &settings("compute.threads=4")), Some(4));
        assert_eq!(jobs_of_threads(2, &settings("compute.threads=4")), Some(1));
        assert_eq!(jobs_of_threads(2, &settings("compute.threads=0")), None);
        assert_eq!(jobs_of_threads(2, &[]), None);
    }
}
