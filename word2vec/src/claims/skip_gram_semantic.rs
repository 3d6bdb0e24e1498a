//! Skip-gram knows more of the world.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result};

use super::bench::Notebook;
use super::claim;
use super::halves::{Half, compare};
use crate::config::Architecture;

/// Both architectures on the same text, in the questions that are not of grammar.
pub(super) struct SkipGramSemantic(pub(super) Notebook);

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
        let half = Half {
            name: "semantic",
            of: |outcome| outcome.semantic,
            better: Architecture::SkipGram,
        };
        compare(&half, self.claim(), &self.0, context, progress)
    }
}
