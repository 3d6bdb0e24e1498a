//! Encoding and decoding: from text to ids of a corpus and back.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::files::{named_file, read_text, write_atomically};
use crate::error::{Error, Result};
use crate::read::encoding::{MARK, without_marks};
use crate::settings::{Case, TokenizerKind};
use crate::token::subwords::Subwords;
use crate::token::tokenizer::{OpenTokenizer, Tokenizer, byte_of};
use crate::token::vocab::{TokenId, Vocab};

/// `codec.toml`: the tokenizer of a model's vocabulary.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodecRecord {
    tokens: TokenizerKind,
    case: Case,
}

/// A tokenizer with its vocabulary.
#[derive(Debug, Clone)]
pub struct Codec {
    kind: TokenizerKind,
    tokenizer: Tokenizer,
    case: Case,
    vocab: Vocab,
    /// Vocabulary id of each byte or subword, by the tokenizer's own number.
    closed: Vec<TokenId>,
}

impl Codec {
    fn new(kind: TokenizerKind, tokenizer: Tokenizer, case: Case, vocab: Vocab) -> Codec {
        let id = |token: &str| vocab.id(token).unwrap_or(vocab.eos());
        let closed = match &tokenizer {
            Tokenizer::Open(_) | Tokenizer::Pretrained(_) => Vec::new(),
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
            kind,
            tokenizer,
            case,
            vocab,
            closed,
        }
    }

    /// For pre-tokenised text, split on spaces.
    pub fn whitespace(vocab: Vocab) -> Codec {
        let tokenizer = Tokenizer::Open(OpenTokenizer::Whitespace);
        Codec::new(TokenizerKind::Whitespace, tokenizer, Case::Keep, vocab)
    }

