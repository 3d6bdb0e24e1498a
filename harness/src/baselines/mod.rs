//! Baselines of language modelling that ignore the context: uniform and unigram.

mod entries;

use std::path::Path;

use corpus::{TokenId, read_whole, write_atomically};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::{Generator, LanguageModel, Precision, check_ids};

pub use entries::Baselines;

/// A distribution that ignores the context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    log_probs: Vec<f64>,
}

impl Baseline {
    /// The model's only file.
    pub const FILE: &str = "log_probs.f64";

    /// Every word is equally probable.
    pub fn uniform(vocab_size: usize) -> Baseline {
        Baseline {
            log_probs: vec![-(vocab_size as f64).ln(); vocab_size],
        }
    }

    /// Relative frequencies in `train`; words that do not occur there get a count of one.
    pub fn unigram(counts: &[u64]) -> Baseline {
        let total: u64 = counts.iter().map(|&count| count.max(1)).sum();
        Baseline {
            log_probs: counts
                .iter()
                .map(|&count| (count.max(1) as f64 / total as f64).ln())
                .collect(),
        }
    }

    /// Writes the model's only file into a folder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, folder: &Path) -> Result<()> {
        let bytes: Vec<u8> = self
            .log_probs
            .iter()
            .flat_map(|log_prob| log_prob.to_le_bytes())
            .collect();
        Ok(write_atomically(&folder.join(Baseline::FILE), &bytes)?)
    }

    /// Reads the file that `save` wrote.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if it does not hold `vocab_size` log-probabilities.
    pub fn read(path: &Path, vocab_size: usize) -> Result<Baseline> {
        let bytes = read_whole(path).map_err(Error::io("read", path))?;
        let log_probs: Vec<f64> = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|&bytes| f64::from_le_bytes(bytes))
            .collect();
        let valid = log_probs.iter().all(|&log_prob| log_prob <= 0.0);
        if bytes.len() != 8 * vocab_size || !valid {
            return Err(Error::corrupt(
                path,
                format!("{vocab_size} log-probabilities are expected"),
            ));
        }
        Ok(Baseline { log_probs })
    }
}

impl LanguageModel for Baseline {
    fn vocab_size(&self) -> usize {
        self.log_probs.len()
    }

    fn precision(&self) -> Precision {
        Precision::Counts
    }

    fn score(&self, tokens: &[TokenId]) -> Result<Vec<f64>> {
        check_ids("baseline", self.log_probs.len(), tokens)?;
        Ok(tokens
            .iter()
            .map(|&token| self.log_probs[token as usize])
            .collect())
    }

    fn next(&self, _: &[TokenId]) -> Result<Vec<f64>> {
        Ok(self.log_probs.clone())
    }
}

impl Generator for Baseline {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::perplexity;

    #[test]
    fn uniform_has_the_perplexity_of_its_vocabulary() {
        let log_probs = Baseline::uniform(50).score(&[3, 7, 49]).unwrap();
        assert!((perplexity(log_probs.iter().sum(), 3) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn unigram_follows_the_counts() {
        let model = Baseline::unigram(&[6, 3, 0]);
        let expected = [0.6f64, 0.3, 0.1].map(f64::ln);
        assert_eq!(model.next(&[]).unwrap(), expected);
        assert!(
            model
                .score(&[3])
                .unwrap_err()
                .to_string()
                .contains("beyond its vocabulary")
        );
    }

    #[test]
    fn baselines_round_trip_through_their_file_and_invalid_files_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let model = Baseline::unigram(&[6, 3, 0]);
        model.save(folder.path()).unwrap();
        let path = folder.path().join(Baseline::FILE);
        assert_eq!(Baseline::read(&path, 3).unwrap(), model);
        assert!(matches!(
            Baseline::read(&path, 4),
            Err(Error::Corrupt { .. })
        ));
        std::fs::write(&path, f64::NAN.to_le_bytes()).unwrap();
        assert!(matches!(
            Baseline::read(&path, 1),
            Err(Error::Corrupt { .. })
        ));
    }
}
