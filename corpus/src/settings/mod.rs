//! Settings of corpus preparation.

mod advice;
mod content;
mod pretrained;
mod tokens;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::split::SplitRule;

pub use advice::Writing;
pub use content::{DocumentRule, Kind};
pub use pretrained::PretrainedTokenizer;
pub use tokens::{Case, TokenizerKind};

/// How to prepare a corpus. The defaults suit raw text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The tokenizer.
    pub tokens: TokenizerKind,
    /// The existing tokenizer of [`TokenizerKind::Pretrained`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pretrained: Option<PretrainedTokenizer>,
    /// Whether text is lowercased.
    pub case: Case,
    /// Maximum size of the predicted vocabulary, `<eos>` and `<unk>` included; `None` keeps all types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vocab: Option<usize>,
    /// Minimum number of occurrences in `train` of a token in the vocabulary.
    pub min_count: u64,
    /// How the text is split.
    pub split: SplitRule,
    /// Seed of a random split.
    pub seed: u64,
    /// Where documents begin.
    pub documents: DocumentRule,
    /// What the source holds.
    pub kind: Kind,
    /// Source and target language of pairs, by the names of files, columns or units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<(String, String)>,
    /// Whether to swap the two sides of pairs.
    pub swap: bool,
    /// Whether to replace invalid UTF-8 and NUL bytes with U+FFFD; otherwise they are errors.
    pub lossy: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            tokens: TokenizerKind::Words,
            pretrained: None,
            case: Case::Keep,
            vocab: None,
            min_count: 1,
            split: SplitRule::Auto,
            seed: 1,
            documents: DocumentRule::Auto,
            kind: Kind::Auto,
            languages: None,
            swap: false,
            lossy: false,
        }
    }
}

impl Settings {
    /// The name of the tokenizer: its kind, or that of the existing one.
    pub fn tokenizer_name(&self) -> String {
        match &self.pretrained {
            Some(tokenizer) => tokenizer.name.clone(),
            None => self.tokens.to_string(),
        }
    }

    /// Checks that every value is within its bounds.
    ///
    /// # Errors
    /// [`Error::Setting`] with the field, its value and the bound.
    pub fn validate(&self) -> Result<()> {
        let refuse = |field, value: String, bound: &str| {
            Err(Error::Setting {
                field,
                value,
                bound: bound.to_owned(),
            })
        };
        let (kind, min_count) = (self.tokens, self.min_count);
        if (kind == TokenizerKind::Pretrained) != self.pretrained.is_some() {
            let bound = "`pretrained` must name a tokenizer if and only if tokens = pretrained";
            return refuse("tokens", kind.to_string(), bound);
        }
        match self.vocab {
            Some(vocab) if kind.is_closed() => {
                let bound = format!("{kind} has a fixed vocabulary, which cannot be limited");
                return refuse("vocab", vocab.to_string(), &bound);
            }
            Some(vocab) if vocab < 3 => {
                let bound = "must be at least 3: <eos>, <unk> and one word";
                return refuse("vocab", vocab.to_string(), bound);
            }
            _ => {}
        }
        match min_count {
            0 => refuse("min_count", "0".to_owned(), "must be at least 1"),
            2.. if kind.is_closed() => {
                let bound =
                    "bytes and subwords have a fixed vocabulary, so a minimum count does not apply";
                refuse("min_count", min_count.to_string(), bound)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_out_of_bounds_are_rejected() {
        let with = |tokens, vocab, min_count| Settings {
            tokens,
            vocab,
            min_count,
            ..Settings::default()
        };
        let words = TokenizerKind::Words;
        let error = with(words, Some(0), 1).validate().unwrap_err();
        assert!(error.to_string().contains("vocab = 0"), "{error}");
        assert!(with(words, None, 0).validate().is_err());
        let bytes = TokenizerKind::Bytes;
        assert!(with(bytes, Some(100), 1).validate().is_err());
        assert!(with(words, Some(3), 1).validate().is_ok());
    }
}
