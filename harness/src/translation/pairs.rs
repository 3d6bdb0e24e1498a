//! Sentence pairs of a prepared corpus, as text.

use corpus::{Case, Corpus, Split, TokenizerKind};

use super::bleu::{BleuCase, BleuSettings, BleuTokenizer};
use super::judge::SentencePair;
use crate::error::{Error, Result};
use crate::lines::lines;

impl SentencePair {
    /// The pairs of a split of two corpora, as [`Corpus::pairs`] gives them, in the case of each.
    ///
    /// # Errors
    /// [`Error::Corpus`] if there is no such split, [`Error::Corrupt`] if the sides are not of one length.
    pub fn of(source: &Corpus, target: &Corpus, split: Split) -> Result<Vec<SentencePair>> {
        let (sources, targets) = (cased_lines(source, split)?, cased_lines(target, split)?);
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

/// In the case that translations into this side are compared in.
fn cased_lines(side: &Corpus, split: Split) -> Result<Vec<String>> {
    let case = BleuSettings::of(side).case;
    let all = lines(side, split)?;
    Ok(all
        .iter()
        .map(|line| case.apply(line).into_owned())
        .collect())
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
