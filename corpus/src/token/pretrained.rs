//! An existing tokenizer, read from a `tokenizer.json`; a corpus has its ids.
//!
//! The vocabulary is the tokenizer's own, in its own order, so that a model published with the tokenizer can be run on
//! the corpus. `<eos>` is the tokenizer's own end-of-text token where it has one, else one more id. Where the tokenizer
//! keeps line ends, as byte-level ones do, running text keeps `\n` in its tokens and `<eos>` ends a document; otherwise
//! `<eos>` ends a line. Each line is encoded by itself.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tokenizers::Tokenizer as Library;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

use super::tokenizer_json::{guarded, has_type, read};
use crate::disk::files::read_text;
use crate::error::{Error, Result};
use crate::token::vocab::{EOS, TokenId, Vocab};

/// Names of end-of-text tokens in published tokenizers; the first one in the vocabulary is used.
const END_OF_TEXT: [&str; 8] = [
    "<|endoftext|>",
    "<|end_of_text|>",
    "</s>",
    "<eos>",
    "<|eot_id|>",
    "<|im_end|>",
    "[EOS]",
    "[SEP]",
];

/// An existing tokenizer.
#[derive(Debug, Clone)]
pub struct Pretrained {
    inner: Library,
    /// The unchanged content of the file, for copies.
    json: String,
    /// Number of its own tokens.
    size: usize,
    eos: TokenId,
    unk: Option<TokenId>,
    keeps_line_ends: bool,
    /// By id, whether the token ends in a line end. Made when the first text is decoded.
    line_ends: OnceLock<Vec<bool>>,
}

