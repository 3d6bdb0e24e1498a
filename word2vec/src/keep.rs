//! The last good state: what is left of a training whose numbers stop being numbers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use corpus::Vocab;
use harness::Vectors;

use crate::error::Result;
use crate::formats;
use crate::matrix::Shared;
use crate::words::{LINE_END, Words};

/// In word2vec's binary format, so that it can be asked like any file of vectors.
const FILE: &str = "last-good.bin";
/// Time between two states.
const PAUSE: Duration = Duration::from_secs(10);

/// Writes the vectors down from time to time, while threads change them.
pub(crate) struct Keeper<'a> {
    path: Option<PathBuf>,
    words: &'a Words,
    vocab: &'a Vocab,
    /// When a state was last written, or training began.
    last: Instant,
    has_written: bool,
}

impl<'a> Keeper<'a> {
    /// Writes into a folder, if there is one.
    pub(crate) fn new(folder: Option<&Path>, words: &'a Words, vocab: &'a Vocab) -> Keeper<'a> {
        Keeper {
            path: folder.map(|folder| folder.join(FILE)),
            words,
            vocab,
            last: Instant::now(),
            has_written: false,
        }
    }

    /// Writes the vectors if it is time, and if they are sound.
    pub(crate) fn keep(&mut self, inputs: Shared<'_>) -> Result<()> {
        let Some(path) = self.path.as_deref() else {
            return Ok(());
        };
        if self.last.elapsed() < PAUSE {
            return Ok(());
        }
        let with_vectors = LINE_END + 1..self.words.len() as u32;
        let values: Vec<f32> = with_vectors
            .clone()
            .flat_map(|row| inputs.read(row))
            .collect();
        let names = with_vectors.map(|word| self.words.name(word, self.vocab));
        let dimension = values.len() / names.len().max(1);
        // Vectors that are not finite are refused: then the state before stays.
        if let Ok(vectors) = Vectors::new(names.collect(), dimension, values) {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder).map_err(harness::Error::io("create", folder))?;
            formats::write_binary(&vectors, path)?;
            self.has_written = true;
        }
        self.last = Instant::now();
        Ok(())
    }

    /// Where the last good state is, in words.
    pub(crate) fn kept(&self) -> String {
        match &self.path {
            Some(path) if self.has_written => {
                format!(
                    "the vectors of a while before are kept in {}",
                    path.display()
                )
            }
            _ => "it happened too early for anything to be kept".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    #[test]
    fn sound_vectors_are_kept_and_unsound_ones_do_not_replace_them() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..11).map(|word| format!("w{word}")).collect();
        let vocab =
            Vocab::new(std::iter::once("<eos>").chain(names.iter().map(String::as_str))).unwrap();
        let words = Words::of_counts(&[vec![5], vec![9; 11]].concat(), 0, 1).unwrap();
        let mut keeper = Keeper::new(Some(folder.path()), &words, &vocab);
        let mut matrix = Matrix::zeros(12, 3);
        matrix.row_mut(11).fill(2.5);
        keeper.keep(matrix.share()).unwrap();
        assert!(!keeper.has_written, "it is too early");
        for (last, value) in [(1.5, 1.5), (1.5, f32::NAN)] {
            matrix.row_mut(1)[2] = value;
            keeper.last = Instant::now() - PAUSE;
            keeper.keep(matrix.share()).unwrap();
            let vectors = formats::read(&folder.path().join(FILE)).unwrap();
            assert_eq!(vectors.vector("w0"), Some(&[0.0, 0.0, last][..]));
            assert_eq!(vectors.vector("w10"), Some(&[2.5; 3][..]));
        }
        assert!(keeper.kept().contains(FILE));
    }
}
