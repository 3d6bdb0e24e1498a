//! Comparison of skip-gram and CBOW on the semantic or syntactic questions.

use harness::{Claim, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{
    ExperimentData, Outcome, TrainingCache, accuracies, mean_of, settings,
};
use super::finding;
use crate::config::Architecture;

/// A group of questions and the architecture that is claimed to be better at it.
pub(super) struct QuestionGroup {
    pub(super) name: &'static str,
    pub(super) of: fn(&Outcome) -> Option<f64>,
    pub(super) better: Architecture,
}

/// Measures by how much the claimed architecture is better.
pub(super) fn compare(
    group: &QuestionGroup,
    claim: Claim,
    cache: &TrainingCache,
    context: &ExperimentContext<'_>,
    progress: &mut dyn Progress,
) -> Result<Finding> {
    let data = ExperimentData::open(context, cache)?;
    let (mut skip_grams, mut cbows, mut leads) = (Vec::new(), Vec::new(), Vec::new());
    for &seed in context.seeds {
        let mut outcome =
            |architecture| data.outcome(&settings(architecture), seed, &mut *progress);
        let skip_gram = outcome(Architecture::SkipGram)?;
        let cbow = outcome(Architecture::Cbow)?;
        let (Some(of_skip_gram), Some(of_cbow)) = ((group.of)(&skip_gram), (group.of)(&cbow))
        else {
            let measured = format!(
                "There is no {} question; sections whose names begin with gram are syntactic.",
                group.name
            );
            return Ok(finding(claim, decide(&[], 0.0), measured, Vec::new()));
        };
        leads.push(match group.better {
            Architecture::SkipGram => of_skip_gram - of_cbow,
            Architecture::Cbow => of_cbow - of_skip_gram,
        });
        skip_grams.push(skip_gram);
        cbows.push(cbow);
    }
    let decision = decide(&leads, 0.0);
    let (better, other) = match group.better {
        Architecture::SkipGram => ("Skip-gram", "CBOW"),
        Architecture::Cbow => ("CBOW", "skip-gram"),
    };
    let measured = format!(
        "{better} is {:.2} ± {:.2} percentage points better than {other} at the {} questions (negative: worse). Skip-gram: {}; \
         CBOW: {}; coverage {:.1} %. ({} tokens, {} dimensions.)",
        decision.mean,
        decision.margin,
        group.name,
        accuracies(&skip_grams),
        accuracies(&cbows),
        mean_of(&skip_grams, |outcome| outcome.coverage),
        data.length(0),
        settings(group.better).dimension,
    );
    Ok(finding(claim, decision, measured, leads))
}