impl Pretrained {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Tokenizer`] if the file is not a tokenizer, if its ids do not run from 0 without a gap,
    /// or if the `tokenizers` library panics on it.
    pub fn open(path: &Path) -> Result<Pretrained> {
        Pretrained::parse(read_text(path)?).map_err(|what| Error::Tokenizer {
            path: path.to_path_buf(),
            what,
        })
    }

    /// Reads the copy in a prepared corpus or a model, whose vocabulary is listed in `vocab.txt`.
    pub(super) fn open_copy(tokenizer: &Path, vocab: &Path) -> Result<Pretrained> {
        let copy = Pretrained::parse(read_text(tokenizer)?)
            .map_err(|what| Error::corrupt(tokenizer, what))?;
        match read_text(vocab)? == copy.vocab().to_text() {
            true => Ok(copy),
            false => Err(Error::corrupt(
                vocab,
                "is not the vocabulary of tokenizer.json",
            )),
        }
    }

    fn parse(json: String) -> std::result::Result<Pretrained, String> {
        let (library, root) = read(&json)?;
        let size = library.get_vocab_size(true);
        if (0..size as u32).any(|id| library.id_to_token(id).is_none()) {
            return Err("has ids that do not run from 0 without a gap".to_owned());
        }
        let own = END_OF_TEXT
            .iter()
            .find_map(|name| library.token_to_id(name));
        let eos = own.unwrap_or(size as TokenId);
        let unk = unknown_token(&library, &root).filter(|&unk| unk != eos);
        let mut tokenizer = Pretrained {
            inner: library,
            json,
            size,
            eos,
            unk,
            keeps_line_ends: false,
            line_ends: OnceLock::new(),
        };
        tokenizer.keeps_line_ends = tokenizer.probe_line_end()?;
        Ok(tokenizer)
    }

    /// Whether decoding restores an encoded line end.
    fn probe_line_end(&self) -> std::result::Result<bool, String> {
        let mut ids = Vec::new();
        self.encode_text("\n", &mut ids)?;
        let is_unknown = ids.iter().any(|&id| Some(id) == self.unk);
        Ok(!ids.is_empty() && !is_unknown && self.decode_ids(&ids)?.ends_with('\n'))
    }

    /// The file, byte for byte.
    pub(crate) fn to_json(&self) -> &str {
        &self.json
    }

    /// Id of the token that ends a document, or a line where line ends are not kept.
    pub fn eos(&self) -> TokenId {
        self.eos
    }

    /// Whether line ends stay in the tokens of running text.
    pub fn keeps_line_ends(&self) -> bool {
        self.keeps_line_ends
    }

    /// The tokens by their own ids, and `<eos>` after them where the tokenizer has no end-of-text token.
    pub fn vocab(&self) -> Vocab {
        let name = |id| self.inner.id_to_token(id).unwrap_or_default();
        // A token per line: no token may hold a line end.
        let names = (0..self.size as u32).map(|id| name(id).replace('\n', "\\n"));
        let mut names: Vec<String> = names.collect();
        if self.eos as usize == self.size {
            names.push(EOS.to_owned());
        }
        Vocab::with_special_tokens(names.iter().map(String::as_str), self.eos, self.unk)
    }

    /// Appends the ids of a text. Special tokens in it are encoded as ordinary text.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library fails, or if the text contains an end-of-text token that cannot be distinguished
    /// from a real one.
    pub fn encode(&self, text: &str, ids: &mut Vec<TokenId>) -> Result<()> {
        self.encode_text(text, ids)
            .map_err(|what| Error::Subwords { what })
    }

    fn encode_text(&self, text: &str, ids: &mut Vec<TokenId>) -> std::result::Result<(), String> {
        let encoding = guarded(|| self.inner.encode_fast(text, false))?;
        let encoding = encoding.map_err(|error| error.to_string())?;
        for &id in encoding.get_ids() {
            ids.push(match (id == self.eos, self.unk) {
                (false, _) => id,
                (true, Some(unk)) => unk,
                (true, None) => {
                    return Err(format!("the text contains the end-of-text token: {text:?}"));
                }
            });
        }
        Ok(())
    }

    /// The text of ids without `<eos>`.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library fails.
    pub fn decode(&self, ids: &[TokenId]) -> Result<String> {
        self.decode_ids(ids)
            .map_err(|what| Error::Subwords { what })
    }

    fn decode_ids(&self, ids: &[TokenId]) -> std::result::Result<String, String> {
        let text = guarded(|| self.inner.decode(ids, false))?;
        text.map_err(|error| error.to_string())
    }

    /// The text of lines and documents, decoded line by line as it was encoded. `<eos>` stands for a line end, except
    /// after a token that holds one already.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library fails.
    pub fn decode_lines(&self, ids: &[TokenId]) -> Result<String> {
        let ends = self.line_ends();
        let holds_end = |id: TokenId| ends.get(id as usize).copied().unwrap_or(false);
        let mut text = String::new();
        let mut after_line_end = false;
        for line in ids.split_inclusive(|&id| id == self.eos || holds_end(id)) {
            let (tokens, ended) = match line.split_last() {
                Some((&last, tokens)) if last == self.eos => (tokens, true),
                _ => (line, false),
            };
            text += &self.decode(tokens)?;
            if ended && !(tokens.is_empty() && after_line_end) {
                text.push('\n');
            }
            after_line_end = !ended;
        }
        Ok(text)
    }

    fn line_ends(&self) -> &[bool] {
        self.line_ends.get_or_init(|| match self.keeps_line_ends {
            true => (0..self.size as u32)
                .map(|id| {
                    self.decode_ids(&[id])
                        .is_ok_and(|text| text.ends_with('\n'))
                })
                .collect(),
            false => Vec::new(),
        })
    }
}

/// The token in place of unknown text; none where every text can be written in bytes.
fn unknown_token(library: &Library, root: &Value) -> Option<TokenId> {
    let model = &root["model"];
    let is_byte_level = ["normalizer", "pre_tokenizer"]
        .iter()
        .any(|part| has_type(root.get(part), "ByteLevel"));
    let is_known = |name: String| library.token_to_id(&name).is_some();
    let has_alphabet = || {
        let mut alphabet = ByteLevel::alphabet().into_iter();
        alphabet.all(|byte| is_known(byte.to_string()))
    };
    let has_bytes = || (0..=u8::MAX).all(|byte| is_known(format!("<0x{byte:02X}>")));
    let is_fallback = model["byte_fallback"] == Value::Bool(true);
    if (is_byte_level && has_alphabet()) || (is_fallback && has_bytes()) {
        return None;
    }
    let by_id = model["unk_id"].as_u64().and_then(|id| id.try_into().ok());
    let by_name = || library.token_to_id(model["unk_token"].as_str()?);
    by_id.or_else(by_name)
}
