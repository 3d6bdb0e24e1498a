//! The names of the files in a corpus' folder, and the width of its ids.

use std::path::{Path, PathBuf};

use crate::split::Split;

/// The file of a split with this extension.
pub(crate) fn split_path(folder: &Path, split: Split, ending: &str) -> PathBuf {
    folder.join(format!("{split}.{ending}"))
}

/// Extension of the text of a split.
pub(crate) const TEXT: &str = "text";
/// Extension of the number of lines of each document (u32); removed when preparation ends.
pub(crate) const LINE_COUNTS: &str = "line-counts";
/// Extension of the speaker of each line (u8); removed when preparation ends.
pub(crate) const SPEAKERS: &str = "speakers";
/// Extension of the provisional ids (u32), before words are ranked; removed when preparation ends.
pub(crate) const PROVISIONAL: &str = "provisional";

/// Whether ids of a vocabulary of this size, with `<s>` and `<pad>`, fit in 16 bits.
pub(crate) fn is_narrow(vocab: usize) -> bool {
    vocab + 2 <= 1 << 16
}
