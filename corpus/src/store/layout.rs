//! The names of the files in a corpus' folder, and how wide its ids are.

use std::path::{Path, PathBuf};

use crate::split::Split;

/// The file of a split with this ending.
pub(crate) fn staged(folder: &Path, split: Split, ending: &str) -> PathBuf {
    folder.join(format!("{split}.{ending}"))
}

/// Ending of the staged text of a split; it stays.
pub(crate) const TEXT: &str = "text";
/// Ending of the number of lines of each document (u32); gone when preparation ends.
pub(crate) const LINE_COUNTS: &str = "line-counts";
/// Ending of the speaker of each line (u8); gone when preparation ends.
pub(crate) const SPEAKERS: &str = "speakers";
/// Ending of the ids, four bytes each, before their words are ranked.
pub(crate) const PROVISIONAL: &str = "provisional";

/// Whether ids of a vocabulary of this size, with `<s>` and `<pad>`, fit in 16 bits.
pub(crate) fn is_narrow(vocab: usize) -> bool {
    vocab + 2 <= 1 << 16
}
