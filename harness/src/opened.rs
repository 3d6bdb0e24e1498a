//! A trained model of any era, as the program gets it from its folder.

use crate::conversation::Predicting;
use crate::era::{Entry, EraRole};
use crate::model::{Responder, Translator};
use crate::model_folder::ModelCard;
use crate::sampling::Sampling;
use crate::text_model::TextModel;
use crate::vectors::Vectors;

/// A trained model with what is known about it.
#[derive(Debug)]
pub struct Opened {
    /// What its folder says about it.
    pub card: ModelCard,
    /// The entry that has trained it.
    pub entry: &'static dyn Entry,
    /// What its era is in a comparison.
    pub role: EraRole,
    /// The model.
    pub model: Model,
}

/// A trained model by what it can be asked.
pub enum Model {
    /// Predicts text.
    Text(TextModel),
    /// Translates.
    Translator(Box<dyn Translator>),
    /// Replies, and does nothing else.
    Responder(Box<dyn Responder>),
    /// Word vectors.
    Vectors(Box<Vectors>),
}

impl Model {
    /// What it can be asked, as a noun.
    pub fn kind(&self) -> &'static str {
        match self {
            Model::Text(_) => "language model",
            Model::Translator(_) => "translator",
            Model::Responder(_) => "dialogue model",
            Model::Vectors(_) => "word vectors",
        }
    }

    /// A model that replies: a dialogue model, or a language model that continues the dialogue greedily, as a text. None for
    /// others.
    pub fn into_responder(self) -> Option<Box<dyn Responder>> {
        match self {
            Model::Responder(responder) => Some(responder),
            Model::Text(text) => Some(Box::new(Predicting {
                model: text.model,
                codec: text.codec,
                how: Sampling {
                    temperature: 0.0,
                    ..Sampling::default()
                },
            })),
            Model::Translator(_) | Model::Vectors(_) => None,
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
