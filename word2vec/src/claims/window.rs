//! Claim: a larger window gives better vectors and takes longer.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{
    ExperimentData, Outcome, TrainingCache, accuracies, mean_of, settings,
};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// Compares three windows. The verdict uses all questions together. Semantic and syntactic accuracies are reported too, because
/// later work found that large windows suit semantic questions and small windows syntactic ones.
pub(super) struct Window(pub(super) TrainingCache);

const WINDOWS: [usize; 3] = [2, 5, 10];

impl Experiment for Window {
    fn claim(&self) -> Claim {
        claim(
            "window",
            "A larger window gives more training examples and can thus lead to better vectors, at the expense of training \
             time.",
            "Stated without numbers. The papers use windows of 10 (2013a) and 5 (2013b, table 1).",
            "2013b, section 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context, &self.0)?;
        let (mut by_window, mut leads) = (vec![Vec::new(); WINDOWS.len()], Vec::new());
        for &seed in context.seeds {
            let mut own = Vec::new();
            for (outcomes, window) in by_window.iter_mut().zip(WINDOWS) {
                let config = Config {
                    window,
                    ..settings(Architecture::SkipGram)
                };
                // Trained again rather than taken from the cache, so that training times are comparable.
                let (outcome, _) = data.train_and_evaluate(&config, seed, progress)?;
                own.push(outcome.total);
                outcomes.push(outcome);
            }
            leads.push(own[WINDOWS.len() - 1] - own[0]);
        }
        let decision = decide(&leads, 0.0);
        let describe = |(window, outcomes): (usize, &Vec<Outcome>)| {
            let seconds = mean_of(outcomes, |outcome| outcome.seconds);
            format!("{window}: {} in {seconds:.1} s", accuracies(outcomes))
        };
        let rows: Vec<String> = WINDOWS.into_iter().zip(&by_window).map(describe).collect();
        let measured = format!(
            "A window of {} is {:.2} ± {:.2} percentage points better than one of {} (negative: worse). By window: {}. \
             (Skip-gram, {} tokens.)",
            WINDOWS[WINDOWS.len() - 1],
            decision.mean,
            decision.margin,
            WINDOWS[0],
            rows.join("; "),
            data.length(0),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}
