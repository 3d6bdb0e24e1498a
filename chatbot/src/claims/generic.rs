//! The claim about the variety of replies.

use harness::{
    Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result, Variety,
};
use neural::experiments::{column, mean};

use super::{TrainingCache, claim};

/// Replies are generic.
#[derive(Debug)]
pub(super) struct Generic(pub(super) TrainingCache);

impl Experiment for Generic {
    fn claim(&self) -> Claim {
        claim(
            "generic",
            "Replies are more generic than those of the corpus: the ten most common ones have a larger share, and fewer bigrams are \
             distinct",
            "short and generic replies, with sample conversations",
            "section 5",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let outcomes = self.0.all(context, progress)?;
        let varieties = outcomes.iter().map(|outcome| {
            let own = Variety {
                distinct: outcome.evaluation.distinct,
                common: outcome.evaluation.common,
            };
            [own, outcome.references]
        });
        Ok(finding(self.claim(), &varieties.collect::<Vec<_>>()))
    }
}

/// The finding from the variety of its replies and of those in the corpus.
pub(super) fn finding(claim: Claim, measured: &[[Variety; 2]]) -> Finding {
    let common = column(measured, |[own, corpus]| {
        100.0 * (own.common - corpus.common)
    });
    let distinct = column(measured, |[own, corpus]| {
        own.distinct[1] - corpus.distinct[1]
    });
    let common = Criterion::above("excess of common replies, percentage points", common, 0.0);
    let distinct = Criterion::below("difference of distinct-2", distinct, 0.0);
    let of = |which: usize, number: fn(&Variety) -> f64| {
        mean(&column(measured, |pair| number(&pair[which])))
    };
    let sentence = format!(
        "share of the ten most common replies: {:.1} %, in the corpus {:.1} % ({common:.1} percentage points more); distinct-2: {:.3}, \
         in the corpus {:.3} (a difference of {distinct:.3})",
        100.0 * of(0, |own| own.common),
        100.0 * of(1, |own| own.common),
        of(0, |own| own.distinct[1]),
        of(1, |own| own.distinct[1]),
    );
    Finding::new(claim, sentence, vec![common, distinct])
}
