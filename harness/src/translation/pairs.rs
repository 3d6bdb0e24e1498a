//! Sentence pairs of a prepared corpus, as text.

use std::io::BufReader;

use corpus::{Case, Corpus, Lines, OnInvalid, Split, TokenizerKind};

use super::bleu::{BleuCase, BleuSettings, BleuTokenizer};
use super::judge::SentencePair;
use crate::error::{Error, Result};

impl SentencePair {
    /// The pairs of a split of two corpora, as [`Corpus::pairs`] gives them, in the case of each.
    ///
    /// # Errors
    /// [`Error::Corpus`] if there is no such split, [`Error::Corrupt`] if the sides are not of one length.
    pub fn of(source: &Corpus, target: &Corpus, split: Split) -> Result<Vec<SentencePair>> {
        let (sources, targets) = (lines(source, split)?, lines(target, split)?);
        if sources.len() != targets.len() {
            let what = format!(
                "{} sources and {} targets in {split}; prepare the corpus again",
                sources.len(),
                targets.len()
            );
            return Err(Error::corrupt(source.folder(), what));
        }
        let pair = |(source, target)| SentencePair { source, target };
        Ok(sources.into_iter().zip(targets).map(pair).collect())
    }
}

fn lines(side: &Corpus, split: Split) -> Result<Vec<String>> {
    let place = format!("{} ({split})", side.folder().display());
    let text = BufReader::new(side.text(split)?);
    let mut lines = Lines::new(Box::new(text), place, OnInvalid::Refuse);
    let case = BleuSettings::of(side).case;
    let mut all = Vec::new();
    while let Some(line) = lines.next_line()? {
        all.push(case.apply(line).into_owned());
    }
    Ok(all)
}

impl BleuSettings {
    /// How translations into this side of a corpus are compared: words of text that was cut beforehand are taken as they
    /// are, other text is cut by 13a.
    pub fn of(target: &Corpus) -> BleuSettings {
        let settings = &target.record.settings;
        BleuSettings {
            tokenizer: match settings.tokens {
                TokenizerKind::Whitespace => BleuTokenizer::None,
                _ => BleuTokenizer::V13a,
            },
            case: match settings.case {
                Case::Lower => BleuCase::LowerCase,
                Case::Keep => BleuCase::Cased,
            },
        }
    }
}
