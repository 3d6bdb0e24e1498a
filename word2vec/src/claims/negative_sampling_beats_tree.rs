//! Claim: negative sampling is better than hierarchical softmax.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, TrainingCache};
use super::output_layers::{Cell, Table};
use super::summary_statistics::differences;

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
        let all = ExperimentData::all(context, &self.0)?;
        Ok(finding(self.claim(), &Table::new(&all, progress)?))
    }
}

/// The finding from the accuracies of all output layers.
pub(super) fn finding(claim: Claim, table: &Table) -> Finding {
    let leads = differences(
        &table.accuracies(Cell::NegativeSampling),
        &table.accuracies(Cell::HierarchicalSoftmax),
    );
    let lead = Criterion::above("lead of negative sampling, percentage points", leads, 0.0);
    let sentence = format!(
        "Without subsampling, negative sampling is {lead} percentage points better than hierarchical softmax (negative: worse). {}",
        table.describe(),
    );
    Finding::new(claim, sentence, vec![lead])
}
