//! `eras reproduce`.

use std::path::{Path, PathBuf};

use harness::{Experiment, Laboratory, Scale, reproduce};

use crate::args::ReproduceOptions;
use crate::output::{say, say_json, usage};
use crate::progress::Bar;
use crate::{choice, corpora};

pub(crate) fn run(workspace: &Path, options: ReproduceOptions) -> anyhow::Result<()> {
    let experiments = chosen(choice::experiments(&options.era)?, &options.claims)?;
    let corpus = corpora::open(workspace, options.corpus.as_deref())?;
    let other = options.other.as_deref();
    let other = other
        .map(|name| corpora::open(workspace, Some(name)))
        .transpose()?;
    let seeds: Vec<u64> = (1..=options.repetitions).collect();
    let scale = if options.full {
        Scale::Full
    } else {
        Scale::Small
    };
    let analogies = options.analogies.clone();
    let analogies = analogies.or_else(|| corpus.test_file(village::ANALOGIES));
    let laboratory = Laboratory {
        corpus: &corpus,
        analogies: analogies.as_deref(),
        other: other.as_ref(),
        seeds: &seeds,
        scale,
    };
    let folder = reproductions(workspace).join(&options.era);
    let mut bar = Bar::new(&options.era);
    let findings = reproduce(&experiments, &laboratory, &folder, &mut bar)?;
    drop(bar);
    if options.json {
        return say_json(&findings);
    }
    say(&format!(
        "{} on {}, seeds 1 to {}\n",
        options.era,
        corpus.name(),
        options.repetitions
    ))?;
    for finding in &findings {
        let claim = &finding.claim;
        say(&format!(
            "{}\n  paper    {} ({})",
            claim.statement, claim.evidence, claim.source
        ))?;
        say(&format!(
            "  here     {}\n  verdict  {}\n",
            finding.measured, finding.verdict
        ))?;
    }
    Ok(())
}

/// Those about these claims; all, where none is named.
fn chosen(
    mut all: Vec<Box<dyn Experiment>>,
    claims: &[String],
) -> anyhow::Result<Vec<Box<dyn Experiment>>> {
    let ids: Vec<String> = all.iter().map(|one| one.claim().id).collect();
    if let Some(unknown) = claims.iter().find(|claim| !ids.contains(claim)) {
        return Err(usage(format!(
            "--claims: no claim {unknown}; there is {}",
            ids.join(", ")
        )));
    }
    all.retain(|one| claims.is_empty() || claims.contains(&one.claim().id));
    Ok(all)
}

/// Where findings are kept, a folder for each era.
pub(crate) fn reproductions(workspace: &Path) -> PathBuf {
    workspace.join("reproductions")
}
