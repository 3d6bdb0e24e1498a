//! Claim: skip-gram is better at semantic analogies.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result};

use super::architecture_comparison::{QuestionGroup, finding, measure};
use super::claim;
use super::experiment_data::TrainingCache;
use crate::config::Architecture;

/// Compares both architectures on the same text and the semantic questions.
pub(super) struct SkipGramSemantic(pub(super) TrainingCache);

/// The questions.
pub(super) const GROUP: QuestionGroup = QuestionGroup {
    name: "semantic",
    of: |outcome| outcome.semantic,
    better: Architecture::SkipGram,
};

impl Experiment for SkipGramSemantic {
    fn claim(&self) -> Claim {
        claim(
            "skip-gram-semantic",
            "Skip-gram answers more semantic questions than CBOW.",
            "55 % against 24 % in 640 dimensions, 50.0 % against 15.5 % in 300, 66.1 % against 57.3 % in 1000.",
            "2013a, tables 3, 4 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let measured = measure(&self.0, context, progress)?;
        Ok(finding(self.claim(), &GROUP, &measured))
    }
}
