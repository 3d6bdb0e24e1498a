//! `eras reproduce`.

use std::path::{Path, PathBuf};

use eras_list::ERAS;
use harness::{Era, Experiment, ExperimentContext, Finding, Scale, reproduce};

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
    let context = ExperimentContext {
        corpus: &corpus,
        analogies: analogies.as_deref(),
        other: other.as_ref(),
        seeds: &seeds,
        scale,
    };
    let folder = reproductions(workspace).join(&options.era);
    let mut bar = Bar::new(&options.era);
    let findings = reproduce(&experiments, &context, &folder, &mut bar)?;
    drop(bar);
    if options.json {
        return say_json(&findings);
    }
    if options.markdown {
        return say(&markdown(&options, corpus.name(), &findings));
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

/// The findings as a page in Markdown: a row for each claim.
fn markdown(options: &ReproduceOptions, corpus: &str, findings: &[Finding]) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let row = |finding: &Finding| {
        let claim = &finding.claim;
        let cells = [
            cell(&claim.statement),
            cell(&format!("{} ({})", claim.evidence, claim.source)),
            cell(&finding.measured),
            finding.verdict.to_string(),
        ];
        format!("| {} |", cells.join(" | "))
    };
    let paper = ERAS.era(&options.era).map_or("", Era::paper);
    let scale = if options.full {
        "full size"
    } else {
        "small scale"
    };
    let head = format!(
        "# Claims of {}\n\n{paper}. Tested on {corpus}, seeds 1 to {}, {scale}, by Eras {}.\n",
        options.era,
        options.repetitions,
        env!("CARGO_PKG_VERSION")
    );
    let rule = "| claim | paper | measured here | verdict |\n|---|---|---|---|".to_owned();
    let rows = findings.iter().map(row);
    let lines: Vec<String> = [head, rule].into_iter().chain(rows).collect();
    lines.join("\n")
}

/// The experiments on these claims; all if none is named.
fn chosen(
    mut all: Vec<Box<dyn Experiment>>,
    claims: &[String],
) -> anyhow::Result<Vec<Box<dyn Experiment>>> {
    let ids: Vec<String> = all.iter().map(|one| one.claim().id).collect();
    if let Some(unknown) = claims.iter().find(|claim| !ids.contains(claim)) {
        return Err(usage(format!(
            "--claims: no such claim as {unknown}; the claims are {}",
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
