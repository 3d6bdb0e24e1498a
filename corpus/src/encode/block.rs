//! Blocks of lines, cut into tokens: the part of encoding that runs on all processors at once.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::read_full;
use crate::strings::{Key, StringTable};
use crate::tokenizer::{Case, OpenTokenizer, Tokenizer};

/// Bytes of text per block: its dictionary shall stay in the processor's cache, and setting it up shall not count.
const BLOCK: usize = 1 << 20;

/// Bytes of text per different token, on the safe side: where it is less, dictionaries grow.
const BYTES_PER_TYPE: usize = 24;

/// Stands for the end of a line in a block, whose dictionary knows words only.
pub(super) const LINE_END: u32 = u32::MAX;

/// Some lines, cut into tokens.
pub(super) struct Block {
    /// Bytes of text.
    pub(super) bytes: usize,
    pub(super) ids: Vec<u32>,
    /// Number of tokens up to and with the end of each line.
    pub(super) line_ends: Vec<u32>,
    /// What ids stand for, unless they are provisional already.
    pub(super) types: Option<Types>,
    /// Whether every line can be had back from its tokens.
    pub(super) exact: bool,
}

/// The different tokens of a block, numbered as they appear, and how often they do.
#[derive(Default)]
pub(super) struct Types {
    pub(super) strings: StringTable,
    pub(super) counts: Vec<u32>,
}

impl Block {
    pub(super) fn cut(text: &str, tokenizer: &Tokenizer, case: Case) -> Result<Block> {
        let mut block = Block {
            bytes: text.len(),
            ids: Vec::with_capacity(text.len() / 4),
            line_ends: Vec::new(),
            types: None,
            exact: true,
        };
        let lower = (case == Case::Lower).then(|| to_lowercase(text));
        block.exact = lower.as_ref().is_none_or(|lower| lower == text);
        let text = lower.as_deref().unwrap_or(text);
        match tokenizer {
            Tokenizer::Open(open) => block.cut_open(text, *open),
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
        }
        Ok(block)
    }

    fn cut_open(&mut self, text: &str, tokenizer: OpenTokenizer) {
        let mut types = Types {
            strings: StringTable::with_capacity(text.len() / BYTES_PER_TYPE),
            counts: Vec::new(),
        };
        let base = text.as_ptr() as usize;
        for line in text.split_terminator('\n') {
            tokenizer.cut(line, |token| {
                let key = Key::within(text, token.as_ptr() as usize - base, token);
                let (id, new) = types.strings.insert(key, token);
                if new {
                    types.counts.push(0);
                }
                types.counts[id as usize] += 1;
                self.ids.push(id);
            });
            self.end_line();
            self.exact = self.exact && tokenizer.keeps(line);
        }
        self.types = Some(types);
    }

    fn end_line(&mut self) {
        self.ids.push(LINE_END);
        self.line_ends.push(self.ids.len() as u32);
    }
}

/// Lines that are ASCII, which most are, do without the tables of Unicode. (No rule looks across the end of a line.)
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

/// Reads a text in blocks of whole lines.
pub(crate) struct BlockReader {
    path: PathBuf,
    file: File,
    rest: Vec<u8>,
}

impl BlockReader {
    pub(crate) fn open(path: &Path) -> Result<BlockReader> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        Ok(BlockReader {
            path: path.to_path_buf(),
            file,
            rest: Vec::new(),
        })
    }

    /// The next blocks; none at the end.
    pub(crate) fn next_group(&mut self, blocks: usize) -> Result<Vec<Vec<u8>>> {
        let mut group = Vec::new();
        while group.len() < blocks {
            match self.next_block()? {
                Some(block) => group.push(block),
                None => break,
            }
        }
        Ok(group)
    }

    fn next_block(&mut self) -> Result<Option<Vec<u8>>> {
        let mut block = std::mem::take(&mut self.rest);
        loop {
            let start = block.len();
            block.resize(start + BLOCK, 0);
            let read = read_full(&mut self.file, &mut block[start..])
                .map_err(Error::io("read", &self.path))?;
            block.truncate(start + read);
            let newline = block.iter().rposition(|&byte| byte == b'\n');
            if read < BLOCK && block.is_empty() {
                return Ok(None);
            }
            if let Some(newline) = newline {
                self.rest = block.split_off(newline + 1);
                return Ok(Some(block));
            }
            if read < BLOCK {
                return Ok(Some(block));
            }
        }
    }

    /// A block as text.
    pub(crate) fn text<'b>(path: &Path, block: &'b [u8]) -> Result<&'b str> {
        std::str::from_utf8(block).map_err(|_| Error::corrupt(path, "not valid UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_are_whole_lines_even_where_a_line_is_longer_than_a_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        let text = ["a\n", &"b".repeat(3 * BLOCK), "\n\nc"].concat();
        std::fs::write(&path, &text).unwrap();
        let mut reader = BlockReader::open(&path).unwrap();
        let mut blocks = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            blocks.push(block);
        }
        assert_eq!(blocks.concat(), text.as_bytes());
        let (last, whole) = blocks.split_last().unwrap();
        assert_eq!(last, b"c");
        assert!(whole.iter().all(|block| block.ends_with(b"\n")));
    }

    proptest! {
        #[test]
        fn lower_case_line_by_line_is_lower_case(text in "[aAÀΣσİ\u{300}' \n]{0,24}") {
            prop_assert_eq!(to_lowercase(&text), text.to_lowercase());
        }
    }
}
