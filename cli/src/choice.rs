//! Eras and entries as the command line names them.

use eras_list::ERAS;
use harness::{Entry, Era, Experiment, borrowed_ideas};

use crate::output::usage;

/// The entries that a list of eras and entries names; all if there is no list. A list without a name, or with an empty one, as an unset
/// variable of the shell leaves it, is refused.
pub(crate) fn entries(names: &[String]) -> anyhow::Result<Vec<&'static dyn Entry>> {
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    let known = || {
        format!(
            "the eras are {}, the entries {}",
            ERAS.era_names().join(", "),
            ERAS.entry_names().join(", ")
        )
    };
    if names.iter().any(String::is_empty) {
        return Err(usage(format!(
            "\"{}\": names an era that is empty; leave the option out for all, or choose: {}",
            names.join(","),
            known()
        )));
    }
    ERAS.select(&names)
        .map_err(|unknown| usage(format!("{unknown}: no such era or entry; {}", known())))
}

/// Names every entry where a list of eras and entries is asked for.
const ALL: &str = "all";

/// The entries of a run: those that a list names, or every one. Without a list, those with the ideas of their era's paper alone: they
/// are what the eras are compared by.
pub(crate) fn entries_of_run(names: &[String]) -> anyhow::Result<Vec<&'static dyn Entry>> {
    match names {
        [] => Ok(entries(&[])?
            .into_iter()
            .filter(|entry| is_of_its_paper(*entry))
            .collect()),
        [only] if only == ALL => entries(&[]),
        _ => entries(names),
    }
}

/// Whether the default configuration of an entry borrows no ideas.
fn is_of_its_paper(entry: &dyn Entry) -> bool {
    let preset = entry.default_preset().and_then(|name| entry.preset(name));
    borrowed_ideas(entry, &preset.unwrap_or_default()).is_ok_and(|ideas| ideas.is_empty())
}

/// The one entry that `eras train` names: by itself, or its era, whose main entry is meant.
pub(crate) fn entry(name: &str) -> anyhow::Result<&'static dyn Entry> {
    if let Some(main) = ERAS.era(name).and_then(Era::main_entry) {
        return Ok(main);
    }
    let found = entries(&[name.to_owned()])?;
    let mut labels: Vec<String> = found.iter().map(|entry| entry.id().label()).collect();
    // An entry that takes part in several tracks is one model.
    labels.dedup();
    match (&labels[..], found.first()) {
        ([_], Some(entry)) => Ok(*entry),
        _ => Err(usage(format!(
            "{name}: choose one of {}",
            labels.join(", ")
        ))),
    }
}

/// The experiments of an era.
pub(crate) fn experiments(era: &str) -> anyhow::Result<Vec<Box<dyn Experiment>>> {
    let found = ERAS.era(era).map(Era::experiments).unwrap_or_default();
    if !found.is_empty() {
        return Ok(found);
    }
    Err(usage(format!(
        "{era}: has no experiments; the eras with experiments are {}",
        eras_with(|era| !era.experiments().is_empty())
    )))
}

/// Help on the argument that names eras and entries.
pub(crate) fn help_on_eras() -> String {
    format!(
        "Eras or entries, separated by commas, or all [default: the entries that have the ideas of their era's paper alone; eras: {}; \
         entries are named era/variant, such as ngram/kneser-ney]",
        ERAS.era_names().join(", ")
    )
}

/// The eras that have something, separated by commas.
fn eras_with(has: impl Fn(&dyn Era) -> bool) -> String {
    let eras = ERAS.eras().filter(|era| has(*era));
    eras.map(Era::name).collect::<Vec<_>>().join(", ")
}

/// Help on the argument that names an era whose claims are tested.
pub(crate) fn help_on_experiments() -> String {
    let eras = eras_with(|era| !era.experiments().is_empty());
    format!("Era whose paper is tested [{eras}]")
}

/// Help on the argument that names entries with borrowed ideas.
pub(crate) fn help_on_tuned_entries() -> String {
    let eras = eras_with(|era| {
        let mut entries = era.entries().iter();
        entries.any(|entry| !entry.optional_ideas().is_empty())
    });
    format!("An era [{eras}], or one of its tuned entries")
}

/// Help for the whole program: the eras, each with its paper.
pub(crate) fn help_on_the_list() -> String {
    let line = |era: &'static dyn Era| format!("  {:<12} {}", era.name(), era.paper());
    let lines: Vec<String> = ERAS.eras().map(line).collect();
    format!(
        "Eras:\n{}\n\nExample:\n  eras run --corpus my-text.txt     train every era on a text and write a report",
        lines.join("\n")
    )
}

/// Help on the argument that names an era or an entry to train.
pub(crate) fn help_on_entry() -> String {
    format!(
        "The era [{}] or one of its entries, such as ngram/kneser-ney [entries: {}]",
        eras_with(|era| era.main_entry().is_some()),
        ERAS.entry_names().join(", ")
    )
}

/// Help on presets: those of each era's main entry and of the entries that have others.
pub(crate) fn help_on_presets() -> String {
    let mut parts: Vec<(String, String)> = Vec::new();
    for entry in ERAS.entries() {
        let (label, presets) = (entry.id().label(), entry.presets().join(", "));
        let is_known = parts.iter().any(|(known, _)| *known == label);
        if !presets.is_empty() && !is_known {
            parts.push((label, presets));
        }
    }
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(label, presets)| format!("{label}: {presets}"))
        .collect();
    format!("A named configuration of the entry [{}]", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_era_name_selects_its_main_entry() {
        assert_eq!(entry("ngram").unwrap().id().variant, "stupid-backoff");
        assert_eq!(entry("word2vec").unwrap().id().variant, "skip-gram");
        assert_eq!(
            entry("ngram/kneser-ney").unwrap().id().variant,
            "kneser-ney"
        );
        let several = entry("baselines").unwrap_err().to_string();
        assert!(
            several.contains("baselines/uniform, baselines/unigram"),
            "{several}"
        );
        let unknown = entry("llama").unwrap_err().to_string();
        assert!(
            unknown.contains("the eras are baselines, ngram"),
            "{unknown}"
        );
    }

    #[test]
    fn help_is_generated_from_the_list() {
        assert!(help_on_eras().contains("baselines, ngram, word2vec"));
        assert!(help_on_entry().contains("ngram/stupid-backoff"));
        assert!(help_on_presets().contains("ngram/stupid-backoff: paper, trigram, bigram"));
        assert!(help_on_experiments().contains("[ngram, word2vec"));
        assert!(help_on_tuned_entries().contains("[word2vec"));
        for era in ERAS.eras() {
            let line = format!("  {:<12} ", era.name());
            assert!(help_on_the_list().contains(&line), "{line}");
        }
    }

    #[test]
    fn an_empty_name_is_refused() {
        let names = |list: &str| list.split(',').map(str::to_owned).collect::<Vec<_>>();
        for list in ["", " ", "ngram,", ",ngram"] {
            let error = entries(&names(list)).unwrap_err().to_string();
            assert!(
                error.contains("the eras are baselines, ngram"),
                "{list}: {error}"
            );
        }
        assert_eq!(
            entries(&names("ngram/kneser-ney, oracle")).unwrap()[0]
                .id()
                .era,
            "ngram"
        );
    }
}
