//! Between text and ids, once a corpus is prepared.

use crate::error::Result;
use crate::lexicon::byte_of;
use crate::subwords::Subwords;
use crate::tokenizer::{Case, OpenTokenizer, Tokenizer};
use crate::vocab::{TokenId, Vocab};

/// A tokenizer with its vocabulary.
#[derive(Debug, Clone)]
pub struct Codec {
    tokenizer: Tokenizer,
    case: Case,
    vocab: Vocab,
    /// Ids of the tokens that a closed tokenizer numbers by itself.
    closed: Vec<TokenId>,
}

impl Codec {
    pub(crate) fn new(tokenizer: Tokenizer, case: Case, vocab: Vocab) -> Codec {
        let id = |token: &str| vocab.id(token).unwrap_or(vocab.eos());
        let closed = match &tokenizer {
            Tokenizer::Open(_) => Vec::new(),
            Tokenizer::Bytes => {
                let mut ids = vec![vocab.eos(); 256];
                for (token, at) in vocab.tokens().zip(0..) {
                    if let Some(byte) = byte_of(token) {
                        ids[usize::from(byte)] = at;
                    }
                }
                ids
            }
            Tokenizer::Subwords(subwords) => {
                subwords.tokens().iter().map(|token| id(token)).collect()
            }
        };
        Codec {
            tokenizer,
            case,
            vocab,
            closed,
        }
    }

    /// The vocabulary.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// Ids of one line, without `<eos>`; words outside the vocabulary are `<unk>`.
    ///
    /// # Errors
    /// [`crate::Error::Subwords`] if the subword library refuses.
    pub fn encode_line(&self, line: &str) -> Result<Vec<TokenId>> {
        let lower = (self.case == Case::Lower).then(|| line.to_lowercase());
        let line = lower.as_deref().unwrap_or(line);
        let mut ids = Vec::new();
        match &self.tokenizer {
            Tokenizer::Open(open) => {
                let unk = self.vocab.unk().unwrap_or(self.vocab.eos());
                let word = |token: &str| {
                    self.vocab
                        .id(token)
                        .filter(|&id| id != self.vocab.eos())
                        .unwrap_or(unk)
                };
                open.cut(line, |token| ids.push(word(token)));
            }
            Tokenizer::Bytes => ids.extend(line.bytes().map(|byte| self.closed[usize::from(byte)])),
            Tokenizer::Subwords(subwords) => {
                subwords.encode(line, &mut ids)?;
                ids.iter_mut()
                    .for_each(|id| *id = self.closed[*id as usize]);
            }
        }
        Ok(ids)
    }

    /// Ids of a sentence of ordinary, untokenised text. Where the corpus was tokenised beforehand (`whitespace`),
    /// punctuation is set apart first.
    ///
    /// # Errors
    /// As for [`Codec::encode_line`].
    pub fn encode_sentence(&self, sentence: &str) -> Result<Vec<TokenId>> {
        let Tokenizer::Open(OpenTokenizer::Whitespace) = &self.tokenizer else {
            return self.encode_line(sentence);
        };
        let mut words = Vec::new();
        OpenTokenizer::Words.cut(sentence, |word| words.push(word));
        self.encode_line(&words.join(" "))
    }

    /// Ids of a text: its lines, each but an unfinished last one ended by `<eos>`.
    ///
    /// # Errors
    /// As for [`Codec::encode_line`].
    pub fn encode(&self, text: &str) -> Result<Vec<TokenId>> {
        let mut ids = Vec::new();
        for line in text.split_inclusive('\n') {
            ids.extend(self.encode_line(line.trim_end_matches(['\n', '\r']))?);
            if line.ends_with('\n') {
                ids.push(self.vocab.eos());
            }
        }
        Ok(ids)
    }

    /// The text that ids stand for; `<eos>` ends a line. Words are joined by spaces where the tokenizer dropped
    /// them, and closing punctuation is moved to the word before it.
    ///
    /// # Errors
    /// [`crate::Error::Subwords`] if the subword library refuses.
    pub fn decode(&self, ids: &[TokenId]) -> Result<String> {
        let mut text = String::new();
        for line in ids.split_inclusive(|&id| id == self.vocab.eos()) {
            let ended = line.last() == Some(&self.vocab.eos());
            let words = if ended { &line[..line.len() - 1] } else { line };
            text += &self.decode_line(words)?;
            if ended {
                text.push('\n');
            }
        }
        Ok(text)
    }

    fn decode_line(&self, ids: &[TokenId]) -> Result<String> {
        let tokens = ids.iter().map(|&id| self.vocab.token(id));
        Ok(match &self.tokenizer {
            Tokenizer::Open(OpenTokenizer::Chars) => tokens.collect(),
            Tokenizer::Open(OpenTokenizer::Whitespace) => tokens.collect::<Vec<_>>().join(" "),
            Tokenizer::Open(OpenTokenizer::Words) => join_words(tokens),
            Tokenizer::Bytes => {
                let bytes: Vec<u8> = tokens.filter_map(byte_of).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Tokenizer::Subwords(_) => Subwords::decode(tokens.map(str::to_owned).collect())?,
        })
    }
}

fn join_words<'t>(tokens: impl Iterator<Item = &'t str>) -> String {
    const CLOSING: [&str; 11] = [".", ",", ";", ":", "!", "?", ")", "]", "}", "”", "’"];
    const OPENING: [&str; 5] = ["(", "[", "{", "“", "‘"];
    let mut text = String::new();
    let mut glue = true;
    for token in tokens {
        if !glue && !CLOSING.contains(&token) {
            text.push(' ');
        }
        text += token;
        glue = OPENING.contains(&token);
    }
    text
}
