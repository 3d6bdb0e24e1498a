//! A trained model of any era, by its kind.

use crate::conversation::LanguageModelResponder;
use crate::model::{Responder, Translator};
use crate::sampling::Sampling;
use crate::text_model::TextModel;
use crate::vectors::Vectors;

/// A trained model by its kind.
pub enum Model {
    /// Predicts text.
    Text(TextModel),
    /// Translates.
    Translator(Box<dyn Translator>),
    /// Replies only.
    Responder(Box<dyn Responder>),
    /// Word vectors.
    Vectors(Box<Vectors>),
}

impl Model {
    /// Its kind, as a noun.
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
            Model::Text(text) => Some(Box::new(LanguageModelResponder {
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
