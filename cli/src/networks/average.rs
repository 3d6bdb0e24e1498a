//! `eras average`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use harness::ModelCard;
use neural::weights;

use super::args::AverageOptions;
use crate::output::{must_be_new, say, usage};
use crate::unfinished::Unfinished;

const WEIGHTS: &str = "weights.safetensors";

pub(crate) fn run(options: AverageOptions) -> anyhow::Result<()> {
    must_be_new(&options.out)?;
    let mut cards = Vec::new();
    for folder in &options.models {
        let card = ModelCard::open(folder)
            .with_context(|| format!("{} is not a model", folder.display()))?;
        if !folder.join(WEIGHTS).is_file() {
            return Err(usage(format!(
                "{}: a model of {}/{}; only the weights of networks can be averaged",
                folder.display(),
                card.era,
                card.variant
            )));
        }
        cards.push(card);
    }
    let is_kin = |card: &ModelCard| {
        let of = |card: &ModelCard| {
            let name = (card.era.clone(), card.variant.clone());
            (name, card.vocab_checksum.clone())
        };
        of(card) == of(&cards[0])
    };
    if let Some((_, folder)) = cards
        .iter()
        .zip(&options.models)
        .find(|(card, _)| !is_kin(card))
    {
        return Err(usage(format!(
            "{}: differs from {} in entry or vocabulary; only models that share both can be averaged",
            folder.display(),
            options.models[0].display()
        )));
    }
    let files = cards.iter().zip(&options.models);
    let files: Vec<PathBuf> = files
        .map(|(card, folder)| card.file(folder, WEIGHTS))
        .collect::<Result<_, _>>()?;
    let average = weights::average(&files)?;
    let unfinished = Unfinished::beside(&options.out);
    copy(&options.models[0], &unfinished.0)?;
    weights::save(&unfinished.0.join(WEIGHTS), &average)?;
    cards.swap_remove(0).write(&unfinished.0)?;
    unfinished.rename(&options.out)?;
    say(&format!(
        "model: {} (the average of {})",
        options.out.display(),
        options.models.len()
    ))
}

/// Copies a folder and its subfolders.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let read = || format!("cannot read {}", from.display());
    for entry in fs::read_dir(from).with_context(read)? {
        let path = entry.with_context(read)?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        match path.is_dir() {
            true => copy(&path, &target)?,
            false => {
                fs::copy(&path, &target)
                    .with_context(|| format!("cannot copy {}", path.display()))?;
            }
        }
    }
    Ok(())
}
