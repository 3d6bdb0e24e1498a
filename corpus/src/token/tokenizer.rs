//! Tokenizers: whitespace, words and characters here; subwords in files of their own.

use std::path::PathBuf;

use unicode_segmentation::UnicodeSegmentation;

use crate::error::Result;
use crate::read::encoding::MARK;
use crate::settings::TokenizerKind;
use crate::token::pretrained::Pretrained;
use crate::token::subwords::Subwords;

/// A tokenizer that is ready to use.
#[derive(Debug, Clone)]
pub enum Tokenizer {
    /// Splits text into substrings; a vocabulary built from the training split numbers them.
    Open(OpenTokenizer),
    /// Bytes: their values are their numbers.
    Bytes,
    /// Subwords of a trained BPE, numbered by its vocabulary.
    Subwords(Box<Subwords>),
    /// An existing tokenizer, with its own ids.
    Pretrained(Box<Pretrained>),
}

/// The tokenizers with an open vocabulary, whose tokens are substrings of the line.
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
    pub fn tokenize<'t>(self, line: &'t str, mut emit: impl FnMut(&'t str)) {
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

    /// Whether decoding the tokens restores the line byte for byte.
    pub(crate) fn is_lossless(self, line: &str) -> bool {
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

/// Unicode word boundaries (UAX 29), with a fast path: runs of ASCII letters between spaces, which most words are, need
/// no Unicode tables.
///
/// The last space before an ASCII character is a boundary on both sides, and no rule joins across it, so the line can be
/// split there first. (Before other characters it cannot: a combining mark attaches to a preceding space.)
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
            for piece in piece.split_word_bounds() {
                visible_parts(piece).for_each(&mut emit);
            }
        }
        start = end + 1;
    }
}

/// The parts of a piece between spaces of every kind. UAX 29 joins U+202F to words, and a combining mark to a space before it.
fn visible_parts(piece: &str) -> impl Iterator<Item = &str> {
    piece
        .split(is_space)
        .filter(|part| !part.chars().all(is_format))
}

/// White space; also the separators of ASCII (white space for Python and Java), the zero-width space, and the byte-order mark.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{1C}'..='\u{1F}' | '\u{200B}' | MARK)
}

