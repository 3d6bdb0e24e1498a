//! The text of a split, line by line.

use std::io::BufReader;

use corpus::{Corpus, Lines, OnInvalid, Split};

use crate::error::Result;

/// The lines of a split, as they were read.
pub(crate) fn lines(corpus: &Corpus, split: Split) -> Result<Vec<String>> {
    let place = format!("{} ({split})", corpus.folder().display());
    let text = BufReader::new(corpus.text(split)?);
    let mut lines = Lines::new(Box::new(text), place, OnInvalid::Refuse);
    let mut all = Vec::new();
    while let Some(line) = lines.next_line()? {
        all.push(line.to_owned());
    }
    Ok(all)
}
