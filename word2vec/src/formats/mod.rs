//! Files of word vectors as word2vec, GloVe, fastText, gensim and others write them.
//!
//! | format | first line | then for each word, the most frequent first |
//! |---|---|---|
//! | word2vec text, fastText `.vec` | `V D`, the number of words and their dimension | a line with the word and D numbers |
//! | GloVe | none | the same |
//! | word2vec binary | `V D` | the word, a space, D little-endian f32, and an optional line end (gensim writes none) |
//! | fastText `.bin` | none: a magic number and the settings | see [`Subwords`]; vectors of unknown words are made of character n-grams |
//!
//! What gensim reads is read here, with the same vectors. Of a word that occurs twice, the first vector counts; words beyond the
//! number in the first line are not read. More is read than gensim does: words that hold spaces (they are joined with `_`), words
//! that were cut within a letter, and vectors that are not finite (their words are left out). [`VectorFile::notes`] says so.
//!
//! Two departures from gensim: vectors without a word are left out, and fastText's line end `</s>` has no n-grams, as in fastText
//! (in gensim it has).

mod binary;
mod collector;
mod fasttext;
mod header;
mod subwords;
#[cfg(test)]
mod tests;
mod text;
mod write;

use std::io::BufRead;
use std::path::Path;

use corpus::open_text;
use harness::{Error, Result, Vectors};

pub use subwords::Subwords;
pub use write::{write_binary, write_text};

/// Vectors that were read from a file.
#[derive(Debug)]
pub struct VectorFile {
    /// The vectors. Those of fastText's `.bin` have vectors of unknown words, too.
    pub vectors: Vectors,
    /// What was odd about the file and how it was read: a phrase each, without the file's name.
    pub notes: Vec<String>,
}

/// Reads vectors. The beginning of the file determines its format. Packed files are unpacked, whatever their names.
///
/// A binary file whose first vector could be printed numbers would be taken for text. This only happens with one or two dimensions.
///
/// # Errors
/// [`Error::Corrupt`] or [`Error::Corpus`] naming the file and the position, if the first line is neither two numbers that fit the
/// size of the file nor a word and its vector, if there are fewer words than it says, if a value is not a number, or if a word is
/// not UTF-8.
pub fn read(path: &Path) -> Result<VectorFile> {
    let mut reader = open_text(path)?;
    let start = reader.fill_buf().map_err(Error::io("read", path))?;
    let start = &start[..start.len().min(1 << 16)];
    let file = if fasttext::is_model(start) {
        fasttext::read(path, reader)
    } else if text::looks_like_text(start) {
        text::read(path, reader)
    } else {
        binary::read(path, reader)
    };
    file.map_err(|error| match error {
        Error::Model { what, .. } => Error::corrupt(path, what),
        other => other,
    })
}
