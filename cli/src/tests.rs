//! The tests given on the command line: minimal pairs and tests of word vectors.

use std::path::{Path, PathBuf};

use anyhow::Context;
use corpus::{MinimalPair, Source, read_minimal_pairs};
use harness::WordTest;

/// Reads minimal pairs where a source is given.
pub(crate) fn minimal_pairs(source: Option<&Path>) -> anyhow::Result<Option<Vec<MinimalPair>>> {
    let read = |path: &Path| {
        let source =
            Source::find(path).with_context(|| format!("--minimal-pairs {}", path.display()))?;
        Ok(read_minimal_pairs(&source)?)
    };
    source.map(read).transpose()
}

/// Reads tests of word vectors.
pub(crate) fn word_tests(files: &[PathBuf]) -> anyhow::Result<Vec<WordTest>> {
    let read = |file: &PathBuf| {
        WordTest::read(file).with_context(|| format!("--word-tests {}", file.display()))
    };
    files.iter().map(read).collect()
}
