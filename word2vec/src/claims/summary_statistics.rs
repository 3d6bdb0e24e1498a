//! Statistics of outcomes, for findings.

use super::experiment_data::Outcome;

/// The arithmetic mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean over repetitions of a value of the outcomes.
pub(super) fn mean_of(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    mean(&outcomes.iter().map(of).collect::<Vec<f64>>())
}

/// Numbers separated by commas, for a sentence.
pub(super) fn comma_separated(values: &[f64], decimals: usize) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| format!("{value:.decimals$}"))
        .collect();
    texts.join(", ")
}

/// The difference of each value and the corresponding one.
pub(super) fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// A value of each outcome.
pub(super) fn column(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> Vec<f64> {
    outcomes.iter().map(of).collect()
}

/// The mean accuracies over repetitions, for a sentence.
pub(super) fn accuracies(outcomes: &[Outcome]) -> String {
    let group = |name: &str, of: fn(&Outcome) -> Option<f64>| {
        let values: Option<Vec<f64>> = outcomes.iter().map(of).collect();
        values.map(|values| format!("{name} {:.2}", mean(&values)))
    };
    let groups = [
        group("semantic", |outcome| outcome.semantic),
        group("syntactic", |outcome| outcome.syntactic),
    ];
    let groups: Vec<String> = groups.into_iter().flatten().collect();
    format!(
        "{:.2} % ({})",
        mean_of(outcomes, |outcome| outcome.total),
        groups.join(", ")
    )
}
