//! The cost of training an entry.

use std::fs;

use crate::machine::{peak_memory, reset_peak_memory};
use crate::model_folder::ModelCard;
use crate::records::Cost;
use crate::run::EntryFolder;
use crate::training::CurvePoint;

/// The results of training besides the model.
#[derive(Debug, Clone, Default)]
pub struct Trained {
    /// The learning curve.
    pub curve: Vec<CurvePoint>,
    /// Bytes that were resident when training began: the program, the corpus, and memory that libraries keep. None for a model that
    /// was already trained, since its memory use is not known.
    pub memory_before: Option<u64>,
}

impl Trained {
    /// A training that begins now, with memory measured from here.
    pub fn begin() -> Trained {
        reset_peak_memory();
        Trained {
            curve: Vec::new(),
            memory_before: peak_memory(),
        }
    }

    /// The cost of training; evaluation is added later. A model without a learning curve was not trained.
    pub fn cost(&self, card: &ModelCard, folder: &EntryFolder) -> Cost {
        let last = self.curve.last();
        let files = card.files.iter().map(|file| file.bytes).sum::<u64>();
        let card_bytes =
            fs::metadata(folder.model().join("model.toml")).map_or(0, |about| about.len());
        let memory = peak_memory().zip(self.memory_before);
        Cost {
            training_seconds: last.map_or(0.0, |point| point.seconds),
            evaluation_seconds: 0.0,
            scoring_seconds: 0.0,
            peak_memory_bytes: memory.map(|(peak, before)| peak.saturating_sub(before)),
            model_bytes: files + card_bytes,
            parameters: card.parameters,
            training_tokens: last.map_or(0, |point| point.tokens),
            training_flops: last.map_or(0.0, |point| point.flops),
        }
    }
}
