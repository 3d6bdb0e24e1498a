//! Claims about long sentences and rare words.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use neural::experiments::{finding, mean};

/// Long sentences are translated nearly as well as short ones.
pub(super) struct LongSentences(pub(super) TrainingCache);

/// Sentences with rare words are translated worse.
pub(super) struct RareWords(pub(super) TrainingCache);

/// Tolerated BLEU difference between the longer and the shorter half.
const TOLERATED: f64 = 2.0;

/// BLEU of the two halves of the test pairs by a quantity of the source, of each seed.
fn halves(
    context: &ExperimentContext<'_>,
    cache: &TrainingCache,
    quantity: impl Fn(&TranslationExperiment<'_>, &str) -> f64,
    progress: &mut dyn Progress,
) -> Result<[Vec<f64>; 2]> {
    let bench = TranslationExperiment::open(context, cache)?;
    let halves = bench.halves(|source| quantity(&bench, source));
    let mut found = [Vec::new(), Vec::new()];
    for &seed in context.seeds {
        let outcome = bench.train(&config(&bench), seed, progress)?;
        for (found, half) in found.iter_mut().zip(&halves) {
            found.push(bench.bleu(&outcome.translator, half)?);
        }
    }
    Ok(found)
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

impl Experiment for LongSentences {
    fn claim(&self) -> Claim {
        claim(
            "long-sentences",
            "Long sentences are translated nearly as well as short ones",
            "BLEU does not fall up to 35 words, and little on the longest",
            "figure 3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let words =
            |_: &TranslationExperiment<'_>, source: &str| source.split_whitespace().count() as f64;
        let [short, long] = halves(context, &self.0, words, progress)?;
        let values = differences(&long, &short);
        let measured = format!(
            "BLEU {:.1} on the shorter half, {:.1} on the longer; tolerance {TOLERATED}",
            mean(&short),
            mean(&long)
        );
        let verdict = decide(&values, -TOLERATED).verdict;
        Ok(finding(self.claim(), verdict, measured, values))
    }
}

impl Experiment for RareWords {
    fn claim(&self) -> Claim {
        claim(
            "rare-words",
            "Sentences with rarer words are translated worse",
            "BLEU falls from about 37 to 26 by the mean rank of the words",
            "figure 3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let rank = |bench: &TranslationExperiment<'_>, source: &str| bench.mean_rank(source);
        let [frequent, rare] = halves(context, &self.0, rank, progress)?;
        let values = differences(&frequent, &rare);
        let measured = format!(
            "BLEU {:.1} on the half with the more frequent words, {:.1} on the other",
            mean(&frequent),
            mean(&rare)
        );
        let verdict = decide(&values, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, values))
    }
}
