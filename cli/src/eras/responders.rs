//! Those among the eras' models that take part in conversations.

use std::path::Path;

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{
    ConversationProtocol, Dialogue, FixedReply, ModelCard, Predicting, Responder, Retrieval,
    Sampling, TURNS_SHOWN, Training,
};
use village::{Village, VillageJudge};

use super::train::write_card;
use super::{BASELINES, Config, Entry, FIXED_REPLY, ORACLE, Opened, RETRIEVAL, open};
use crate::output::usage;

/// Whether a model can do nothing but reply.
pub(crate) fn is_responder(card: &ModelCard) -> bool {
    is_chatbot(card)
        || card.era == BASELINES && [FIXED_REPLY, RETRIEVAL].contains(&card.variant.as_str())
}

#[cfg(feature = "neural")]
fn is_chatbot(card: &ModelCard) -> bool {
    card.era == chatbot::ERA && card.variant == chatbot::VARIANT
}

#[cfg(not(feature = "neural"))]
fn is_chatbot(_: &ModelCard) -> bool {
    false
}

/// Trains those that only reply, and leaves the model in `folder`.
pub(super) fn train(
    entry: Entry,
    config: &Config,
    corpus: &Corpus,
    training: &mut Training<'_>,
    folder: &Path,
) -> anyhow::Result<()> {
    if !corpus.has_dialogues() {
        return Err(usage(format!(
            "{}: has no conversations, which {} learns from; on plain text train chatbot/lines",
            corpus.name(),
            entry.id().label()
        )));
    }
    match (entry, config) {
        #[cfg(feature = "neural")]
        (_, Config::Chatbot(config)) => config.train(corpus, training)?.save(folder)?,
        _ => {
            let _ = training;
            let mut contexts = 0;
            if entry == Entry::Retrieval {
                let dialogues = Dialogue::of(corpus, Split::Train)?;
                let retrieval = Retrieval::new(dialogues, TURNS_SHOWN);
                contexts = retrieval.len();
                retrieval.save(folder)?;
            }
            write_card(entry, corpus, contexts, toml::Table::new(), folder)?;
        }
    }
    Ok(())
}

/// Opens a model of any era that can reply: language models go on with the conversation as with a text.
pub(crate) fn open_responder(folder: &Path) -> anyhow::Result<(ModelCard, Box<dyn Responder>)> {
    let card =
        ModelCard::open(folder).with_context(|| format!("{} is no model", folder.display()))?;
    let responder: Box<dyn Responder> = match (card.era.as_str(), card.variant.as_str()) {
        #[cfg(feature = "neural")]
        (chatbot::ERA, chatbot::VARIANT) => Box::new(chatbot::Chatbot::open(folder)?),
        (BASELINES, FIXED_REPLY) => Box::new(FixedReply::default()),
        (BASELINES, RETRIEVAL) => Box::new(Retrieval::open(folder, TURNS_SHOWN)?),
        _ => {
            let Opened { codec, model, .. } = open(folder)?;
            let how = Sampling {
                temperature: 0.0,
                ..Sampling::default()
            };
            Box::new(Predicting { model, codec, how })
        }
    };
    Ok((card, responder))
}

/// What conversations are judged by.
pub(crate) struct Talks {
    pub(crate) dialogues: Vec<Dialogue>,
    judge: Option<VillageJudge>,
}

impl Talks {
    /// The conversations of a split, and who knows whether a reply makes sense, where the corpus has such.
    pub(crate) fn of(corpus: &Corpus, split: Split) -> anyhow::Result<Talks> {
        let judge = match corpus.record.generator {
            Some(_) => Some(VillageJudge::new(Village::of(corpus)?)),
            None => None,
        };
        Ok(Talks {
            dialogues: Dialogue::of(corpus, split)?,
            judge,
        })
    }

    /// How a model is judged by them: an oracle sees everything, all others so many of the last turns.
    pub(crate) fn protocol(&self, card: &ModelCard, turns: usize) -> ConversationProtocol<'_> {
        let own = ConversationProtocol {
            turns: Some(turns),
            judge: self.judge.as_ref().map(|judge| judge as _),
            ..ConversationProtocol::default()
        };
        match card.era == ORACLE {
            true => ConversationProtocol {
                turns: None,
                by_turns: Vec::new(),
                ..own
            },
            false => own,
        }
    }
}

/// Opens a chatbot, for what only it can do; none for a model of another kind.
#[cfg(feature = "neural")]
pub(crate) fn open_chatbot(folder: &Path) -> anyhow::Result<Option<chatbot::Chatbot>> {
    let card =
        ModelCard::open(folder).with_context(|| format!("{} is no model", folder.display()))?;
    Ok(match is_chatbot(&card) {
        true => Some(chatbot::Chatbot::open(folder)?),
        false => None,
    })
}
