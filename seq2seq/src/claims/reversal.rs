//! Claims about reversed sources.

use std::rc::Rc;

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::{Outcome, Quality, column, mean};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::{Config, Network, SourceOrder};

/// Reversing the source improves perplexity and BLEU.
pub(super) struct Reversal(pub(super) TrainingCache);

/// Long sentences improve as well.
pub(super) struct ReversalOfLong(pub(super) TrainingCache);

fn words(source: &str) -> f64 {
    source.split_whitespace().count() as f64
}

/// The outcomes with reversed and with forward sources.
fn both(
    bench: &TranslationExperiment<'_>,
    progress: &mut dyn Progress,
) -> Result<[Rc<Outcome<Network>>; 2]> {
    let mut train = |source_order| {
        let config = Config {
            source_order,
            ..config(bench)
        };
        bench.train(&config, progress)
    };
    Ok([train(SourceOrder::Reversed)?, train(SourceOrder::Forward)?])
}

impl Experiment for Reversal {
    fn claim(&self) -> Claim {
        claim(
            "reversal",
            "Reversing the source improves perplexity and BLEU",
            "perplexity 5.8 to 4.7, BLEU 25.9 to 30.6",
            "section 3.3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for bench in TranslationExperiment::all(context, &self.0)? {
            let outcomes = both(&bench, progress)?;
            measured.push(outcomes.map(|outcome| outcome.quality()));
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the quality with reversed and with forward sources.
pub(super) fn finding(claim: Claim, measured: &[[Quality; 2]]) -> Finding {
    let nats = column(measured, |[reversed, forward]| reversed.nats - forward.nats);
    let bleu = column(measured, |[reversed, forward]| reversed.bleu - forward.bleu);
    let change = Criterion::below("change of the cross-entropy, nats per token", nats, 0.0);
    let gain = Criterion::above("gain in BLEU", bleu, 0.0);
    let of = |which: usize, number: fn(&Quality) -> f64| {
        mean(&column(measured, |pair| number(&pair[which])))
    };
    let sentence = format!(
        "perplexity {:.2} to {:.2} ({change:.3} nats per token), BLEU {:.1} to {:.1} ({gain:.1} more)",
        of(1, |own| own.nats).exp(),
        of(0, |own| own.nats).exp(),
        of(1, |own| own.bleu),
        of(0, |own| own.bleu),
    );
    Finding::new(claim, sentence, vec![change, gain])
}

impl Experiment for ReversalOfLong {
    fn claim(&self) -> Claim {
        claim(
            "reversal-of-long",
            "Reversing the source improves BLEU on the longer half of the sentences as well",
            "observed by the authors",
            "section 3.3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for bench in TranslationExperiment::all(context, &self.0)? {
            let [_, long] = bench.halves(words);
            let [reversed, forward] = both(&bench, progress)?;
            let reversed = bench.bleu(&reversed.translator, &long)?;
            measured.push([reversed, bench.bleu(&forward.translator, &long)?]);
        }
        Ok(finding_on_long(self.claim(), &measured))
    }
}

/// The finding from BLEU on long sentences with reversed and with forward sources.
pub(super) fn finding_on_long(claim: Claim, measured: &[[f64; 2]]) -> Finding {
    let gains = column(measured, |[reversed, forward]| reversed - forward);
    let gain = Criterion::above("gain in BLEU on the longer half", gains, 0.0);
    let sentence = format!(
        "BLEU {:.1} to {:.1} on the longer half: {gain:.1} more",
        mean(&column(measured, |bleu| bleu[1])),
        mean(&column(measured, |bleu| bleu[0])),
    );
    Finding::new(claim, sentence, vec![gain])
}
