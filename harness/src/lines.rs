//! The text of a split, line by line.

use std::io::BufReader;

use corpus::{Corpus, Lines, OnInvalid, Split};

use crate::error::Result;

/// The visible lines of a split, as they were read.
pub(crate) fn lines(corpus: &Corpus, split: Split) -> Result<Vec<String>> {
    let place = format!("{} ({split})", corpus.folder().display());
    let text = BufReader::new(corpus.text(split)?);
    let mut lines = Lines::new(Box::new(text), place, OnInvalid::Refuse);
    let visible = corpus.visible_lines(split)?;
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(line) = lines.next_line()? {
        if visible.contains(&at) {
            all.push(line.to_owned());
        }
        at += 1;
    }
    Ok(all)
}
