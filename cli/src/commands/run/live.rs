//! The live display of a run: its expected duration, and the result of each entry.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use corpus::Split;
use harness::{
    Budget, Cost, Entry, EntryFolder, EntryId, RunRecord, State, estimate_seconds, evaluator,
    read_run_record,
};
use indicatif::DecimalBytes;

use super::side_by_side::is_network;
use crate::output::complain;
use crate::progress::StatusLines;

/// The display of a run: its expected duration, a row for each entry that has ended, and bars for the current ones.
pub(super) struct Live {
    pub(super) status: StatusLines,
    entries: usize,
    ended: AtomicUsize,
    width: usize,
    expected: Option<f64>,
}

impl Live {
    /// Announces how long the run will take: from its time budget, from an earlier run beside it, or from an estimate.
    pub(super) fn announce(
        folder: &Path,
        run: &RunRecord,
        to_do: &[(&EntryId, &'static dyn Entry)],
        jobs: usize,
    ) -> Live {
        let (words, expected) = expectation(folder, run, to_do, jobs);
        let parts = match run.scaling {
            0 | 1 => "",
            _ => "; then the parts of the text, one entry at a time",
        };
        let corpus = &run.corpus.name;
        complain(&match to_do {
            [] if run.scaling == 0 => format!("nothing is left to do on {corpus}"),
            [] => format!("all entries on {corpus} are done"),
            [_] => format!("1 entry on {corpus}{words}{parts}"),
            all => format!("{} entries on {corpus}{words}{parts}", all.len()),
        });
        let widths = to_do.iter().map(|(id, _)| id.label().chars().count());
        let live = Live {
            status: StatusLines::new(),
            entries: to_do.len(),
            ended: AtomicUsize::new(0),
            width: widths.max().unwrap_or(0),
            expected,
        };
        if !to_do.is_empty() {
            live.status.row(&live.row(
                "",
                "entry",
                ["result", "training", "evaluation", "memory", "on disk"].map(str::to_owned),
            ));
        }
        live.describe(0);
        live
    }

    /// Shows how far the run is.
    fn describe(&self, ended: usize) {
        let expected = self.expected.map_or(String::new(), |seconds| {
            format!(" of about {}", time(seconds))
        });
        let whole = format!("{expected}, {ended} of {} entries", self.entries);
        self.status.describe(whole);
    }

    /// The row of an entry that has ended; returns its name if it has failed.
    pub(super) fn ended(
        &self,
        id: &EntryId,
        folder: &EntryFolder,
        state: &State,
    ) -> Option<String> {
        let number = 1 + self.ended.fetch_add(1, Ordering::Relaxed);
        self.describe(number);
        match state {
            State::Done => self.finished(number, id, folder),
            State::Failed(reason) => self.status.row(&format!("{id} failed: {reason}")),
            State::Interrupted | State::Open => self.status.row(&format!("{id} was interrupted")),
        }
        matches!(state, State::Failed(_)).then(|| id.label())
    }

    fn finished(&self, number: usize, id: &EntryId, folder: &EntryFolder) {
        let Some((measure, cost)) = outcome(id, folder) else {
            return;
        };
        let bytes = |count| DecimalBytes(count).to_string();
        self.status.row(&self.row(
            &format!("[{number}/{}]", self.entries),
            &id.label(),
            [
                measure,
                time(cost.training_seconds),
                time(cost.evaluation_seconds),
                cost.peak_memory_bytes.map_or("-".to_owned(), bytes),
                bytes(cost.model_bytes),
            ],
        ));
    }

    fn row(&self, number: &str, entry: &str, cells: [String; 5]) -> String {
        let before = format!("[{0}/{0}]", self.entries).len();
        let [result, training, evaluation, memory, disk] = cells;
        format!(
            "{number:>before$} {entry:<width$}  {result:<32} {training:>9} {evaluation:>10} {memory:>10} {disk:>10}",
            width = self.width
        )
    }
}

/// The expected duration of a run as text, and in seconds if it can be estimated.
fn expectation(
    folder: &Path,
    run: &RunRecord,
    to_do: &[(&EntryId, &'static dyn Entry)],
    jobs: usize,
) -> (String, Option<f64>) {
    if let Budget::Time(each) = run.budget {
        let of_entry = |(_, entry): &(_, &'static dyn Entry)| match entry.fills_time_budget() {
            true => (*entry, each.as_secs_f64()),
            false => (*entry, 0.0),
        };
        let training = time(in_all(to_do.iter().map(of_entry), jobs));
        let words = format!(": {training} of training, plus evaluation");
        return (words, None);
    }
    if let Some(seconds) = earlier(folder, run, to_do, jobs) {
        let words = format!(": about {}, as in the last run", time(seconds));
        return (words, Some(seconds));
    }
    let Some(seconds) = estimate(run, to_do, jobs) else {
        return (String::new(), None);
    };
    let minutes = (seconds / 60.0).round().max(1.0);
    let words = match minutes > 1.0 {
        true => format!(": about {minutes:.0} minutes"),
        false => ": about a minute".to_owned(),
    };
    (words, Some(60.0 * minutes))
}

/// An estimate of the seconds of a run without a budget.
fn estimate(run: &RunRecord, to_do: &[(&EntryId, &'static dyn Entry)], jobs: usize) -> Option<f64> {
    let tokens = *run.corpus.tokens.get(Split::Train.name())?;
    let each = |(_, entry): &(&EntryId, &'static dyn Entry)| {
        (
            *entry,
            estimate_seconds(*entry, tokens, run.corpus.vocabulary),
        )
    };
    (run.budget == Budget::EraDefault).then(|| in_all(to_do.iter().map(each), jobs))
}

/// Seconds of a run whose entries take these: networks are trained side by side, the others before them, one after the other.
fn in_all(entries: impl Iterator<Item = (&'static dyn Entry, f64)>, jobs: usize) -> f64 {
    let (networks, others): (Vec<_>, Vec<_>) = entries.partition(|(entry, _)| is_network(*entry));
    let alone: f64 = others.into_iter().map(|(_, seconds)| seconds).sum();
    alone + makespan(networks.into_iter().map(|(_, seconds)| seconds), jobs)
}

/// Seconds until the last of these pieces of work is done if `jobs` are done at once, the longest first.
fn makespan(seconds: impl Iterator<Item = f64>, jobs: usize) -> f64 {
    let mut seconds: Vec<f64> = seconds.collect();
    seconds.sort_by(|a, b| b.total_cmp(a));
    let mut busy = vec![0.0_f64; jobs.max(1)];
    for each in seconds {
        let free = busy.iter_mut().min_by(|a, b| a.total_cmp(b));
        *free.expect("there is at least one job") += each;
    }
    busy.into_iter().fold(0.0, f64::max)
}

fn time(seconds: f64) -> String {
    match seconds {
        short if short < 59.95 => format!("{short:.1} s"),
        long => humantime::format_duration(Duration::from_secs(long.round() as u64)).to_string(),
    }
}

/// Seconds that these entries took in the last run beside `folder` with the same corpus and budget.
fn earlier(
    folder: &Path,
    run: &RunRecord,
    to_do: &[(&EntryId, &'static dyn Entry)],
    jobs: usize,
) -> Option<f64> {
    let beside = fs::read_dir(folder.parent()?).ok()?;
    let mut runs: Vec<_> = beside
        .filter_map(|entry| {
            let other = entry.ok()?.path();
            Some((read_run_record(&other).ok()?, other))
        })
        .filter(|(record, _)| {
            record.corpus.content_checksum == run.corpus.content_checksum
                && record.budget == run.budget
                && record.machine == run.machine
                && record.device == run.device
        })
        .collect();
    runs.sort_by(|a, b| b.0.started.cmp(&a.0.started));
    runs.iter().find_map(|(_, other)| {
        let seconds = to_do.iter().map(|&(id, entry)| {
            let (_, cost) = outcome(id, &EntryFolder::open(&id.folder(other)))?;
            Some((entry, cost.training_seconds + cost.evaluation_seconds))
        });
        let seconds: Option<Vec<_>> = seconds.collect();
        Some(in_all(seconds?.into_iter(), jobs))
    })
}

/// The headline figure of an entry, and its cost.
fn outcome(id: &EntryId, folder: &EntryFolder) -> Option<(String, Cost)> {
    evaluator(id.track).headline(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_shared_among_jobs_the_longest_first() {
        let seconds = || [1.0, 5.0, 3.0, 3.0].into_iter();
        assert_eq!(makespan(seconds(), 1), 12.0);
        assert_eq!(makespan(seconds(), 2), 6.0);
        assert_eq!(makespan(seconds(), 8), 5.0);
        assert_eq!(makespan(std::iter::empty(), 2), 0.0);
    }
}
