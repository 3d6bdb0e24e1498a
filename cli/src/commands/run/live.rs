//! The live display of a run: its expected duration, and the result of each entry.

use std::fs;
use std::path::Path;
use std::time::Duration;

use corpus::Split;
use harness::{
    Budget, Cost, Entry, EntryFolder, EntryId, RunRecord, estimate_seconds, evaluator,
    read_run_record,
};
use indicatif::DecimalBytes;

use crate::output::complain;
use crate::progress::StatusLines;

/// The display of a run: its expected duration, a row for each finished entry, and a bar for the current one.
pub(super) struct Live {
    pub(super) status: StatusLines,
    entries: usize,
    width: usize,
    expected: Option<f64>,
}

impl Live {
    /// Announces how long the run will take: from its time budget, from an earlier run beside it, or from an estimate.
    pub(super) fn announce(
        folder: &Path,
        run: &RunRecord,
        to_do: &[(&EntryId, &'static dyn Entry)],
    ) -> Live {
        let count = match to_do.len() {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        let (words, expected) = expectation(folder, run, to_do);
        let parts = match run.scaling {
            0 | 1 => "",
            _ => "; training on the smaller parts of the text takes about as long again",
        };
        complain(&format!("{count} on {}{words}{parts}", run.corpus.name));
        let widths = to_do.iter().map(|(id, _)| id.label().chars().count());
        let live = Live {
            status: StatusLines::new(),
            entries: to_do.len(),
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
        live
    }

    /// Shows that an entry begins.
    pub(super) fn begin(&self, number: usize) {
        let expected = self.expected.map_or(String::new(), |seconds| {
            format!(" of about {}", time(seconds))
        });
        let whole = format!("{expected}, entry {number} of {}", self.entries);
        self.status.describe(whole);
    }

    /// The row of a finished entry.
    pub(super) fn finished(&self, number: usize, id: &EntryId, folder: &EntryFolder) {
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
) -> (String, Option<f64>) {
    if let Budget::Time(each) = run.budget {
        let slow = to_do.iter().filter(|(_, entry)| entry.fills_time_budget());
        let training = time(each.as_secs_f64() * slow.count() as f64);
        let words = format!(": {training} of training, plus evaluation");
        return (words, None);
    }
    if let Some(seconds) = earlier(folder, run, to_do) {
        let words = format!(": about {}, as in the last run", time(seconds));
        return (words, Some(seconds));
    }
    let Some(seconds) = estimate(run, to_do) else {
        return (String::new(), None);
    };
    let minutes = (seconds / 60.0).round().max(1.0);
    let words = match minutes > 1.0 {
        true => format!(": about {minutes:.0} minutes on two cores"),
        false => ": about a minute".to_owned(),
    };
    (words, Some(60.0 * minutes))
}

/// An estimate of the seconds of a run without a budget.
fn estimate(run: &RunRecord, to_do: &[(&EntryId, &'static dyn Entry)]) -> Option<f64> {
    let tokens = *run.corpus.tokens.get(Split::Train.name())?;
    let each = |(_, entry): &(&EntryId, &'static dyn Entry)| {
        estimate_seconds(*entry, tokens, run.corpus.vocabulary)
    };
    (run.budget == Budget::EraDefault).then(|| to_do.iter().map(each).sum())
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
        let seconds = to_do.iter().map(|(id, _)| {
            let (_, cost) = outcome(id, &EntryFolder::open(&id.folder(other)))?;
            Some(cost.training_seconds + cost.evaluation_seconds)
        });
        seconds.sum()
    })
}

/// The headline figure of an entry, and its cost.
fn outcome(id: &EntryId, folder: &EntryFolder) -> Option<(String, Cost)> {
    evaluator(id.track).headline(folder)
}
