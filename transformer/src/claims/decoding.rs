//! Claims about the beam search.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use neural::experiments::{finding, mean};

use super::{TrainingCache, TranslationExperiment, claim, config};
use crate::translation::Config;

/// A length penalty improves BLEU.
pub(super) struct LengthPenalty(pub(super) TrainingCache);

const PENALTIES: [f64; 3] = [0.0, 0.6, 1.0];

impl Experiment for LengthPenalty {
    fn claim(&self) -> Claim {
        claim(
            "length-penalty",
            "A length penalty of 0.6 is better than none",
            "chosen on the development set",
            "section 6.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let base = config(&bench);
        let mut bleu = PENALTIES.map(|_| Vec::new());
        for &seed in context.seeds {
            let outcome = bench.train(&base, seed, progress)?;
            for (bleu, length_penalty) in bleu.iter_mut().zip(PENALTIES) {
                let beam = neural::BeamConfig {
                    length_penalty,
                    ..Config::default().beam
                };
                let found = outcome.translator.with_beam(beam);
                bleu.push(bench.bleu(&found, &bench.pairs)?);
            }
        }
        let gains = bleu[0].iter().zip(&bleu[1]).map(|(none, some)| some - none);
        let gains: Vec<f64> = gains.collect();
        let measured = format!(
            "BLEU {:.2} with length penalty 0, {:.2} with 0.6, {:.2} with 1",
            mean(&bleu[0]),
            mean(&bleu[1]),
            mean(&bleu[2])
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}
