//! Vectors written in word2vec's formats.

use std::io::Write;
use std::path::Path;

use corpus::write_atomically;
use harness::{Error, Result, Vectors};

/// Writes vectors as text, with the shortest decimals that restore the same f32.
///
/// # Errors
/// [`Error::Corpus`] if the file cannot be written; an existing file is then unchanged.
pub fn write_text(vectors: &Vectors, path: &Path) -> Result<()> {
    write(vectors, path, |bytes, vector| {
        for value in vector {
            write!(bytes, "{value:?} ")?;
        }
        Ok(())
    })
}

/// Writes vectors in the binary format.
///
/// # Errors
/// [`Error::Corpus`] if the file cannot be written; an existing file is then unchanged.
pub fn write_binary(vectors: &Vectors, path: &Path) -> Result<()> {
    write(vectors, path, |bytes, vector| {
        bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        Ok(())
    })
}

/// Writes either format; `numbers` encodes a vector. Words of [`Vectors`] contain no white space, so all can be written.
fn write(
    vectors: &Vectors,
    path: &Path,
    numbers: impl Fn(&mut Vec<u8>, &[f32]) -> std::io::Result<()>,
) -> Result<()> {
    let mut bytes = format!("{} {}\n", vectors.len(), vectors.dimension()).into_bytes();
    let rows = vectors.values().chunks_exact(vectors.dimension());
    for (word, vector) in vectors.words().iter().zip(rows) {
        bytes.extend(word.bytes());
        bytes.push(b' ');
        numbers(&mut bytes, vector).map_err(Error::io("write", path))?;
        bytes.push(b'\n');
    }
    Ok(write_atomically(path, &bytes)?)
}
