//! Trained models from their folders.

use std::path::Path;

use corpus::{Codec, Vocab, sha256_of};
use harness::{Baseline, ModelCard, Vectors};
use village::{Oracle, Village};

use super::{BASELINES, Model, ORACLE, responders, translators};
use crate::output::usage;

fn open_oracle(card: &ModelCard, vocab: &Vocab) -> anyhow::Result<Oracle> {
    let generator: corpus::Generator = card.config.clone().try_into()?;
    Ok(Oracle::new(Village::of_generator(&generator)?, vocab)?)
}

/// A trained model, with what it needs to read and write text.
pub(crate) struct Opened {
    pub(crate) card: ModelCard,
    pub(crate) codec: Codec,
    pub(crate) model: Model,
}

/// What every model has; its vocabulary must be the one that it was trained with.
fn open_card(folder: &Path) -> anyhow::Result<(ModelCard, Codec)> {
    let card = match ModelCard::open(folder) {
        Err(error) if !folder.join("model.toml").exists() => {
            let place = "models lie where `eras train --out` put them, and in runs in <era>/<variant>/<track>/model";
            return Err(anyhow::Error::from(error)
                .context(format!("{} is no model ({place})", folder.display())));
        }
        card => card?,
    };
    let codec = Codec::open(folder)?;
    if sha256_of(codec.vocab().to_text().as_bytes()) != card.vocab_checksum
        || codec.vocab().len() != card.vocab_size
    {
        anyhow::bail!(
            "{}: not the vocabulary that the model was trained with; train it again",
            folder.join("vocab.txt").display()
        );
    }
    Ok((card, codec))
}

/// Opens a trained model of any era.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Opened> {
    if ModelCard::open(folder).is_ok_and(|card| translators::is_translator(&card)) {
        return Err(usage(format!(
            "{}: a translator predicts no text by itself; ask it with `eras translate`",
            folder.display()
        )));
    }
    if ModelCard::open(folder).is_ok_and(|card| responders::is_responder(&card)) {
        return Err(usage(format!(
            "{}: it replies, but predicts no text by itself; talk to it with `eras chat`",
            folder.display()
        )));
    }
    let (card, codec) = open_card(folder)?;
    let model: Model = match card.era.as_str() {
        BASELINES => Box::new(Baseline::open(folder, card.vocab_size)?),
        ngram::ERA => Box::new(ngram::Model::open(folder)?),
        word2vec::ERA if card.variant == word2vec::LM_VARIANT => {
            Box::new(word2vec::CbowLm::open(folder)?)
        }
        word2vec::ERA => {
            return Err(usage(format!(
                "{}: word vectors predict no text; ask them with `eras words`",
                folder.display()
            )));
        }
        #[cfg(feature = "neural")]
        seq2seq::ERA if card.variant == seq2seq::LM_VARIANT => Box::new(seq2seq::Lm::open(folder)?),
        #[cfg(feature = "neural")]
        chatbot::ERA => Box::new(chatbot::Lm::open(folder)?),
        #[cfg(feature = "neural")]
        transformer::ERA => Box::new(transformer::Lm::open(folder)?),
        ORACLE => Box::new(open_oracle(&card, codec.vocab())?),
        other => anyhow::bail!("{}: this program has no era {other}", folder.display()),
    };
    Ok(Opened { card, codec, model })
}

/// Opens a model of n-grams, for what only they can do.
pub(crate) fn open_ngrams(folder: &Path) -> anyhow::Result<(ngram::Model, Codec)> {
    let codec = open_card_of(ngram::ERA, folder)?;
    Ok((ngram::Model::open(folder)?, codec))
}

/// Opens a decoder, for what only it can show.
#[cfg(feature = "neural")]
pub(crate) fn open_decoder(folder: &Path) -> anyhow::Result<(transformer::Lm, Codec)> {
    let codec = open_card_of(transformer::ERA, folder)?;
    Ok((transformer::Lm::open(folder)?, codec))
}

/// What a model of this era reads and writes text with; models of others are refused.
fn open_card_of(era: &str, folder: &Path) -> anyhow::Result<Codec> {
    let (card, codec) = open_card(folder)?;
    match card.era == era {
        true => Ok(codec),
        false => Err(usage(format!(
            "{}: a model of {}; this needs one of {era}",
            folder.display(),
            card.era
        ))),
    }
}

/// Opens word vectors: a model's folder, or a file of word2vec's formats.
pub(crate) fn open_vectors(path: &Path) -> anyhow::Result<Vectors> {
    match path.is_file() {
        true => Ok(word2vec::formats::read(path)?),
        false => Ok(open_words(path)?.1),
    }
}

/// Opens a trained model of word vectors.
pub(crate) fn open_words(path: &Path) -> anyhow::Result<(ModelCard, Vectors)> {
    let (card, _) = open_card(path)?;
    match card.era == word2vec::ERA && card.variant != word2vec::LM_VARIANT {
        true => Ok((card, word2vec::Model::open(path)?.into_vectors())),
        false => Err(usage(format!(
            "{}: a model of {}/{}; this needs one of word vectors, as `eras train word2vec` makes it",
            path.display(),
            card.era,
            card.variant
        ))),
    }
}
