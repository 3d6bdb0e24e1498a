//! Claim: a larger window gives better vectors and takes longer.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, Outcome, TrainingCache};
use super::summary_statistics::{accuracies, column, differences, mean_of};
use crate::config::{Architecture, Config};

/// Compares three windows. The claim requires that the largest is better than the smallest at all questions together, and slower.
/// Semantic and syntactic accuracies are reported too, because later work found that large windows suit semantic questions and
/// small windows syntactic ones.
pub(super) struct Window(pub(super) TrainingCache);

const WINDOWS: [usize; 3] = [2, 5, 10];

/// The outcomes with each window, by repetition.
pub(super) type Outcomes = [Vec<Outcome>; WINDOWS.len()];

impl Experiment for Window {
    fn claim(&self) -> Claim {
        claim(
            "window",
            "A larger window gives better vectors, at the expense of training time: a window of 10 instead of 2.",
            "Stated without numbers. The papers use windows of 10 (2013a) and 5 (2013b, table 1).",
            "2013b, section 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Outcomes::default();
        for data in ExperimentData::all(context, &self.0)? {
            for (outcomes, window) in measured.iter_mut().zip(WINDOWS) {
                let config = Config {
                    window,
                    ..data.settings(Architecture::SkipGram)
                };
                // Trained again rather than taken from the cache, so that training times are comparable.
                outcomes.push(data.train_and_evaluate(&config, progress)?.0);
            }
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the outcomes with each window.
pub(super) fn finding(claim: Claim, measured: &Outcomes) -> Finding {
    let values = |of: fn(&Outcome) -> f64| {
        let column = |at: usize| column(&measured[at], of);
        differences(&column(WINDOWS.len() - 1), &column(0))
    };
    let leads = values(|outcome| outcome.total);
    let lead = Criterion::above("lead of the largest window, percentage points", leads, 0.0);
    let seconds = values(|outcome| outcome.seconds);
    let slower = Criterion::above(
        "additional time of the largest window, seconds",
        seconds,
        0.0,
    );
    let describe = |(window, outcomes): (usize, &Vec<Outcome>)| {
        let seconds = mean_of(outcomes, |outcome| outcome.seconds);
        format!("{window}: {} in {seconds:.1} s", accuracies(outcomes))
    };
    let rows: Vec<String> = WINDOWS.into_iter().zip(measured).map(describe).collect();
    let sentence = format!(
        "A window of {} is {lead} percentage points better than one of {} (negative: worse). By window: {}. (Skip-gram.)",
        WINDOWS[WINDOWS.len() - 1],
        WINDOWS[0],
        rows.join("; "),
    );
    Finding::new(claim, sentence, vec![lead, slower])
}
