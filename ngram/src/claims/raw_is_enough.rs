//! Claim: raw scores rank candidates as well as renormalised ones.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::claim;
use super::experiment_data::{ExperimentData, into_harness};
use super::rerank::{candidates, choose};
use super::summary_statistics::mean;
use crate::config::{Config, Scores};

/// Reranks sentences among corrupted copies. In one context raw and renormalised scores rank words alike, because they differ by a
/// factor; but a decoder compares whole sentences, which have many contexts.
pub(super) struct RawIsEnough;

/// Maximum number of sentences per repetition.
const SENTENCES: usize = 500;
/// The required agreement in percent.
const MIN_AGREEMENT: f64 = 95.0;

/// The choices of both scores for the sentences of a repetition: indices of candidates, of which the original is 0.
pub(super) struct Choices {
    pub(super) raw: Vec<usize>,
    pub(super) renormalised: Vec<usize>,
}

impl Experiment for RawIsEnough {
    fn claim(&self) -> Claim {
        claim(
            "raw-is-enough",
            "Raw scores choose the same candidate as renormalised scores for more than 95 % of sentences.",
            "BLEU is comparable to that of Kneser-Ney's probabilities; a decoder needs only relative values.",
            "sections 4 and 7",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for (repetition, data) in ExperimentData::all(context)? {
            let text = data.text(0);
            let mut rng = ChaCha8Rng::seed_from_u64(repetition.seed);
            let candidates = candidates(&data.valid, data.eos, &text, SENTENCES, &mut rng);
            let mut choices = |scores| {
                let config = Config {
                    scores,
                    ..Config::default()
                };
                let model = data.train_on(&config, &text, progress)?;
                choose(&model, &candidates)
            };
            measured.push(Choices {
                raw: choices(Scores::Raw).map_err(into_harness)?,
                renormalised: choices(Scores::Renormalised).map_err(into_harness)?,
            });
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the choices of each repetition.
pub(super) fn finding(claim: Claim, measured: &[Choices]) -> Finding {
    let percentages = |is_counted: fn((usize, usize)) -> bool| -> Vec<f64> {
        let of_repetition = |own: &Choices| {
            let pairs = own
                .raw
                .iter()
                .copied()
                .zip(own.renormalised.iter().copied());
            let counted = pairs.filter(|&pair| is_counted(pair)).count();
            100.0 * counted as f64 / own.raw.len() as f64
        };
        measured.iter().map(of_repetition).collect()
    };
    let same = percentages(|(raw, renormalised)| raw == renormalised);
    let agreement = Criterion::above("equal choices, percent", same, MIN_AGREEMENT);
    let sentences: Vec<f64> = measured.iter().map(|own| own.raw.len() as f64).collect();
    let sentence = format!(
        "With {:.0} sentences per repetition and nine corrupted candidates each, both choose the same candidate in {agreement:.1} % of \
         the sentences. Raw scores choose the original in {:.1} %, renormalised ones in {:.1} %.",
        mean(&sentences),
        mean(&percentages(|(raw, _)| raw == 0)),
        mean(&percentages(|(_, renormalised)| renormalised == 0)),
    );
    Finding::new(claim, sentence, vec![agreement])
}
