//! `eras reproduce`.

use std::path::{Path, PathBuf};

use eras_list::ERAS;
use harness::{
    Era, Experiment, ExperimentContext, Judgement, SIGNIFICANCE_LEVEL, Scale, reproduce,
};

use crate::args::ReproduceOptions;
use crate::output::{say, say_json, usage};
use crate::progress::Bar;
use crate::{choice, corpora};

/// The program's version, with a hash of the sources that train and measure.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("ERAS_SOURCE_HASH"));

pub(crate) fn run(workspace: &Path, options: ReproduceOptions) -> anyhow::Result<()> {
    let all = choice::experiments(&options.era)?;
    let family = all.len();
    let experiments = chosen(all, &options.claims)?;
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
        version: VERSION,
    };
    let folder = reproductions(workspace).join(&options.era);
    let mut bar = Bar::new(&options.era);
    let judged = reproduce(&experiments, family, &context, &folder, &mut bar)?;
    drop(bar);
    if options.json {
        return say_json(&judged);
    }
    if options.markdown {
        return say(&markdown(&options, corpus.name(), &judged));
    }
    say(&format!(
        "{} on {}, {} repetitions\n",
        options.era,
        corpus.name(),
        options.repetitions
    ))?;
    for judgement in &judged {
        let (finding, claim) = (&judgement.finding, &judgement.finding.claim);
        say(&format!(
            "{}\n  paper    {} ({})",
            claim.statement, claim.evidence, claim.source
        ))?;
        say(&format!(
            "  here     {}\n  verdict  {} (p = {}, adjusted for {family} claims {})\n",
            finding.measured,
            judgement.verdict,
            p_value(finding.p_value),
            p_value(judgement.adjusted_p_value),
        ))?;
    }
    Ok(())
}

/// A p value with two significant digits, from 0.0001 on.
fn p_value(p_value: f64) -> String {
    match p_value {
        p_value if p_value < 0.0001 => "below 0.0001".to_owned(),
        p_value if p_value < 0.001 => format!("{p_value:.5}"),
        p_value if p_value < 0.01 => format!("{p_value:.4}"),
        p_value if p_value < 0.1 => format!("{p_value:.3}"),
        p_value => format!("{p_value:.2}"),
    }
}

/// The findings as a page in Markdown: a row for each claim.
fn markdown(options: &ReproduceOptions, corpus: &str, judged: &[Judgement]) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let row = |judgement: &Judgement| {
        let (finding, claim) = (&judgement.finding, &judgement.finding.claim);
        let cells = [
            cell(&claim.statement),
            cell(&format!("{} ({})", claim.evidence, claim.source)),
            cell(&finding.measured),
            p_value(judgement.adjusted_p_value),
            judgement.verdict.to_string(),
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
        "# Claims of {}\n\n{paper}. Tested on {corpus} with {} repetitions, {scale}, by Eras {VERSION}. Each repetition has its own \
         part of the text; ± is half the width of a 95 % interval. p is that of Student's t, adjusted for the number of claims by \
         Holm's method; a claim is decided if it is below {SIGNIFICANCE_LEVEL}.\n",
        options.era, options.repetitions,
    );
    let rule = "| claim | paper | measured here | p | verdict |\n|---|---|---|---|---|".to_owned();
    let rows = judged.iter().map(row);
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
