//! Opens models for commands; a model that a command cannot use is refused with the command that can.

use std::path::Path;

use anyhow::Context;
use corpus::Codec;
use eras_list::ERAS;
use harness::{Model, ModelCard, Opened, TextModel, Vectors};

use crate::output::{complain, usage};

/// Opens a model of any era.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Opened> {
    open_card(folder)?;
    Ok(ERAS.open(folder)?)
}

/// What a model's folder says about it.
pub(crate) fn open_card(folder: &Path) -> anyhow::Result<ModelCard> {
    let card = ModelCard::open(folder);
    match folder.join("model.toml").exists() {
        true => Ok(card?),
        false => card.with_context(|| {
            format!(
                "{} is not a model (models are in the folders given to `eras train --out`; those of a run are named \
                 RUN/ERA/VARIANT, for instance RUN/ngram/kneser-ney)",
                folder.display()
            )
        }),
    }
}

/// Opens a language model.
pub(crate) fn open_text(folder: &Path) -> anyhow::Result<(ModelCard, TextModel)> {
    let Opened { card, model, .. } = open(folder)?;
    match model {
        Model::Text(text) => Ok((card, text)),
        other => Err(wrong_kind(folder, &card, &other, "a language model")),
    }
}

/// Opens word vectors: a model's folder, or a file in the format of word2vec, GloVe or fastText. What is odd about them is said on
/// standard error.
pub(crate) fn open_vectors(path: &Path) -> anyhow::Result<Vectors> {
    // A pipe is read as a file.
    if path.exists() && !path.is_dir() {
        let file = word2vec::formats::read(path)?;
        for note in file.notes {
            complain(&format!("note: {}: {note}", path.display()));
        }
        return Ok(file.vectors);
    }
    let Opened { card, model, .. } = open(path)?;
    match model {
        Model::Vectors(vectors) => Ok(*vectors),
        Model::Text(text) if card.label() == language_model_of_vectors() => {
            complain(&format!(
                "note: the vectors of {}, a language model of the two preceding words; a run with --word-tests, and eras train \
                 word2vec, train vectors of the words around a word",
                card.label()
            ));
            let model = word2vec::CbowLm::open(path)?;
            Ok(model.vectors(text.codec.vocab())?)
        }
        other => Err(wrong_kind(path, &card, &other, "word vectors")),
    }
}

/// The one language model that consists of word vectors.
fn language_model_of_vectors() -> String {
    format!("{}/{}", word2vec::ERA, word2vec::LM_VARIANT)
}

/// Opens an n-gram model, for commands that only n-grams have.
pub(crate) fn open_ngrams(folder: &Path) -> anyhow::Result<(ngram::Model, Codec)> {
    let card = open_card(folder)?;
    require_era(folder, &card, ngram::ERA)?;
    Ok((ngram::Model::open(folder)?, card.codec(folder)?))
}

/// Refuses a model of another era.
pub(crate) fn require_era(folder: &Path, card: &ModelCard, era: &str) -> anyhow::Result<()> {
    match card.era == era {
        true => Ok(()),
        false => Err(usage(format!(
            "{}: a model of {}, but this command needs a model of {era}",
            folder.display(),
            card.era
        ))),
    }
}

/// The refusal of a model that cannot do what a command needs, with the command that it can be used with.
pub(crate) fn wrong_kind(
    folder: &Path,
    card: &ModelCard,
    model: &Model,
    needed: &str,
) -> anyhow::Error {
    let (kind, command) = match model {
        Model::Text(_) => ("a language model", "`eras generate` or `eras evaluate`"),
        Model::Translator(_) => ("a translator", "`eras translate`"),
        Model::Responder(_) => ("a dialogue model", "`eras chat`"),
        Model::Vectors(_) => ("word vectors", "`eras words`"),
    };
    usage(format!(
        "{}: {}/{} is {kind}, but this command needs {needed}; use it with {command}",
        folder.display(),
        card.era,
        card.variant
    ))
}
