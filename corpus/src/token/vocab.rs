//! The predicted vocabulary: ids 0..V in order of decreasing frequency in the training split. With an existing tokenizer
//! ([`Pretrained`](crate::Pretrained)), ids are those of the tokenizer, in its order.

use std::path::Path;
use std::sync::OnceLock;

use crate::error::{Error, Result};
use crate::token::strings::{StringIndex, StringList};

/// Number of a token within one prepared corpus.
pub type TokenId = u32;

/// The token that ends a line, unless an existing tokenizer has its own.
pub const EOS: &str = "<eos>";
/// The token that replaces words outside the vocabulary.
pub const UNK: &str = "<unk>";
/// The token before a sentence: id V, never predicted.
pub const BOS: &str = "<s>";
/// The token that fills batches: id V + 1, never predicted.
pub const PAD: &str = "<pad>";

/// Tokens and their ids. `<eos>`, and `<unk>` where words can be unknown, are tokens like any other.
#[derive(Debug, Clone)]
pub struct Vocab {
    tokens: StringList,
    /// Built at the first lookup: training and scoring do not need it.
    index: OnceLock<StringIndex>,
    eos: TokenId,
    unk: Option<TokenId>,
}

impl Vocab {
    /// A vocabulary of distinct tokens, by id.
    ///
    /// # Errors
    /// If `<eos>` is missing.
    pub fn new<'t>(names: impl Iterator<Item = &'t str>) -> std::result::Result<Vocab, String> {
        let mut tokens = StringList::default();
        let (mut eos, mut unk) = (None, None);
        for (name, id) in names.zip(0..) {
            match name {
                EOS => eos = Some(id),
                UNK => unk = Some(id),
                _ => {}
            }
            tokens.push(name);
        }
        let eos = eos.ok_or_else(|| format!("{EOS} is missing"))?;
        Ok(Vocab {
            tokens,
            index: OnceLock::new(),
            eos,
            unk,
        })
    }

    /// A vocabulary whose special tokens have names of their own.
    pub(crate) fn with_special_tokens<'t>(
        names: impl Iterator<Item = &'t str>,
        eos: TokenId,
        unk: Option<TokenId>,
    ) -> Vocab {
        let mut tokens = StringList::default();
        names.for_each(|name| tokens.push(name));
        Vocab {
            tokens,
            index: OnceLock::new(),
            eos,
            unk,
        }
    }

    /// Reads `vocab.txt`: a token per line, the line's number (from 0) is its id.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if `<eos>` is missing.
    pub fn read(path: &Path) -> Result<Vocab> {
        let text = crate::disk::files::read_text(path)?;
        // Split at LF alone: in a vocabulary of characters, a carriage return is a token of its own.
        let tokens = text.strip_suffix('\n').unwrap_or(&text).split('\n');
        Vocab::new(tokens).map_err(|what| Error::corrupt(path, what))
    }

    /// The content of `vocab.txt`.
    pub fn to_text(&self) -> String {
        let lines = self.tokens().flat_map(|token| [token, "\n"]);
        lines.collect::<String>()
    }

    /// V: number of predicted tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are no tokens; always false, as `<eos>` is one.
    pub fn is_empty(&self) -> bool {
        self.tokens.len() == 0
    }

    /// Id of a token, if it is in the vocabulary.
    pub fn id(&self, token: &str) -> Option<TokenId> {
        self.index
            .get_or_init(|| StringIndex::of(&self.tokens))
            .find(&self.tokens, token)
    }

    /// The token of an id; `<s>` and `<pad>` for V and V + 1.
    ///
    /// # Panics
    /// For an id greater than V + 1.
    pub fn token(&self, id: TokenId) -> &str {
        match id.checked_sub(self.bos()) {
            None => self.tokens.get(id),
            Some(0) => BOS,
            Some(1) => PAD,
            Some(_) => panic!("id {id} in a vocabulary of {}", self.len()),
        }
    }

    /// All tokens by id.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + '_ {
        self.tokens.iter()
    }

    /// Id of `<eos>`.
    pub fn eos(&self) -> TokenId {
        self.eos
    }

    /// Id of `<unk>`; `None` where every text can be encoded (bytes, byte-level subwords).
    pub fn unk(&self) -> Option<TokenId> {
        self.unk
    }

    /// Id of `<s>`: V.
    pub fn bos(&self) -> TokenId {
        self.len() as TokenId
    }

    /// Id of `<pad>`: V + 1.
    pub fn pad(&self) -> TokenId {
        self.len() as TokenId + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocab(tokens: &[&str]) -> std::result::Result<Vocab, String> {
        Vocab::new(tokens.iter().copied())
    }

    #[test]
    fn ids_are_positions_followed_by_the_special_tokens() {
        let vocab = vocab(&["the", EOS, UNK]).unwrap();
        assert_eq!(
            (vocab.id("the"), vocab.eos(), vocab.unk()),
            (Some(0), 1, Some(2))
        );
        assert_eq!(
            (
                vocab.token(0),
                vocab.token(2),
                vocab.token(3),
                vocab.token(4)
            ),
            ("the", UNK, BOS, PAD)
        );
    }

    #[test]
    fn unusual_tokens_round_trip_through_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vocab.txt");
        let vocab = vocab(&["\r", " ", EOS, "\u{2028}"]).unwrap();
        std::fs::write(&path, vocab.to_text()).unwrap();
        assert_eq!(Vocab::read(&path).unwrap().to_text(), vocab.to_text());
    }

    #[test]
    fn a_missing_eos_is_rejected() {
        assert!(vocab(&["a"]).unwrap_err().contains(EOS));
    }
}
