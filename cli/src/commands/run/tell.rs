//! What is told while a run is under way: how long it will take, and what came of each entry.

use std::fs;
use std::path::Path;
use std::time::Duration;

use corpus::Split;
use harness::{
    Budget, ConversationEvaluation, Cost, EntryFolder, EntryId, Evaluation, RunRecord, Track,
    TranslationEvaluation, WordAnswers, WordsEvaluation, read_run_record,
};

use crate::eras::Entry;
use crate::output::complain;

/// Tells how long the run will take, as far as it can be known: its budget in time, or what an earlier run took that lies
/// beside it.
pub(super) fn announce(folder: &Path, run: &RunRecord, to_do: &[(&EntryId, Entry)]) {
    let count = match to_do.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let expected = match run.budget {
        Budget::Time(each) => {
            let slow = to_do.iter().filter(|(_, entry)| entry.spends_time());
            format!(
                ": {} of training, and what it takes to judge them",
                time(each.as_secs_f64() * slow.count() as f64)
            )
        }
        _ => match earlier(folder, run, to_do) {
            Some(seconds) => format!(": {}, if it takes as long as the last time", time(seconds)),
            None => guess(run, to_do),
        },
    };
    let parts = match run.scaling {
        0 | 1 => "",
        _ => "; the parts of the text take about as long again",
    };
    complain(&format!("{count} on {}{expected}{parts}", run.corpus.name));
}

/// What a first run may take; nothing where a budget says how much text is read.
fn guess(run: &RunRecord, to_do: &[(&EntryId, Entry)]) -> String {
    let tokens = run.corpus.tokens.get(Split::Train.name());
    let (Budget::EraDefault, Some(&tokens)) = (run.budget, tokens) else {
        return String::new();
    };
    let each = to_do
        .iter()
        .map(|(_, entry)| entry.guess(tokens, run.corpus.vocabulary));
    let minutes = each.sum::<f64>() / 60.0;
    match minutes < 1.0 {
        true => ": perhaps a minute".to_owned(),
        false => format!(": perhaps {minutes:.0} minutes on two cores"),
    }
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

/// Tells what came of a finished entry.
pub(super) fn finished(id: &EntryId, folder: &EntryFolder, (number, of): (usize, usize)) {
    if let Some((measure, cost)) = outcome(id, folder) {
        complain(&format!(
            "[{number}/{of}] {:<32} {measure}, trained in {}",
            id.label(),
            time(cost.training_seconds)
        ));
    }
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