/// Characters that are not seen, but change how their neighbours are joined, hyphenated or ordered.
fn is_format(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

impl Tokenizer {
    /// The tokenizer of a prepared corpus or a model; `locate` finds its files by name, if it has any.
    ///
    /// # Errors
    /// [`crate::Error::Io`], [`crate::Error::Corrupt`], and those of `locate`.
    pub(crate) fn open(
        kind: TokenizerKind,
        locate: &dyn Fn(&str) -> Result<PathBuf>,
    ) -> Result<Tokenizer> {
        Ok(match kind {
            TokenizerKind::Whitespace => Tokenizer::Open(OpenTokenizer::Whitespace),
            TokenizerKind::Words => Tokenizer::Open(OpenTokenizer::Words),
            TokenizerKind::Chars => Tokenizer::Open(OpenTokenizer::Chars),
            TokenizerKind::Bytes => Tokenizer::Bytes,
            TokenizerKind::Bpe(_) => {
                let subwords = Subwords::open(&locate("tokenizer.json")?)?;
                Tokenizer::Subwords(Box::new(subwords))
            }
            TokenizerKind::Pretrained => Tokenizer::Pretrained(Box::new(Pretrained::open_copy(
                &locate("tokenizer.json")?,
                &locate("vocab.txt")?,
            )?)),
        })
    }

    /// The content of its `tokenizer.json`, if it has one.
    ///
    /// # Errors
    /// [`crate::Error::Subwords`] if the subword library fails.
    pub(crate) fn to_json(&self) -> Result<Option<String>> {
        Ok(match self {
            Tokenizer::Subwords(subwords) => Some(subwords.to_json()?),
            Tokenizer::Pretrained(pretrained) => Some(pretrained.to_json().to_owned()),
            Tokenizer::Open(_) | Tokenizer::Bytes => None,
        })
    }
}

/// A byte as a vocabulary entry.
pub(crate) fn spell_byte(byte: u8) -> String {
    format!("<0x{byte:02X}>")
}

/// The byte that an entry of the `bytes` vocabulary spells.
pub(crate) fn byte_of(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens_of(tokenizer: OpenTokenizer, line: &str) -> Vec<&str> {
        let mut tokens = Vec::new();
        tokenizer.tokenize(line, |token| tokens.push(token));
        tokens
    }

    #[test]
    fn each_tokenizer_splits_its_way() {
        let line = " Don't  pay 3.50 €, naïve Zoë!";
        let words = ["Don't", "pay", "3.50", "€", ",", "naïve", "Zoë", "!"];
        assert_eq!(tokens_of(OpenTokenizer::Words, line), words);
        assert_eq!(
            tokens_of(OpenTokenizer::Whitespace, line),
            ["Don't", "pay", "3.50", "€,", "naïve", "Zoë!"]
        );
        assert_eq!(
            tokens_of(OpenTokenizer::Chars, "aé €"),
            ["a", "é", " ", "€"]
        );
    }

    #[test]
    fn words_hold_no_space_of_any_kind() {
        let words = |line| tokens_of(OpenTokenizer::Words, line);
        assert_eq!(words("«\u{A0}Oui\u{202F}!\u{A0}»"), ["«", "Oui", "!", "»"]);
        assert_eq!(words("demain\u{202F}viens"), ["demain", "viens"]);
        assert_eq!(
            words("\u{202F}12\u{202F}000\u{2009}€\u{3000}"),
            ["12", "000", "€"]
        );
        // The accent has no letter before it: it would be joined to the space.
        assert_eq!(words("a \u{301}b"), ["a", "\u{301}", "b"]);
        let spaces = "\u{B}\u{C}\u{1C}\u{1D}\u{1E}\u{1F}\u{85}\u{2028}\u{2029}\u{200B}";
        for space in spaces.chars() {
            let line = format!("a{space}b");
            assert_eq!(
                tokens_of(OpenTokenizer::Words, &line),
                ["a", "b"],
                "{space:?}"
            );
        }
    }

    #[test]
    fn no_word_is_only_a_mark_that_is_not_seen() {
        let words = |line| tokens_of(OpenTokenizer::Words, line);
        assert_eq!(
            words("\u{FEFF}the end\u{FEFF}one \u{FEFF}"),
            ["the", "end", "one"]
        );
        assert!(words("\u{200E} \u{AD}\u{2060} \u{202A}\u{202C}").is_empty());
        // Within a word they are part of its spelling.
        assert_eq!(words("می\u{200C}خواهم"), ["می\u{200C}خواهم"]);
    }

    proptest! {
        #[test]
        fn words_are_visible_and_hold_no_space(line in "([a-c '.\u{FEFF}\u{300}\u{200B}-\u{200F}\u{2000}-\u{2010}\u{202F}\u{3000}]|\\PC){0,24}") {
            for word in tokens_of(OpenTokenizer::Words, &line) {
                prop_assert!(!word.contains(char::is_whitespace) && !word.contains(MARK), "{word:?}");
                prop_assert!(!word.chars().all(is_format), "{word:?}");
            }
        }

        #[test]
        fn the_fast_path_for_plain_words_changes_nothing(line in "([a-cé' .,3\u{300}\u{1F1E9}]| a|\t){0,24}") {
            let full: Vec<&str> = line.split_word_bounds().flat_map(visible_parts).collect();
            prop_assert_eq!(tokens_of(OpenTokenizer::Words, &line), full);
        }

        #[test]
        fn lossless_lines_are_their_tokens_joined_by_spaces(line in "[ab ]{0,8}") {
            let joined = tokens_of(OpenTokenizer::Whitespace, &line).join(" ");
            prop_assert_eq!(OpenTokenizer::Whitespace.is_lossless(&line), joined == line);
        }
    }
}
