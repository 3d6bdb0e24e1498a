//! Comparison of skip-gram and CBOW on the semantic or syntactic questions.

use harness::{Claim, Criterion, ExperimentContext, Finding, Progress, Result};

use super::experiment_data::{ExperimentData, Outcome, TrainingCache};
use super::summary_statistics::{accuracies, differences, mean_of};
use crate::config::Architecture;

/// A group of questions and the architecture that is claimed to be better at it.
pub(super) struct QuestionGroup {
    pub(super) name: &'static str,
    pub(super) of: fn(&Outcome) -> Option<f64>,
    pub(super) better: Architecture,
}

/// Trains both architectures in each repetition: skip-gram, CBOW.
pub(super) fn measure(
    cache: &TrainingCache,
    context: &ExperimentContext<'_>,
    progress: &mut dyn Progress,
) -> Result<Vec<[Outcome; 2]>> {
    let all = ExperimentData::all(context, cache)?;
    let mut outcomes = |data: &ExperimentData<'_>| -> Result<[Outcome; 2]> {
        let mut outcome = |architecture| data.outcome(&data.settings(architecture), progress);
        Ok([
            outcome(Architecture::SkipGram)?,
            outcome(Architecture::Cbow)?,
        ])
    };
    all.iter().map(&mut outcomes).collect()
}

/// The finding about which is better.
pub(super) fn finding(claim: Claim, group: &QuestionGroup, measured: &[[Outcome; 2]]) -> Finding {
    let of = |which: usize| -> Option<Vec<f64>> {
        let outcomes = measured.iter();
        outcomes.map(|pair| (group.of)(&pair[which])).collect()
    };
    let (Some(of_skip_gram), Some(of_cbow)) = (of(0), of(1)) else {
        let reason = format!(
            "There is no {} question; sections whose names begin with gram are syntactic.",
            group.name
        );
        return Finding::untested(claim, &reason);
    };
    let (leads, better, other) = match group.better {
        Architecture::SkipGram => (differences(&of_skip_gram, &of_cbow), "Skip-gram", "CBOW"),
        Architecture::Cbow => (differences(&of_cbow, &of_skip_gram), "CBOW", "skip-gram"),
    };
    let quantity = format!("lead of {better}, percentage points");
    let lead = Criterion::above(&quantity, leads, 0.0);
    let [skip_grams, cbows] = [0, 1].map(|which| {
        let outcomes = measured.iter().map(|pair| pair[which]);
        outcomes.collect::<Vec<Outcome>>()
    });
    let sentence = format!(
        "{better} is {lead} percentage points better than {other} at the {} questions (negative: worse). Skip-gram: {}; CBOW: {}; \
         coverage {:.1} %. ({:.0} tokens.)",
        group.name,
        accuracies(&skip_grams),
        accuracies(&cbows),
        mean_of(&skip_grams, |outcome| outcome.coverage),
        mean_of(&skip_grams, |outcome| outcome.tokens),
    );
    Finding::new(claim, sentence, vec![lead])
}
