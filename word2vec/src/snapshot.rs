//! Snapshots of the vectors during training, which remain if training diverges.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use corpus::Vocab;
use harness::Vectors;

use crate::error::Result;
use crate::formats;
use crate::matrix::SharedMatrix;
use crate::word_vocab::{LINE_END, WordVocab};

/// The file name; the format is word2vec's binary format, which `eras words` reads.
const FILE: &str = "last-good.bin";
/// Minimum time between two snapshots.
const INTERVAL: Duration = Duration::from_secs(10);

/// Periodically saves the vectors while other threads update them.
pub(crate) struct SnapshotWriter<'a> {
    path: Option<PathBuf>,
    words: &'a WordVocab,
    vocab: &'a Vocab,
    /// The time of the last snapshot, or the start of training.
    last: Instant,
    has_written: bool,
}

impl<'a> SnapshotWriter<'a> {
    /// Saves snapshots in `folder`; without a folder it saves none.
    pub(crate) fn new(
        folder: Option<&Path>,
        words: &'a WordVocab,
        vocab: &'a Vocab,
    ) -> SnapshotWriter<'a> {
        SnapshotWriter {
            path: folder.map(|folder| folder.join(FILE)),
            words,
            vocab,
            last: Instant::now(),
            has_written: false,
        }
    }

    /// Saves a snapshot if the interval has passed and the vectors are finite.
    pub(crate) fn save_if_due(&mut self, inputs: SharedMatrix<'_>) -> Result<()> {
        let Some(path) = self.path.as_deref() else {
            return Ok(());
        };
        if self.last.elapsed() < INTERVAL {
            return Ok(());
        }
        let with_vectors = LINE_END + 1..self.words.len() as u32;
        let values: Vec<f32> = with_vectors
            .clone()
            .flat_map(|row| inputs.read_row(row))
            .collect();
        let names = with_vectors.map(|word| self.words.name(word, self.vocab));
        let dimension = values.len() / names.len().max(1);
        // `Vectors` rejects values that are not finite; then the last snapshot remains.
        if let Ok(vectors) = Vectors::new(names.collect(), dimension, values) {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder).map_err(harness::Error::io("create", folder))?;
            formats::write_binary(&vectors, path)?;
            self.has_written = true;
        }
        self.last = Instant::now();
        Ok(())
    }

    /// A description of the last snapshot for error messages.
    pub(crate) fn describe(&self) -> String {
        match &self.path {
            Some(path) if self.has_written => {
                format!(
                    "an earlier snapshot of the vectors is in {}",
                    path.display()
                )
            }
            _ => "no snapshot had been saved yet".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    #[test]
    fn finite_vectors_are_saved_and_others_do_not_replace_them() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..11).map(|word| format!("w{word}")).collect();
        let vocab =
            Vocab::new(std::iter::once("<eos>").chain(names.iter().map(String::as_str))).unwrap();
        let words = WordVocab::of_counts(&[vec![5], vec![9; 11]].concat(), 0, 1).unwrap();
        let mut snapshots = SnapshotWriter::new(Some(folder.path()), &words, &vocab);
        let mut matrix = Matrix::zeros(12, 3);
        matrix.row_mut(11).fill(2.5);
        snapshots.save_if_due(matrix.share()).unwrap();
        assert!(!snapshots.has_written, "it is too early");
        for (last, value) in [(1.5, 1.5), (1.5, f32::NAN)] {
            matrix.row_mut(1)[2] = value;
            snapshots.last = Instant::now() - INTERVAL;
            snapshots.save_if_due(matrix.share()).unwrap();
            let vectors = formats::read(&folder.path().join(FILE)).unwrap().vectors;
            assert_eq!(vectors.vector("w0"), Some(&[0.0, 0.0, last][..]));
            assert_eq!(vectors.vector("w10"), Some(&[2.5; 3][..]));
        }
        assert!(snapshots.describe().contains(FILE));
    }
}
