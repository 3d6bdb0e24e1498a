//! Claims about the beam search.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::{column, mean};

use super::{TrainingCache, TranslationExperiment, claim, config};
use crate::translation::Config;

/// A length penalty improves BLEU.
pub(super) struct LengthPenalty(pub(super) TrainingCache);

const PENALTIES: [f64; 3] = [0.0, 0.6, 1.0];

/// BLEU with each penalty.
pub(super) type Bleu = [f64; PENALTIES.len()];

impl Experiment for LengthPenalty {
    fn claim(&self) -> Claim {
        claim(
            "length-penalty",
            "A length penalty of 0.6 gives a higher BLEU than none",
            "chosen on the development set",
            "section 6.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for bench in TranslationExperiment::all(context, &self.0)? {
            let outcome = bench.train(&config(&bench), progress)?;
            let mut bleu = Bleu::default();
            for (bleu, length_penalty) in bleu.iter_mut().zip(PENALTIES) {
                let beam = neural::BeamConfig {
                    length_penalty,
                    ..Config::default().beam
                };
                let found = outcome.translator.with_beam(beam);
                *bleu = bench.bleu(&found, &bench.pairs)?;
            }
            measured.push(bleu);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from BLEU with each penalty.
pub(super) fn finding(claim: Claim, measured: &[Bleu]) -> Finding {
    let gains = column(measured, |bleu| bleu[1] - bleu[0]);
    let gain = Criterion::above("gain in BLEU", gains, 0.0);
    let [none, some, full] = [0, 1, 2].map(|at| mean(&column(measured, |bleu| bleu[at])));
    let sentence = format!(
        "BLEU {none:.2} with length penalty 0, {some:.2} with 0.6 ({gain} more), {full:.2} with 1"
    );
    Finding::new(claim, sentence, vec![gain])
}
