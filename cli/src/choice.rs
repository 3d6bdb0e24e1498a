//! Eras and entries as the command line names them.

use eras_list::ERAS;
use harness::{Entry, Era, Experiment};

use crate::output::usage;

/// The entries that a list of eras and entries names; all if it is empty.
pub(crate) fn entries(names: &[String]) -> anyhow::Result<Vec<&'static dyn Entry>> {
    ERAS.select(names).map_err(|unknown| {
        usage(format!(
            "{unknown}: no such era or entry; the eras are {}, the entries {}",
            ERAS.era_names().join(", "),
            ERAS.entry_names().join(", ")
        ))
    })
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
    let with_some = ERAS.eras().filter(|era| !era.experiments().is_empty());
    let names: Vec<&str> = with_some.map(Era::name).collect();
    Err(usage(format!(
        "{era}: has no experiments; the eras with experiments are {}",
        names.join(", ")
    )))
}

/// Help on the argument that names eras and entries.
pub(crate) fn help_on_eras() -> String {
    format!(
        "Eras or entries, separated by commas [eras: {}; entries are named era/variant, such as ngram/kneser-ney]",
        ERAS.era_names().join(", ")
    )
}

/// Help on the argument that names an era or an entry to train.
pub(crate) fn help_on_entry() -> String {
    let trainable = ERAS.eras().filter(|era| era.main_entry().is_some());
    let names: Vec<&str> = trainable.map(Era::name).collect();
    format!(
        "The era [{}] or one of its entries, such as ngram/kneser-ney [entries: {}]",
        names.join(", "),
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
    }
}
