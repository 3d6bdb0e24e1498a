//! The claim about domains.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::{column, mean};

use super::{TrainingCache, claim};

/// A closed domain has a lower perplexity than an open one.
#[derive(Debug)]
pub(super) struct Closed(pub(super) TrainingCache);

impl Experiment for Closed {
    fn claim(&self) -> Claim {
        claim(
            "closed",
            "A closed domain has a lower perplexity than an open one",
            "perplexity 8 on help-desk dialogues, 17 on film subtitles",
            "sections 4.3.1 and 4.3.2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let Some(open) = context.other else {
            let reason = "not tested: needs a second corpus of an open domain";
            return Ok(Finding::untested(self.claim(), reason));
        };
        let mut measured = Vec::new();
        for own in context.repetitions()? {
            let mut perplexities = Vec::new();
            for corpus in [&own.corpus].into_iter().chain(&own.other) {
                let outcome = self.0.train(corpus, context.scale, &own, progress)?;
                perplexities.push(outcome.evaluation.perplexity.unwrap_or(f64::NAN));
            }
            measured.push([perplexities[0], perplexities[1]]);
        }
        let names = [context.corpus.name(), open.name()];
        Ok(finding(self.claim(), names, &measured))
    }
}

/// The finding from the perplexities in the closed and in the open domain.
pub(super) fn finding(claim: Claim, names: [&str; 2], measured: &[[f64; 2]]) -> Finding {
    let gains = column(measured, |[closed, open]| (open / closed).ln());
    let gain = Criterion::above("lead of the closed domain, nats per token", gains, 0.0);
    let sentence = format!(
        "perplexity of replies {:.2} on {}, {:.2} on {}: a lead of {gain} nats per token",
        mean(&column(measured, |pair| pair[0])),
        names[0],
        mean(&column(measured, |pair| pair[1])),
        names[1],
    );
    Finding::new(claim, sentence, vec![gain])
}
