//! The tests given on the command line: minimal pairs and tests of word vectors.

use std::path::Path;

use anyhow::Context;
use corpus::{MinimalPair, Source, read_minimal_pairs};
use harness::WordTest;

/// Reads minimal pairs where a source is given.
pub(crate) fn minimal_pairs(source: Option<&str>) -> anyhow::Result<Option<Vec<MinimalPair>>> {
    let read = |name: &str| {
        let source = Source::find(name).with_context(|| format!("--minimal-pairs {name}"))?;
        Ok(read_minimal_pairs(&source)?)
    };
    source.map(read).transpose()
}

/// Reads tests of word vectors.
pub(crate) fn word_tests(files: &[String]) -> anyhow::Result<Vec<WordTest>> {
    let read = |file: &String| {
        WordTest::read(Path::new(file)).with_context(|| format!("--word-tests {file}"))
    };
    files.iter().map(read).collect()
}
