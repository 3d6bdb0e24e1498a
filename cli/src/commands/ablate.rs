//! `eras ablate`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use corpus::sha256_of;
use eras_list::ERAS;
use harness::{
    Ablation, AblationRecord, Entry, borrowed_ideas, faithful_entry, metrics::mean_and_error,
    require_suited,
};

use crate::args::AblateOptions;
use crate::output::{say, say_json, table, usage};
use crate::progress::Bar;
use crate::settings::Overrides;
use crate::{choice, corpora};

pub(crate) fn run(workspace: &Path, options: &AblateOptions) -> anyhow::Result<()> {
    let pairs = tuned_entries(&options.entry)?;
    let corpus = corpora::open(workspace, options.corpus.as_deref())?;
    let seeds: Vec<u64> = (1..=options.repetitions).collect();
    let folder = ablations(workspace);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut records = Vec::new();
    for (tuned, faithful) in pairs {
        require_suited(tuned, &corpus)?;
        let configure = |entry| {
            let overrides = Overrides {
                sets: options.sets.clone(),
                ..Overrides::default()
            };
            overrides.configure(entry)
        };
        let ablation = Ablation {
            tuned: (tuned, configure(tuned)?),
            faithful: (faithful, configure(faithful)?),
            corpus: &corpus,
            budget: options.budget,
            seeds: &seeds,
        };
        let path = folder.join(file_name(&ablation));
        let mut bar = Bar::new(&tuned.id().label());
        let record = ablation.run(&path, &mut bar)?;
        drop(bar);
        if !options.json {
            say(&shown(&record))?;
        }
        records.push(record);
    }
    match options.json {
        true => say_json(&records),
        false => Ok(()),
    }
}

/// The tuned entries that a name selects, each with the entry of the paper.
fn tuned_entries(name: &str) -> anyhow::Result<Vec<(&'static dyn Entry, &'static dyn Entry)>> {
    let pair = |entry: &'static dyn Entry| {
        let era = ERAS.era(&entry.id().era)?;
        let preset = entry.default_preset().and_then(|name| entry.preset(name));
        let ideas = borrowed_ideas(entry, &preset?).ok()?;
        let faithful = faithful_entry(era, entry)?;
        (!ideas.is_empty()).then_some((entry, faithful))
    };
    let chosen = choice::entries(&[name.to_owned()])?;
    let found: Vec<_> = chosen.into_iter().filter_map(pair).collect();
    if found.is_empty() {
        let all = ERAS.entries().into_iter().filter_map(pair);
        let labels: Vec<String> = all.map(|(entry, _)| entry.id().label()).collect();
        return Err(usage(format!(
            "{name}: borrows no ideas; the entries that do are {}",
            labels.join(", ")
        )));
    }
    Ok(found)
}

/// The file of an ablation: another text, budget or configuration has another one.
fn file_name(ablation: &Ablation<'_>) -> String {
    let id = ablation.tuned.0.id();
    let conditions = format!(
        "{} {} {} {}",
        ablation.corpus.content_checksum(),
        ablation.budget,
        ablation.tuned.1,
        ablation.faithful.1,
    );
    format!(
        "{}-{}-{}-{}.json",
        id.era,
        id.variant,
        ablation.corpus.name(),
        &sha256_of(conditions.as_bytes())[..8]
    )
}

/// The losses of an ablation as a table.
fn shown(record: &AblationRecord) -> String {
    let row = |name: &str, year: String, losses: &[f64]| {
        let (loss, _) = mean_and_error(losses);
        let gain = record.gain(losses);
        let gain = gain.map_or("-".to_owned(), |(gain, error)| {
            format!("{gain:+.3} ± {error:.3}")
        });
        vec![name.to_owned(), year, format!("{:.2}", loss.exp()), gain]
    };
    let mut rows = vec![row("none", record.faithful.year_text(), &record.without)];
    for one in &record.alone {
        let year = one.idea.year.to_string();
        rows.push(row(&one.idea.name, year, &one.losses));
    }
    rows.push(row("all", record.tuned.year_text(), &record.together));
    let head = format!(
        "{} against {} on {}, budget {}, {} seeds\n\n",
        record.tuned.label(),
        record.faithful.label(),
        record.corpus,
        record.budget,
        record.seeds.len()
    );
    let header = [
        "idea",
        "year",
        "validation perplexity",
        "gain in nats per token",
    ];
    head + &table(&header, &rows) + "\n"
}

/// Where ablations are kept.
pub(crate) fn ablations(workspace: &Path) -> PathBuf {
    workspace.join("ablations")
}
