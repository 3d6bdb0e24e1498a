//! CBOW knows more of grammar.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result};

use super::bench::Notebook;
use super::claim;
use super::halves::{Half, compare};
use crate::config::Architecture;

/// Both architectures on the same text, in the questions of grammar.
pub(super) struct CbowSyntactic(pub(super) Notebook);

impl Experiment for CbowSyntactic {
    fn claim(&self) -> Claim {
        claim(
            "cbow-syntactic",
            "CBOW answers more questions of grammar than skip-gram.",
            "64 % against 59 % in 640 dimensions, 68.9 % against 65.1 % in 1000; but 53.1 % against 55.9 % in 300.",
            "2013a, tables 3, 4 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let half = Half {
            name: "syntactic",
            of: |outcome| outcome.syntactic,
            better: Architecture::Cbow,
        };
        compare(&half, self.claim(), &self.0, context, progress)
    }
}