    /// Writes `codec.toml`, `vocab.txt` and, for subwords, `tokenizer.json`, so that a model can encode and decode text
    /// without its corpus.
    ///
    /// # Errors
    /// [`Error::Io`] if writing fails.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join("codec.toml");
        let record = CodecRecord {
            tokens: self.kind,
            case: self.case,
        };
        let text =
            toml::to_string(&record).map_err(|error| Error::corrupt(&path, error.to_string()))?;
        write_atomically(&path, text.as_bytes())?;
        write_atomically(&folder.join("vocab.txt"), self.vocab.to_text().as_bytes())?;
        match self.tokenizer.to_json()? {
            Some(json) => write_atomically(&folder.join("tokenizer.json"), json.as_bytes()),
            None => Ok(()),
        }
    }

    /// Reads what [`Codec::save`] wrote.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn open(folder: &Path) -> Result<Codec> {
        Codec::open_located(&|name| named_file(folder, name))
    }

    /// The same with files that `locate` finds by name; it may refuse a file.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`], and those of `locate`.
    pub fn open_located(locate: &dyn Fn(&str) -> Result<PathBuf>) -> Result<Codec> {
        let path = locate("codec.toml")?;
        let record = toml::from_str(&read_text(&path)?);
        let record: CodecRecord =
            record.map_err(|error| Error::corrupt(&path, error.to_string()))?;
        Codec::read(locate, record.tokens, record.case)
    }

    /// Reads vocabulary and subwords.
    pub(crate) fn read(
        locate: &dyn Fn(&str) -> Result<PathBuf>,
        kind: TokenizerKind,
        case: Case,
    ) -> Result<Codec> {
        let tokenizer = Tokenizer::open(kind, locate)?;
        let vocab = match &tokenizer {
            Tokenizer::Pretrained(pretrained) => pretrained.vocab(),
            _ => Vocab::read(&locate("vocab.txt")?)?,
        };
        Ok(Codec::new(kind, tokenizer, case, vocab))
    }

    /// The vocabulary.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// Ids of one line, without `<eos>`; words outside the vocabulary become `<unk>`.
    ///
    /// # Errors
    /// [`crate::Error::Subwords`] if the subword library fails.
    pub fn encode_line(&self, line: &str) -> Result<Vec<TokenId>> {
        // Lines of files have no marks; with an open vocabulary, those of other texts would make words unknown.
        let marked = matches!(self.tokenizer, Tokenizer::Open(_)) && line.contains(MARK);
        let clean = marked.then(|| without_marks(line));
        let line = clean.as_deref().unwrap_or(line);
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
                open.tokenize(line, |token| ids.push(word(token)));
            }
            Tokenizer::Bytes => ids.extend(line.bytes().map(|byte| self.closed[usize::from(byte)])),
            Tokenizer::Subwords(subwords) => {
                subwords.encode(line, &mut ids)?;
                for id in &mut ids {
                    // `Subwords::open` checked that the ids run from 0 without a gap.
                    *id = self.closed[*id as usize];
                }
            }
            Tokenizer::Pretrained(pretrained) => pretrained.encode(line, &mut ids)?,
        }
        Ok(ids)
    }

    /// Ids of a sentence of raw text. If the corpus is pre-tokenised (`whitespace`), punctuation is separated first.
    ///
    /// # Errors
    /// As for [`Codec::encode_line`].
    pub fn encode_sentence(&self, sentence: &str) -> Result<Vec<TokenId>> {
        self.encode_line(&self.separate_punctuation(sentence))
    }

    /// A sentence of raw text, with punctuation separated if the corpus is pre-tokenised.
    fn separate_punctuation<'s>(&self, sentence: &'s str) -> Cow<'s, str> {
        match &self.tokenizer {
            Tokenizer::Open(OpenTokenizer::Whitespace) => {
                let mut words = Vec::new();
                OpenTokenizer::Words.tokenize(sentence, |word| words.push(word));
                words.join(" ").into()
            }
            _ => sentence.into(),
        }
    }

    /// A line of user input in the form of the corpus: punctuation is separated as for [`Codec::encode_sentence`], and a
    /// word that the vocabulary holds only in lower case is lowercased.
    pub fn normalize_input(&self, line: &str) -> String {
        let apart = self.separate_punctuation(line);
        if !matches!(self.tokenizer, Tokenizer::Open(_)) {
            return apart.into_owned();
        }
        let known = |word: &str| match self.vocab.id(word) {
            Some(_) => word.to_owned(),
            None => Some(word.to_lowercase())
                .filter(|lower| self.vocab.id(lower).is_some())
                .unwrap_or_else(|| word.to_owned()),
        };
        let words: Vec<String> = apart.split_whitespace().map(known).collect();
        words.join(" ")
    }

    /// Ids of a text: its lines, each but an unfinished last one ended by `<eos>`, or, with an existing tokenizer that
    /// keeps line ends, by the tokens of the line end.
    ///
    /// # Errors
    /// As for [`Codec::encode_line`].
    pub fn encode(&self, text: &str) -> Result<Vec<TokenId>> {
        let mut ids = Vec::new();
        for line in text.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                // As when a file is read: carriage returns belong to the end of the line.
                Some(line) => {
                    let line = line.trim_end_matches('\r');
                    match &self.tokenizer {
                        Tokenizer::Pretrained(pretrained) if pretrained.keeps_line_ends() => {
                            ids.extend(self.encode_line(&format!("{line}\n"))?);
                        }
                        _ => {
                            ids.extend(self.encode_line(line)?);
                            ids.push(self.vocab.eos());
                        }
                    }
                }
                None => ids.extend(self.encode_line(line)?),
            }
        }
        Ok(ids)
    }

    /// The text of ids; `<eos>` ends a line. Words are joined by spaces where the tokenizer dropped them, and closing
    /// punctuation is attached to the word before it.
    ///
    /// # Errors
    /// [`crate::Error::Subwords`] if the subword library fails.
    pub fn decode(&self, ids: &[TokenId]) -> Result<String> {
        if let Tokenizer::Pretrained(pretrained) = &self.tokenizer {
            return pretrained.decode_lines(ids);
        }
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
            Tokenizer::Pretrained(pretrained) => pretrained.decode(ids)?,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_input_is_normalized_like_the_corpus() {
        let words = ["hello", "Maeve", ",", "Hi", "hi", "<unk>", "<eos>"];
        let codec = Codec::whitespace(Vocab::new(words.into_iter()).unwrap());
        // Punctuation is separated; words that are in the vocabulary as written, or not at all, stay as they are.
        assert_eq!(codec.normalize_input("Hello,Maeve"), "hello , Maeve");
        assert_eq!(codec.normalize_input(" Hi  Gwen "), "Hi Gwen");
        assert_eq!(codec.encode_sentence("hello,Gwen").unwrap(), [0, 2, 5]);
    }
}
