//! Skip-gram against CBOW in one half of the questions.

use harness::{Claim, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, Notebook, Outcome, accuracies, mean_of, settings};
use super::finding;
use crate::config::Architecture;

/// A half of the questions, and who is said to be better in it.
pub(super) struct Half {
    pub(super) name: &'static str,
    pub(super) of: fn(&Outcome) -> Option<f64>,
    pub(super) better: Architecture,
}

/// What the better one answers more.
pub(super) fn compare(
    half: &Half,
    claim: Claim,
    notebook: &Notebook,
    context: &ExperimentContext<'_>,
    progress: &mut dyn Progress,
) -> Result<Finding> {
    let bench = Bench::open(context, notebook)?;
    let (mut skip_grams, mut cbows, mut leads) = (Vec::new(), Vec::new(), Vec::new());
    for &seed in context.seeds {
        let mut outcome =
            |architecture| bench.outcome(&settings(architecture), seed, &mut *progress);
        let skip_gram = outcome(Architecture::SkipGram)?;
        let cbow = outcome(Architecture::Cbow)?;
        let (Some(of_skip_gram), Some(of_cbow)) = ((half.of)(&skip_gram), (half.of)(&cbow)) else {
            let measured = format!(
                "There is no {} question; sections whose names begin with gram are those of grammar.",
                half.name
            );
            return Ok(finding(claim, decide(&[], 0.0), measured, Vec::new()));
        };
        leads.push(match half.better {
            Architecture::SkipGram => of_skip_gram - of_cbow,
            Architecture::Cbow => of_cbow - of_skip_gram,
        });
        skip_grams.push(skip_gram);
        cbows.push(cbow);
    }
    let decision = decide(&leads, 0.0);
    let (better, other) = match half.better {
        Architecture::SkipGram => ("Skip-gram", "CBOW"),
        Architecture::Cbow => ("CBOW", "skip-gram"),
    };
    let measured = format!(
        "{better} is {:.2} ± {:.2} percentage points ahead of {other} in the {} questions (below 0: behind). Skip-gram: {}; \
         CBOW: {}; {:.1} % of the questions asked. ({} tokens, {} dimensions.)",
        decision.mean,
        decision.margin,
        half.name,
        accuracies(&skip_grams),
        accuracies(&cbows),
        mean_of(&skip_grams, |outcome| outcome.coverage),
        bench.length(0),
        settings(half.better).dimension,
    );
    Ok(finding(claim, decision, measured, leads))
}
