//! Opens neural models for the commands that only networks have.

use std::path::{Path, PathBuf};

use eras_list::ERAS;
use harness::{Model, ModelCard, Opened, Responder, Track, Translator};

use crate::models::{self, require_era, wrong_kind};
use crate::output::usage;

/// The card of a model, and the track of its entry.
fn card_and_track(folder: &Path) -> anyhow::Result<(ModelCard, Option<Track>)> {
    let card = models::open_card(folder)?;
    let known = ERAS.entry_of_card(&card);
    Ok((card, known.map(|(_, entry)| entry.id().track)))
}

/// A short name of a model: the entry's if it is that of a run, `<era>/<variant>/<track>/model`, else that of its folder.
pub(super) fn name_of(folder: &Path) -> String {
    let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
    match &parts[..] {
        [.., era, variant, track, model] if model == "model" && track.parse::<Track>().is_ok() => {
            format!("{era}/{variant}")
        }
        [.., name] => name.to_string(),
        [] => String::new(),
    }
}

/// Whether a model translates.
pub(super) fn is_translator(folder: &Path) -> anyhow::Result<bool> {
    Ok(card_and_track(folder)?.1 == Some(Track::Translation))
}

/// Opens a translator.
pub(super) fn open_translator(folder: &Path) -> anyhow::Result<(ModelCard, Box<dyn Translator>)> {
    let Opened { card, model, .. } = models::open(folder)?;
    match model {
        Model::Translator(translator) => Ok((card, translator)),
        other => Err(wrong_kind(folder, &card, &other, "a translator")),
    }
}

/// Opens a dialogue model, or a language model that continues dialogues as text.
pub(super) fn open_responder(folder: &Path) -> anyhow::Result<Box<dyn Responder>> {
    let Opened { card, model, .. } = models::open(folder)?;
    let refusal = wrong_kind(
        folder,
        &card,
        &model,
        "a dialogue model or a language model",
    );
    model.into_responder().ok_or(refusal)
}

/// The card of a neural translator.
fn translator_card(folder: &Path) -> anyhow::Result<ModelCard> {
    let (card, track) = card_and_track(folder)?;
    let is_network = [seq2seq::ERA, transformer::ERA].contains(&&card.era[..]);
    match is_network && track == Some(Track::Translation) {
        true => Ok(card),
        false => Err(usage(format!(
            "{}: a model of {}, but this command needs a neural translator, for instance from `eras train seq2seq`",
            folder.display(),
            card.label()
        ))),
    }
}

/// Opens neural translators of one era as an ensemble.
pub(super) fn open_ensemble(
    folders: &[PathBuf],
    beam: impl FnOnce(neural::BeamConfig) -> neural::BeamConfig,
) -> anyhow::Result<Box<dyn neural::NBest>> {
    let mut eras = Vec::new();
    for folder in folders {
        eras.push(translator_card(folder)?.era);
    }
    if let Some((other, folder)) = eras.iter().zip(folders).find(|(era, _)| **era != eras[0]) {
        return Err(usage(format!(
            "{}: a model of {other}, but {} is a model of {}; an ensemble needs models of one era",
            folder.display(),
            folders[0].display(),
            eras[0]
        )));
    }
    let is_transformer = eras.first().is_some_and(|era| era == transformer::ERA);
    Ok(match is_transformer {
        true => Box::new(transformer::Ensemble::open(folders, beam)?),
        false => Box::new(seq2seq::Ensemble::open(folders, beam)?),
    })
}

/// Opens a seq2seq translator, for its sentence vectors.
pub(super) fn open_seq2seq(folder: &Path) -> anyhow::Result<seq2seq::Translator> {
    require_era(folder, &translator_card(folder)?, seq2seq::ERA)?;
    Ok(seq2seq::Translator::open(folder)?)
}

/// Opens a translator of the Transformer, for its attention maps.
pub(super) fn open_transformer(folder: &Path) -> anyhow::Result<transformer::Translator> {
    require_era(folder, &translator_card(folder)?, transformer::ERA)?;
    Ok(transformer::Translator::open(folder)?)
}

/// Opens a decoder of the Transformer with its codec, for its attention maps.
pub(super) fn open_decoder(folder: &Path) -> anyhow::Result<(transformer::Lm, corpus::Codec)> {
    let (card, text) = models::open_text(folder)?;
    require_era(folder, &card, transformer::ERA)?;
    Ok((transformer::Lm::open(folder)?, text.codec))
}

/// Opens a chatbot; none for a model of another kind.
pub(super) fn open_chatbot(folder: &Path) -> anyhow::Result<Option<chatbot::Chatbot>> {
    let (card, track) = card_and_track(folder)?;
    match track == Some(Track::Conversation) && card.era == chatbot::ERA {
        true => Ok(Some(chatbot::Chatbot::open(folder)?)),
        false => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_named_after_its_entry_or_its_folder() {
        for (folder, name) in [
            (
                "runs/novel/ngram/kneser-ney/language-modelling/model",
                "ngram/kneser-ney",
            ),
            ("models/chatbot", "chatbot"),
            ("models/new/model", "model"),
            ("model", "model"),
        ] {
            assert_eq!(name_of(Path::new(folder)), name);
        }
    }
}
