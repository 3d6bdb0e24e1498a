//! Staged text in blocks of whole lines.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::disk::files::read_full;
use crate::error::{Error, Result};

/// Bytes of text per block: small enough for its dictionary to stay in cache, large enough to make its setup negligible.
const BLOCK: usize = 1 << 20;

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
}
