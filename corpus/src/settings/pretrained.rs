//! An existing tokenizer that a corpus is prepared with.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::files::sha256_of_file;
use crate::error::{Error, Result};

/// Which existing tokenizer: its name and checksum go into the record, its path does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainedTokenizer {
    /// Name of its folder, or of its file if that is not called `tokenizer.json`.
    pub name: String,
    /// SHA-256 of its `tokenizer.json`.
    pub sha256: String,
    /// Path of the file while a corpus is prepared; not stored in the record.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// Name of the file in the format of the `tokenizers` library.
const FILE: &str = "tokenizer.json";

impl PretrainedTokenizer {
    /// Finds the tokenizer at `path`: a file in the format of `tokenizer.json`, or a folder that holds one.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] for a folder without the file; [`Error::Io`] if the file cannot be read.
    pub fn find(path: &Path) -> Result<PretrainedTokenizer> {
        let path = fs::canonicalize(path).map_err(Error::io("open", path))?;
        let file = match path.is_dir() {
            true => path.join(FILE),
            false => path.clone(),
        };
        if !file.is_file() {
            return Err(Error::Tokenizer {
                path,
                what: format!("holds no {FILE}"),
            });
        }
        let named = match file.file_name() {
            Some(name) if name == FILE => file.parent().and_then(Path::file_name),
            _ => file.file_stem(),
        };
        Ok(PretrainedTokenizer {
            name: named.unwrap_or_default().to_string_lossy().into_owned(),
            sha256: sha256_of_file(&file)?,
            path: Some(file),
        })
    }

    /// The same without the path, as a record stores it.
    pub(crate) fn without_path(&self) -> PretrainedTokenizer {
        PretrainedTokenizer {
            path: None,
            ..self.clone()
        }
    }
}
