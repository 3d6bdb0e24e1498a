//! The five ways of cutting a line into tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::error::{Error, Result};
use crate::subwords::Subwords;

/// Which tokenizer, as it is written on the command line: `whitespace`, `words`, `bpe:8000`, `chars`, `bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TokenizerKind {
    /// Runs without ASCII white space: for text that is tokenised already.
    Whitespace,
    /// Unicode word boundaries (UAX 29); punctuation marks are tokens.
    Words,
    /// Byte-pair encoding on bytes, trained on the training split, with this many predicted tokens.
    Bpe(usize),
    /// Unicode scalar values.
    Chars,
    /// Bytes of the UTF-8 form.
    Bytes,
}

impl TokenizerKind {
    /// Fewest subwords: the 256 bytes, `<eos>`, and one merge.
    pub const FEWEST_SUBWORDS: usize = 258;

    /// Whether the tokens are fixed before the text is seen, so that no token of any text is unknown.
    pub fn is_closed(self) -> bool {
        matches!(self, TokenizerKind::Bpe(_) | TokenizerKind::Bytes)
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
            Some(("bpe", size)) => match size.parse() {
                Ok(size) if (Self::FEWEST_SUBWORDS..=1 << 20).contains(&size) => {
                    Ok(TokenizerKind::Bpe(size))
                }
                _ => Err(format!(
                    "bpe:{size}: the size must be a number from {} to 1048576",
                    Self::FEWEST_SUBWORDS
                )),
            },
            _ => Err(format!("{name}: whitespace, words, bpe:N, chars or bytes")),
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

/// Whether letters keep their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// As they stand.
    #[default]
    Keep,
    /// All lower.
    Lower,
}

/// A tokenizer that is ready to cut.
#[derive(Debug, Clone)]
pub enum Tokenizer {
    /// Cuts text into pieces of it; a vocabulary learnt from the text numbers them.
    Open(OpenTokenizer),
    /// Bytes: numbered by themselves.
    Bytes,
    /// Subwords: numbered by their own vocabulary.
    Subwords(Box<Subwords>),
}

/// The tokenizers whose tokens are pieces of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTokenizer {
    /// See [`TokenizerKind::Whitespace`].
    Whitespace,
    /// See [`TokenizerKind::Words`].
    Words,
    /// See [`TokenizerKind::Chars`].
    Chars,
}

impl OpenTokenizer {
    /// Calls `emit` with each token of a line.
    #[inline]
    pub fn cut<'t>(self, line: &'t str, mut emit: impl FnMut(&'t str)) {
        match self {
            OpenTokenizer::Whitespace => line.split_ascii_whitespace().for_each(emit),
            OpenTokenizer::Words => words(line, emit),
            OpenTokenizer::Chars => {
                let mut rest = line;
                while let Some(first) = rest.chars().next() {
                    let (token, tail) = rest.split_at(first.len_utf8());
                    emit(token);
                    rest = tail;
                }
            }
        }
    }

    /// Whether joining the tokens again gives the line back, byte for byte.
    pub(crate) fn keeps(self, line: &str) -> bool {
        match self {
            OpenTokenizer::Chars => true,
            OpenTokenizer::Words => false,
            OpenTokenizer::Whitespace => {
                let bytes = line.as_bytes();
                let odd = |byte: &u8| byte.is_ascii_whitespace() && *byte != b' ';
                !(line.starts_with(' ')
                    || line.ends_with(' ')
                    || line.contains("  ")
                    || bytes.iter().any(odd))
            }
        }
    }
}

/// The Unicode rules, but runs of ASCII letters between spaces, which most words are, do without their tables.
///
/// The last space before an ASCII character is a boundary on both sides and nothing can be joined across it, so the
/// line may be cut there first. (Before other characters it may not be: a combining mark attaches itself to spaces.)
#[inline]
fn words<'t>(line: &'t str, mut emit: impl FnMut(&'t str)) {
    let bytes = line.as_bytes();
    let joins_no_space = |next: &u8| next.is_ascii() && *next != b' ';
    let is_cut = |at: usize| bytes[at] == b' ' && bytes.get(at + 1).is_none_or(joins_no_space);
    let mut start = 0;
    while start < bytes.len() {
        let end = (start..bytes.len())
            .find(|&at| is_cut(at))
            .unwrap_or(bytes.len());
        let piece = &line[start..end];
        if !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            emit(piece);
        } else {
            let pieces = piece.split_word_bounds();
            pieces
                .filter(|piece| !piece.chars().all(char::is_whitespace))
                .for_each(&mut emit);
        }
        start = end + 1;
    }
}

impl Tokenizer {
    /// The tokenizer for `kind`; subwords must have been trained, or read from a file.
    ///
    /// # Errors
    /// [`Error::Subwords`] if `kind` needs subwords and there are none.
    pub fn new(kind: TokenizerKind, subwords: Option<Subwords>) -> Result<Tokenizer> {
        Ok(match (kind, subwords) {
            (TokenizerKind::Whitespace, _) => Tokenizer::Open(OpenTokenizer::Whitespace),
            (TokenizerKind::Words, _) => Tokenizer::Open(OpenTokenizer::Words),
            (TokenizerKind::Chars, _) => Tokenizer::Open(OpenTokenizer::Chars),
            (TokenizerKind::Bytes, _) => Tokenizer::Bytes,
            (TokenizerKind::Bpe(_), Some(subwords)) => Tokenizer::Subwords(Box::new(subwords)),
            (TokenizerKind::Bpe(_), None) => {
                return Err(Error::Subwords {
                    what: "tokenizer.json is missing".to_owned(),
                });
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(tokenizer: OpenTokenizer, line: &str) -> Vec<&str> {
        let mut tokens = Vec::new();
        tokenizer.cut(line, |token| tokens.push(token));
        tokens
    }

    #[test]
    fn each_tokenizer_cuts_its_way() {
        let line = " Don't  pay 3.50 €, naïve Zoë!";
        let words = ["Don't", "pay", "3.50", "€", ",", "naïve", "Zoë", "!"];
        assert_eq!(cut(OpenTokenizer::Words, line), words);
        assert_eq!(
            cut(OpenTokenizer::Whitespace, line),
            ["Don't", "pay", "3.50", "€,", "naïve", "Zoë!"]
        );
        assert_eq!(cut(OpenTokenizer::Chars, "aé €"), ["a", "é", " ", "€"]);
    }

    #[test]
    fn names_round_trip_and_nonsense_is_refused() {
        for name in ["whitespace", "words", "bpe:8000", "chars", "bytes"] {
            assert_eq!(name.parse::<TokenizerKind>().unwrap().to_string(), name);
        }
        for name in ["bpe", "bpe:0", "bpe:x", "word", ""] {
            assert!(name.parse::<TokenizerKind>().is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn the_short_cut_for_plain_words_changes_nothing(line in "([a-cé' .,3\u{300}\u{1F1E9}]| a|\t){0,24}") {
            let full: Vec<&str> =
                line.split_word_bounds().filter(|piece| !piece.chars().all(char::is_whitespace)).collect();
            prop_assert_eq!(cut(OpenTokenizer::Words, &line), full);
        }

        #[test]
        fn kept_lines_can_be_joined_again(line in "[ab ]{0,8}") {
            let joined = cut(OpenTokenizer::Whitespace, &line).join(" ");
            prop_assert_eq!(OpenTokenizer::Whitespace.keeps(&line), joined == line);
        }
    }
}
