//! The trained model.

use std::path::Path;

use corpus::Vocab;
use harness::{MODEL_FORMAT, ModelCard, Vectors};

use crate::ERA;
use crate::config::Config;
use crate::error::Result;
use crate::formats;
use crate::matrix::Matrix;
use crate::word_vocab::{LINE_END, WordVocab};

/// A trained model: one vector per word, in order of decreasing frequency.
#[derive(Debug)]
pub struct Model {
    config: Config,
    vectors: Vectors,
}

/// The file name; the format is word2vec's binary format, which other programs can read.
const VECTORS: &str = "vectors.bin";

impl Model {
    pub(crate) fn new(
        config: Config,
        words: &WordVocab,
        inputs: &Matrix,
        vocab: &Vocab,
    ) -> Result<Model> {
        let with_vectors = LINE_END as usize + 1..words.len();
        let names = with_vectors
            .clone()
            .map(|word| words.name(word as u32, vocab))
            .collect();
        let values = with_vectors
            .flat_map(|word| inputs.row(word))
            .copied()
            .collect();
        let vectors = Vectors::new(names, config.dimension, values)?;
        Ok(Model { config, vectors })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The vectors.
    pub fn vectors(&self) -> &Vectors {
        &self.vectors
    }

    /// Discards everything but the vectors.
    pub fn into_vectors(self) -> Vectors {
        self.vectors
    }

    /// Saves the model in a folder.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if writing fails.
    pub fn save(&self, folder: &Path, vocab_checksum: &str, vocab_size: usize) -> Result<()> {
        formats::write_binary(&self.vectors, &folder.join(VECTORS))?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: self.config.variant().to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size,
            parameters: (self.vectors.len() * self.vectors.dimension()) as u64,
            config: toml::Table::try_from(&self.config).map_err(corrupt)?,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a saved model.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing, truncated or contradicts another, [`harness::Error::Setting`] if a setting
    /// is out of bounds.
    pub fn open(folder: &Path) -> Result<Model> {
        let card = ModelCard::open(folder)?;
        let path = folder.join("model.toml");
        let corrupt = |what: String| harness::Error::corrupt(&path, what);
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let file = card.file(folder, VECTORS)?;
        let formats::VectorFile { vectors, notes } = formats::read(&file)?;
        // Files of other programs may be odd; this one is damaged then.
        if let Some(note) = notes.into_iter().next() {
            return Err(harness::Error::corrupt(&file, note).into());
        }
        if vectors.dimension() != config.dimension {
            let what = format!("it does not fit {VECTORS}; train the model again");
            return Err(corrupt(what).into());
        }
        Ok(Model { config, vectors })
    }
}
