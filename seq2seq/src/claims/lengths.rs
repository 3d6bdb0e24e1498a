//! Claims about long sentences and rare words.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::{column, mean};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};

/// Long sentences are translated nearly as well as short ones.
pub(super) struct LongSentences(pub(super) TrainingCache);

/// Sentences with rare words are translated worse.
pub(super) struct RareWords(pub(super) TrainingCache);

/// Tolerated BLEU difference between the longer and the shorter half.
const TOLERATED: f64 = 2.0;

/// BLEU of the half of the test pairs with the smaller values of a quantity of the source, and of the other half.
pub(super) type Halves = [f64; 2];

/// The halves of each repetition.
fn halves(
    context: &ExperimentContext<'_>,
    cache: &TrainingCache,
    quantity: impl Fn(&TranslationExperiment<'_>, &str) -> f64,
    progress: &mut dyn Progress,
) -> Result<Vec<Halves>> {
    let mut measured = Vec::new();
    for bench in TranslationExperiment::all(context, cache)? {
        let outcome = bench.train(&config(&bench), progress)?;
        let [small, large] = bench.halves(|source| quantity(&bench, source));
        let small = bench.bleu(&outcome.translator, &small)?;
        measured.push([small, bench.bleu(&outcome.translator, &large)?]);
    }
    Ok(measured)
}

impl Experiment for LongSentences {
    fn claim(&self) -> Claim {
        claim(
            "long-sentences",
            "Long sentences are translated nearly as well as short ones: BLEU is less than 2 lower on the longer half",
            "BLEU does not fall up to 35 words, and little on the longest",
            "figure 3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let words =
            |_: &TranslationExperiment<'_>, source: &str| source.split_whitespace().count() as f64;
        let measured = halves(context, &self.0, words, progress)?;
        Ok(finding_on_long(self.claim(), &measured))
    }
}

/// The finding from the shorter and the longer half.
pub(super) fn finding_on_long(claim: Claim, measured: &[Halves]) -> Finding {
    let gains = column(measured, |[short, long]| long - short);
    let gain = Criterion::above(
        "BLEU of the longer half less the shorter",
        gains,
        -TOLERATED,
    );
    let sentence = format!(
        "BLEU {:.1} on the shorter half, {:.1} on the longer: {gain:.1} more",
        mean(&column(measured, |halves| halves[0])),
        mean(&column(measured, |halves| halves[1])),
    );
    Finding::new(claim, sentence, vec![gain])
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
        let measured = halves(context, &self.0, rank, progress)?;
        Ok(finding_on_rare(self.claim(), &measured))
    }
}

/// The finding from the half with the more frequent words and the other half.
pub(super) fn finding_on_rare(claim: Claim, measured: &[Halves]) -> Finding {
    let falls = column(measured, |[frequent, rare]| frequent - rare);
    let fall = Criterion::above("fall of BLEU with rare words", falls, 0.0);
    let sentence = format!(
        "BLEU {:.1} on the half with the more frequent words, {:.1} on the other: {fall:.1} less",
        mean(&column(measured, |halves| halves[0])),
        mean(&column(measured, |halves| halves[1])),
    );
    Finding::new(claim, sentence, vec![fall])
}
