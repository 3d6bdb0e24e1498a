//! The claim about context.

use harness::{
    Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result, TurnsPerplexity,
};
use neural::experiments::{column, mean};

use super::{TrainingCache, claim};

/// Longer context lowers perplexity.
#[derive(Debug)]
pub(super) struct Context(pub(super) TrainingCache);

/// Numbers of turns compared.
const TURNS: [usize; 2] = [1, 3];

impl Experiment for Context {
    fn claim(&self) -> Claim {
        claim(
            "context",
            "A longer dialogue context lowers the perplexity of replies: three turns instead of one",
            "the whole dialogue is the context",
            "sections 3 and 4.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let outcomes = self.0.all(context, progress)?;
        let by_turns = outcomes.iter().map(|own| own.evaluation.by_turns.clone());
        Ok(finding(self.claim(), &by_turns.collect::<Vec<_>>()))
    }
}

/// The finding from the perplexities by number of turns.
pub(super) fn finding(claim: Claim, measured: &[Vec<TurnsPerplexity>]) -> Finding {
    let of = |by_turns: &Vec<TurnsPerplexity>, turns: usize| {
        let found = by_turns.iter().find(|found| found.turns == turns);
        found.and_then(|found| found.perplexity).unwrap_or(f64::NAN)
    };
    let [short, long] = TURNS;
    let gains = column(measured, |own| (of(own, short) / of(own, long)).ln());
    let gain = Criterion::above("gain of three turns over one, nats per token", gains, 0.0);
    let turns = measured.first().map_or(&[][..], |own| &own[..]);
    let parts: Vec<String> = turns
        .iter()
        .map(|&TurnsPerplexity { turns, .. }| {
            let perplexities = column(measured, |own| of(own, turns));
            format!("{:.2} after {turns}", mean(&perplexities))
        })
        .collect();
    let sentence = format!(
        "perplexity of replies {} turns; three turns gain {gain:.3} nats per token over one",
        parts.join(", ")
    );
    Finding::new(claim, sentence, vec![gain])
}
