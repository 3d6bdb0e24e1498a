//! Language models that were trained too little, and later eras that are behind counting.

use harness::{CurveEnd, EntryRecord, Track, suggested_budget};

use crate::data::{Entry, RunData};
use crate::human;
use crate::page::amount;
use crate::table::Cell;

/// What the answer says about short training, a sentence per element.
pub(crate) fn sentences(data: &RunData) -> Vec<String> {
    let behind = data
        .of_track(Track::LanguageModelling)
        .filter_map(|entry| behind(data, entry));
    undertrained(data).into_iter().chain(behind).collect()
}

/// How the learning curve of an entry ended, as a cell of a table.
pub(crate) fn cell(data: &RunData, record: &EntryRecord) -> Cell {
    let entry = data.entries.iter().find(|entry| entry.id == record.entry);
    let percent = human::percent;
    let text = match entry.and_then(|entry| end(data, entry)) {
        None => return Cell::Empty,
        Some(CurveEnd::Begun { steps }) => format!("undertrained: {steps} steps"),
        Some(CurveEnd::Falling { per_doubling, .. }) => {
            format!(
                "undertrained: falling by {} per doubling",
                percent(per_doubling)
            )
        }
        Some(CurveEnd::Level { per_doubling }) if per_doubling > 0.0 => {
            format!("falling by {} per doubling", percent(per_doubling))
        }
        Some(CurveEnd::Level { .. }) => "level".to_owned(),
        Some(CurveEnd::Risen { above_lowest }) => {
            format!("risen again by {}", percent(above_lowest))
        }
    };
    Cell::Text(text)
}

/// Whether the learning curve of any language model says how it ended.
pub(crate) fn is_known(data: &RunData) -> bool {
    let mut entries = data.of_track(Track::LanguageModelling);
    entries.any(|entry| entry.record.is_some() && end(data, entry).is_some())
}

fn end(data: &RunData, entry: &Entry) -> Option<CurveEnd> {
    CurveEnd::within(data.record.budget, &entry.curve)
}

/// The entries whose budget ended too early, and a budget that suits the text.
fn undertrained(data: &RunData) -> Vec<String> {
    let found = data
        .of_track(Track::LanguageModelling)
        .filter_map(|entry| Some((entry.record.as_ref()?, end(data, entry)?)));
    let found: Vec<(&EntryRecord, CurveEnd)> =
        found.filter(|(_, end)| end.is_undertrained()).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let clauses = found
        .iter()
        .map(|(record, end)| format!("{} ({})", record.entry.label(), end.clause()));
    let named = format!(
        "Undertrained when their budget ended, so that more time would change this comparison: {}.",
        clauses.collect::<Vec<_>>().join("; ")
    );
    let ends = found
        .iter()
        .map(|(record, end)| (*end, record.cost.training_tokens));
    let suggested = suggested_budget(data.record.budget, ends).map(|budget| {
        format!(
            "If the curves go on as they did, a budget of {} for each entry would suit this text.",
            amount(budget)
        )
    });
    std::iter::once(named).chain(suggested).collect()
}

/// Which older entries that only count are better than an entry of a later era, and why; none if there are none.
fn behind(data: &RunData, entry: &Entry) -> Option<String> {
    let record = entry.record.as_ref()?;
    let own = record.evaluation.compared()?;
    let era = &entry.id.era;
    if counts(entry) || data.eras.is_oracle(era) || data.eras.is_baseline(era) {
        return None;
    }
    let older = data
        .of_track(Track::LanguageModelling)
        .filter(|other| counts(other) && other.id.year < entry.id.year)
        .filter(|other| !data.eras.is_oracle(&other.id.era));
    let mut better: Vec<(&Entry, f64)> = older
        .filter_map(|other| Some((other, other.record.as_ref()?.evaluation.compared()?)))
        .filter(|(_, figure)| *figure < own)
        .collect();
    better.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (best, _) = better.first()?;
    let mut rest = better.iter().skip(1);
    let baseline = rest.find(|(other, _)| data.eras.is_baseline(&other.id.era));
    let baseline = baseline.map_or(String::new(), |(other, _)| {
        format!(" and even behind {}", other.id.label())
    });
    Some(format!(
        "{} is behind {}, which only counts,{baseline} because {}.",
        dated(entry),
        dated(best),
        reason(data, entry)
    ))
}

/// Whether an entry is trained in one step: it counts, or has nothing to train.
fn counts(entry: &Entry) -> bool {
    entry.curve.last().is_none_or(|last| last.step <= 1)
}

fn dated(entry: &Entry) -> String {
    match entry.id.year {
        Some(year) => format!("{} ({year})", entry.id.label()),
        None => entry.id.label(),
    }
}

/// Why an entry is not better, as far as its learning curve shows it.
fn reason(data: &RunData, entry: &Entry) -> String {
    let clause = match (end(data, entry), CurveEnd::of(&entry.curve)) {
        (Some(end), _) if end.is_undertrained() => {
            format!("its budget was short: {}", end.clause())
        }
        (Some(end), _) => format!(
            "this text gives it no more, whatever the time: {}",
            end.clause()
        ),
        (None, Some(_)) => "its training ended by itself before its budget did".to_owned(),
        (None, None) => "of a reason that its learning curve is too short to show".to_owned(),
    };
    let tokens = entry.curve.last().map_or(0, |last| last.tokens);
    match data.record.corpus.tokens.get("train") {
        Some(&train) if train > 0 => format!(
            "{clause} ({:.1} passes over {} tokens)",
            tokens as f64 / train as f64,
            human::thousands(train)
        ),
        _ => clause,
    }
}
