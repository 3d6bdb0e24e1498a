//! A larger window gives better vectors, and takes longer.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, Notebook, Outcome, accuracies, mean_of, settings};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// Three windows. The verdict is made from all questions together; that a large window suits semantic ones and a small one
/// grammar is what later work says, and told beside it.
pub(super) struct Window(pub(super) Notebook);

const WINDOWS: [usize; 3] = [2, 5, 10];

impl Experiment for Window {
    fn claim(&self) -> Claim {
        claim(
            "window",
            "A larger window makes more examples of the same text, and so can lead to better vectors, at the expense of \
             time.",
            "Stated without numbers. Windows of 10 (2013a) and 5 (2013b, table 1) are used.",
            "2013b, section 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let (mut by_window, mut leads) = (vec![Vec::new(); WINDOWS.len()], Vec::new());
        for &seed in context.seeds {
            let mut own = Vec::new();
            for (outcomes, window) in by_window.iter_mut().zip(WINDOWS) {
                let config = Config {
                    window,
                    ..settings(Architecture::SkipGram)
                };
                // Afresh, side by side, for the times.
                let (outcome, _) = bench.examine(&config, seed, progress)?;
                own.push(outcome.total);
                outcomes.push(outcome);
            }
            leads.push(own[WINDOWS.len() - 1] - own[0]);
        }
        let decision = decide(&leads, 0.0);
        let described = |(window, outcomes): (usize, &Vec<Outcome>)| {
            let seconds = mean_of(outcomes, |outcome| outcome.seconds);
            format!("{window}: {} in {seconds:.1} s", accuracies(outcomes))
        };
        let rows: Vec<String> = WINDOWS.into_iter().zip(&by_window).map(described).collect();
        let measured = format!(
            "A window of {} is {:.2} ± {:.2} percentage points ahead of one of {} (below 0: behind). By window {}. \
             (Skip-gram, {} tokens.)",
            WINDOWS[WINDOWS.len() - 1],
            decision.mean,
            decision.margin,
            WINDOWS[0],
            rows.join("; "),
            bench.length(0),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}
