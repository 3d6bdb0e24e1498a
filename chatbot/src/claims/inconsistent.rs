//! The claim about consistency.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::{TrainingCache, claim};

/// Answers to paraphrased questions differ. All repetitions are asked the same questions ([`harness::PARAPHRASES`]), of which there
/// are too few to divide; the verdict is about these questions.
#[derive(Debug)]
pub(super) struct Inconsistent(pub(super) TrainingCache);

/// A chatbot is consistent if it gives the same answer to this percentage of paraphrased questions.
const CONSISTENT: f64 = 90.0;

impl Experiment for Inconsistent {
    fn claim(&self) -> Claim {
        claim(
            "inconsistent",
            "More than a tenth of paraphrased questions get different answers",
            "asked about its job, it is a lawyer, then a doctor",
            "section 4.3.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let outcomes = self.0.all(context, progress)?;
        let same = outcomes.iter().map(|own| 100.0 * own.evaluation.consistent);
        Ok(finding(self.claim(), same.collect()))
    }
}

/// The finding from the percentages of paraphrased questions with the same answer.
pub(super) fn finding(claim: Claim, same: Vec<f64>) -> Finding {
    let same = Criterion::below("same answers, percent", same, CONSISTENT);
    let sentence = format!("{same:.1} % of paraphrased questions get the same answer");
    Finding::new(claim, sentence, vec![same])
}
