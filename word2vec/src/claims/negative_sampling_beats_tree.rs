//! Claim: negative sampling is better than hierarchical softmax.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{ExperimentData, TrainingCache};
use super::output_layers::{Cell, Table};
use super::{claim, finding};

/// Compares both without subsampling.
pub(super) struct NegativeSamplingBeatsTree(pub(super) TrainingCache);

impl Experiment for NegativeSamplingBeatsTree {
    fn claim(&self) -> Claim {
        claim(
            "negative-sampling-beats-hierarchical",
            "Negative sampling answers more analogies than hierarchical softmax.",
            "59 % (semantic 54, syntactic 63) with five negative samples and 47 % (40, 53) with hierarchical softmax, on 1 G words \
             of news in 300 dimensions without subsampling.",
            "2013b, table 1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context, &self.0)?;
        let table = Table::new(&data, context.seeds, progress)?;
        let negative = table.accuracies(Cell::NegativeSampling);
        let hierarchical = table.accuracies(Cell::HierarchicalSoftmax);
        let leads: Vec<f64> = negative
            .iter()
            .zip(&hierarchical)
            .map(|(a, b)| a - b)
            .collect();
        let decision = decide(&leads, 0.0);
        let measured = format!(
            "Without subsampling, negative sampling is {:.2} ± {:.2} percentage points better than hierarchical softmax (negative: \
             worse) on {} tokens. {}",
            decision.mean,
            decision.margin,
            data.length(0),
            table.describe(),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}
