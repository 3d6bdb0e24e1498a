//! Language models that were trained too little, and later eras that are behind counting: sentences for program and page.

use super::thousands;
use crate::curve_end::{CurveEnd, suggested_budget};
use crate::entry::EraRole;
use crate::records::{EntryRecord, RunRecord};
use crate::training::CurvePoint;

/// A finished language model of a run, and its learning curve.
#[derive(Debug, Clone, Copy)]
pub struct Learned<'a> {
    /// Its result.
    pub record: &'a EntryRecord,
    /// Its learning curve.
    pub curve: &'a [CurvePoint],
}

/// The entries whose budget ended too early, a budget that suits the text, and why later entries are behind counting; a sentence
/// each.
pub fn training_notes(run: &RunRecord, models: &[Learned<'_>]) -> Vec<String> {
    let mut sentences = undertrained(run, models);
    sentences.extend(models.iter().filter_map(|model| behind(run, model, models)));
    sentences
}

impl Learned<'_> {
    fn label(&self) -> String {
        self.record.entry.label()
    }

    fn dated(&self) -> String {
        match self.record.entry.year {
            Some(year) => format!("{} ({year})", self.label()),
            None => self.label(),
        }
    }

    /// Whether it is trained in one step: it counts, or has nothing to train.
    fn counts(&self) -> bool {
        self.curve.last().is_none_or(|last| last.step <= 1)
    }

    fn role(&self, run: &RunRecord) -> EraRole {
        let mut eras = run.eras.iter();
        let own = eras.find(|era| era.name == self.record.entry.era);
        own.map_or(EraRole::Era, |era| era.role)
    }
}

fn undertrained(run: &RunRecord, models: &[Learned<'_>]) -> Vec<String> {
    let (mut clauses, mut ends) = (Vec::new(), Vec::new());
    for model in models {
        let end = CurveEnd::within(run.budget, model.curve);
        if let Some(end) = end.filter(|end| end.is_undertrained()) {
            clauses.push(format!("{} ({})", model.label(), end.clause()));
            ends.push((end, model.record.cost.training_tokens));
        }
    }
    if clauses.is_empty() {
        return Vec::new();
    }
    let named = format!(
        "Undertrained when their budget ended, so that more time would change the comparison: {}.",
        clauses.join("; ")
    );
    let suggested = suggested_budget(run.budget, ends.into_iter()).map(|budget| {
        format!(
            "As far as their curves show it, a budget of {budget} for each entry would suit this text."
        )
    });
    std::iter::once(named).chain(suggested).collect()
}

/// Which older models that only count are better than a model of a later era, and why; none if there are none.
fn behind(run: &RunRecord, model: &Learned<'_>, models: &[Learned<'_>]) -> Option<String> {
    let own = model.record.evaluation.compared()?;
    if model.counts() || model.role(run) != EraRole::Era {
        return None;
    }
    let mut better: Vec<(&Learned<'_>, f64)> = models
        .iter()
        .filter(|other| other.counts() && other.role(run) != EraRole::Oracle)
        .filter(|other| other.record.entry.year < model.record.entry.year)
        .filter_map(|other| Some((other, other.record.evaluation.compared()?)))
        .filter(|&(_, figure)| figure < own)
        .collect();
    better.sort_by(|a, b| a.1.total_cmp(&b.1));
    let ((best, _), rest) = better.split_first()?;
    let baseline = rest
        .iter()
        .find(|(other, _)| other.role(run) == EraRole::Baseline);
    let baseline = baseline.map_or(String::new(), |(other, _)| {
        format!(" and even behind {},", other.label())
    });
    Some(format!(
        "{} is behind {}, which only counts,{baseline} because {}.",
        model.dated(),
        best.dated(),
        reason(run, model)
    ))
}

/// Why a model is not better, as far as its learning curve shows it.
fn reason(run: &RunRecord, model: &Learned<'_>) -> String {
    let ends = (
        CurveEnd::within(run.budget, model.curve),
        CurveEnd::of(model.curve),
    );
    let clause = match ends {
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
    let tokens = model.curve.last().map_or(0, |last| last.tokens);
    match run.corpus.tokens.get("train") {
        Some(&train) if train > 0 => format!(
            "{clause} ({:.1} passes over {} tokens)",
            tokens as f64 / train as f64,
            thousands(train)
        ),
        _ => clause,
    }
}
