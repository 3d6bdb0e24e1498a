//! What is told while a run is under way: how long it will take, and what came of each entry.

use std::fs;
use std::path::Path;
use std::time::Duration;

use corpus::Split;
use harness::{
    Budget, ConversationEvaluation, Cost, EntryFolder, EntryId, Evaluation, RunRecord, Track,
    TranslationEvaluation, WordAnswers, WordsEvaluation, read_run_record,
};
use indicatif::DecimalBytes;

use crate::eras::Entry;
use crate::output::complain;
use crate::progress::Foot;

/// What is seen of a run: how long it may take, a row for each entry that is finished, the one at work below them.
pub(super) struct Live {
    pub(super) foot: Foot,
    entries: usize,
    width: usize,
    expected: Option<f64>,
}

impl Live {
    /// Tells how long the run will take, as far as it can be known: its budget in time, what an earlier run took that lies
    /// beside it, or a guess.
    pub(super) fn announce(folder: &Path, run: &RunRecord, to_do: &[(&EntryId, Entry)]) -> Live {
        let count = match to_do.len() {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        let (told, expected) = expectation(folder, run, to_do);
        let parts = match run.scaling {
            0 | 1 => "",
            _ => "; the parts of the text take about as long again",
        };
        complain(&format!("{count} on {}{told}{parts}", run.corpus.name));
        let widths = to_do.iter().map(|(id, _)| id.label().chars().count());
        let live = Live {
            foot: Foot::new(),
            entries: to_do.len(),
            width: widths.max().unwrap_or(0),
            expected,
        };
        if !to_do.is_empty() {
            live.foot.row(&live.row(
                "",
                "entry",
                ["result", "training", "judging", "memory", "on disk"].map(str::to_owned),
            ));
        }
        live
    }

    /// An entry begins: which one it is, and how long all may take.
    pub(super) fn begin(&self, number: usize) {
        let expected = self.expected.map_or(String::new(), |seconds| {
            format!(" of about {}", time(seconds))
        });
        let whole = format!("{expected}, entry {number} of {}", self.entries);
        self.foot.tell(whole);
    }

    /// The row of a finished entry.
    pub(super) fn finished(&self, number: usize, id: &EntryId, folder: &EntryFolder) {
        let Some((measure, cost)) = outcome(id, folder) else {
            return;
        };
        let bytes = |count| DecimalBytes(count).to_string();
        self.foot.row(&self.row(
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
        let [result, training, judging, memory, disk] = cells;
        format!(
            "{number:>before$} {entry:<width$}  {result:<26} {training:>9} {judging:>9} {memory:>10} {disk:>10}",
            width = self.width
        )
    }
}

/// What is told of the time that a run may take, and its seconds where they can be known.
fn expectation(
    folder: &Path,
    run: &RunRecord,
    to_do: &[(&EntryId, Entry)],
) -> (String, Option<f64>) {
    if let Budget::Time(each) = run.budget {
        let slow = to_do.iter().filter(|(_, entry)| entry.spends_time());
        let training = time(each.as_secs_f64() * slow.count() as f64);
        let told = format!(": {training} of training, and what it takes to judge them");
        return (told, None);
    }
    if let Some(seconds) = earlier(folder, run, to_do) {
        let told = format!(": {}, if it takes as long as the last time", time(seconds));
        return (told, Some(seconds));
    }
    let Some(seconds) = guess(run, to_do) else {
        return (String::new(), None);
    };
    let minutes = (seconds / 60.0).round().max(1.0);
    let told = match minutes > 1.0 {
        true => format!(": perhaps {minutes:.0} minutes on two cores"),
        false => ": perhaps a minute".to_owned(),
    };
    (told, Some(60.0 * minutes))
}

/// Seconds that a first run may take; nothing where a budget says how much text is read.
fn guess(run: &RunRecord, to_do: &[(&EntryId, Entry)]) -> Option<f64> {
    let tokens = *run.corpus.tokens.get(Split::Train.name())?;
    let each = |(_, entry): &(&EntryId, Entry)| entry.guess(tokens, run.corpus.vocabulary);
    (run.budget == Budget::EraDefault).then(|| to_do.iter().map(each).sum())
}

fn time(seconds: f64) -> String {
    match seconds {
        short if short < 59.95 => format!("{short:.1} s"),
        long => humantime::format_duration(Duration::from_secs(long.round() as u64)).to_string(),
    }
}

/// Seconds that these entries took in the last run beside `folder` with the same corpus and budget.
fn earlier(folder: &Path, run: &RunRecord, to_do: &[(&EntryId, Entry)]) -> Option<f64> {
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

/// The measure of its track, and what an entry took.
fn outcome(id: &EntryId, folder: &EntryFolder) -> Option<(String, Cost)> {
    let perplexity = |found: Option<f64>| {
        found.map_or("no perplexity".to_owned(), |found| {
            format!("perplexity {found:.2}")
        })
    };
    Some(match id.track {
        Track::LanguageModelling => {
            let record = folder.read_record::<Evaluation>().ok()?;
            (perplexity(record.evaluation.perplexity), record.cost)
        }
        Track::Translation => {
            let record = folder.read_record::<TranslationEvaluation>().ok()?;
            (format!("BLEU {:.1}", record.evaluation.bleu), record.cost)
        }
        Track::Conversation => {
            let record = folder.read_record::<ConversationEvaluation>().ok()?;
            (
                format!("replies, {}", perplexity(record.evaluation.perplexity)),
                record.cost,
            )
        }
        Track::Words => {
            let record = folder.read_record::<WordsEvaluation>().ok()?;
            let found = record.evaluation.tests.first()?;
            let measure = match &found.answers {
                WordAnswers::Analogies(found) => {
                    let share = found.total.accuracy().unwrap_or(0.0);
                    format!("analogies {:.1} %", 100.0 * share)
                }
                WordAnswers::Similarity(found) => {
                    format!("similarity {:.3}", found.rho.unwrap_or(0.0))
                }
            };
            (measure, record.cost)
        }
    })
}
