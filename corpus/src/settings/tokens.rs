//! Kinds of tokenizers, and lowercasing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Kind of tokenizer, written as `whitespace`, `words`, `bpe:8000`, `chars`, `bytes` or `pretrained`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TokenizerKind {
    /// Split on ASCII white space: for pre-tokenised text.
    Whitespace,
    /// Unicode word boundaries (UAX 29), and white space of every kind; punctuation marks are tokens.
    Words,
    /// Byte-level BPE trained on the training split, with this many predicted tokens.
    Bpe(usize),
    /// Unicode scalar values.
    Chars,
    /// Bytes of the UTF-8 encoding.
    Bytes,
    /// An existing tokenizer, with its own ids: see [`PretrainedTokenizer`](crate::PretrainedTokenizer).
    Pretrained,
}

impl TokenizerKind {
    /// Smallest vocabulary of a BPE: the 256 bytes, `<eos>`, and one merge.
    pub const FEWEST_SUBWORDS: usize = 258;

    /// Whether the vocabulary is fixed before the training split is counted.
    pub fn is_closed(self) -> bool {
        matches!(
            self,
            TokenizerKind::Bpe(_) | TokenizerKind::Bytes | TokenizerKind::Pretrained
        )
    }
}

impl fmt::Display for TokenizerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenizerKind::Whitespace => f.write_str("whitespace"),
            TokenizerKind::Words => f.write_str("words"),
            TokenizerKind::Bpe(size) => write!(f, "bpe:{size}"),
            TokenizerKind::Chars => f.write_str("chars"),
            TokenizerKind::Bytes => f.write_str("bytes"),
            TokenizerKind::Pretrained => f.write_str("pretrained"),
        }
    }
}

impl FromStr for TokenizerKind {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<TokenizerKind, String> {
        match name.split_once(':') {
            None if name == "whitespace" => Ok(TokenizerKind::Whitespace),
            None if name == "words" => Ok(TokenizerKind::Words),
            None if name == "chars" => Ok(TokenizerKind::Chars),
            None if name == "bytes" => Ok(TokenizerKind::Bytes),
            None if name == "pretrained" => Ok(TokenizerKind::Pretrained),
            Some(("bpe", size)) => match size.parse() {
                Ok(size) if (Self::FEWEST_SUBWORDS..=1 << 20).contains(&size) => {
                    Ok(TokenizerKind::Bpe(size))
                }
                _ => Err(format!(
                    "bpe:{size}: the size must be a number from {} to 1048576",
                    Self::FEWEST_SUBWORDS
                )),
            },
            _ => Err(format!(
                "{name}: must be whitespace, words, bpe:N, chars or bytes"
            )),
        }
    }
}

impl TryFrom<String> for TokenizerKind {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<TokenizerKind, String> {
        name.parse()
    }
}

impl From<TokenizerKind> for String {
    fn from(kind: TokenizerKind) -> String {
        kind.to_string()
    }
}

/// Whether text is lowercased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// Text keeps its case.
    #[default]
    Keep,
    /// Text is lowercased.
    Lower,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_round_trip_and_invalid_ones_are_rejected() {
        for name in [
            "whitespace",
            "words",
            "bpe:8000",
            "chars",
            "bytes",
            "pretrained",
        ] {
            assert_eq!(name.parse::<TokenizerKind>().unwrap().to_string(), name);
        }
        for name in ["bpe", "bpe:0", "bpe:x", "word", ""] {
            assert!(name.parse::<TokenizerKind>().is_err(), "{name}");
        }
    }
}
