//! Tokenization of blocks of lines: the part of encoding that runs in parallel.

use crate::error::Result;
use crate::settings::Case;
use crate::token::strings::{Key, StringTable};
use crate::token::tokenizer::{OpenTokenizer, Tokenizer};

/// Bytes of text per distinct token, a high estimate: where there are fewer, dictionaries grow.
const BYTES_PER_TYPE: usize = 24;

/// Placeholder for the end of a line in a block, whose dictionary holds only words.
pub(super) const LINE_END: u32 = u32::MAX;

/// How lines become tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) tokenizer: &'a Tokenizer,
    pub(super) case: Case,
    pub(super) line_end: LineEnd,
}

/// How a line ends in the token stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// By `<eos>`.
    Eos,
    /// By the tokens of its line end; `<eos>` ends a document.
    InTokens,
}

/// Tokenized lines.
pub(super) struct Block {
    /// Bytes of text.
    pub(super) bytes: usize,
    pub(super) ids: Vec<u32>,
    /// For each line, the number of tokens up to and including its end.
    pub(super) line_ends: Vec<u32>,
    /// The dictionary of the ids, unless they are provisional ids already.
    pub(super) types: Option<Types>,
    /// Whether decoding restores every line.
    pub(super) lossless: bool,
}

/// The distinct tokens of a block, numbered in order of appearance, with their counts.
#[derive(Default)]
pub(super) struct Types {
    pub(super) strings: StringTable,
    pub(super) counts: Vec<u32>,
}

impl Block {
    pub(super) fn tokenize(text: &str, rules: Rules<'_>) -> Result<Block> {
        let Rules {
            tokenizer,
            case,
            line_end,
        } = rules;
        let mut block = Block {
            bytes: text.len(),
            ids: Vec::with_capacity(text.len() / 4),
            line_ends: Vec::new(),
            types: None,
            lossless: true,
        };
        let lower = (case == Case::Lower).then(|| to_lowercase(text));
        block.lossless = lower.as_ref().is_none_or(|lower| lower == text);
        let text = lower.as_deref().unwrap_or(text);
        match tokenizer {
            Tokenizer::Open(open) => block.tokenize_open(text, *open),
            Tokenizer::Bytes => {
                for line in text.split_terminator('\n') {
                    block.ids.extend(line.bytes().map(u32::from));
                    block.end_line();
                }
            }
            Tokenizer::Subwords(subwords) => {
                for line in text.split_terminator('\n') {
                    subwords.encode(line, &mut block.ids)?;
                    block.end_line();
                }
            }
            Tokenizer::Pretrained(pretrained) => {
                for line in text.split_inclusive('\n') {
                    let line = match line_end {
                        LineEnd::InTokens => line,
                        LineEnd::Eos => line.strip_suffix('\n').unwrap_or(line),
                    };
                    let start = block.ids.len();
                    pretrained.encode(line, &mut block.ids)?;
                    block.lossless =
                        block.lossless && pretrained.decode(&block.ids[start..])? == line;
                    block.end_line();
                }
            }
        }
        Ok(block)
    }

    fn tokenize_open(&mut self, text: &str, tokenizer: OpenTokenizer) {
        let mut types = Types {
            strings: StringTable::with_capacity(text.len() / BYTES_PER_TYPE),
            counts: Vec::new(),
        };
        let base = text.as_ptr() as usize;
        for line in text.split_terminator('\n') {
            tokenizer.tokenize(line, |token| {
                let key = Key::within(text, token.as_ptr() as usize - base, token);
                let (id, new) = types.strings.insert(key, token);
                if new {
                    types.counts.push(0);
                }
                types.counts[id as usize] += 1;
                self.ids.push(id);
            });
            self.end_line();
            self.lossless = self.lossless && tokenizer.is_lossless(line);
        }
        self.types = Some(types);
    }

    /// Removes the placeholder at the end of each line, except for lines that end a document.
    pub(super) fn keep_document_ends(&mut self, ends_document: &[bool]) {
        let ids = std::mem::take(&mut self.ids);
        let mut start = 0;
        for (end, &ends_document) in self.line_ends.iter_mut().zip(ends_document) {
            let placeholder = *end as usize - 1;
            self.ids.extend_from_slice(&ids[start..placeholder]);
            if ends_document {
                self.ids.push(LINE_END);
            }
            start = placeholder + 1;
            *end = self.ids.len() as u32;
        }
    }

    fn end_line(&mut self) {
        self.ids.push(LINE_END);
        self.line_ends.push(self.ids.len() as u32);
    }
}

/// Lowercases a text. ASCII lines, which most are, need no Unicode tables. (No rule crosses the end of a line.)
fn to_lowercase(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.is_ascii() {
            let start = lower.len();
            lower.push_str(line);
            lower[start..].make_ascii_lowercase();
        } else {
            lower += &line.to_lowercase();
        }
    }
    lower
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lower_case_line_by_line_is_lower_case(text in "[aAÀΣσİ\u{300}' \n]{0,24}") {
            prop_assert_eq!(to_lowercase(&text), text.to_lowercase());
        }
    }
}
