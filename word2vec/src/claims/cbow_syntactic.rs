//! Claim: CBOW is better at syntactic analogies.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result};

use super::architecture_comparison::{QuestionGroup, finding, measure};
use super::claim;
use super::experiment_data::TrainingCache;
use crate::config::Architecture;

/// Compares both architectures on the same text and the syntactic questions.
pub(super) struct CbowSyntactic(pub(super) TrainingCache);

/// The questions.
pub(super) const GROUP: QuestionGroup = QuestionGroup {
    name: "syntactic",
    of: |outcome| outcome.syntactic,
    better: Architecture::Cbow,
};

impl Experiment for CbowSyntactic {
    fn claim(&self) -> Claim {
        claim(
            "cbow-syntactic",
            "CBOW answers more syntactic questions than skip-gram.",
            "64 % against 59 % in 640 dimensions and 68.9 % against 65.1 % in 1000, but 53.1 % against 55.9 % in 300.",
            "2013a, tables 3, 4 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let measured = measure(&self.0, context, progress)?;
        Ok(finding(self.claim(), &GROUP, &measured))
    }
}
