//! `corpus.toml`: the metadata of a prepared corpus, with size and checksum of its files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::disk::files::{read_text, sha256_of_file, write_atomically};
use crate::error::{Error, Result};
use crate::settings::{Settings, TokenizerKind};
use crate::split::{SmallSplit, Split, SplitRule};

/// Format of a prepared corpus; corpora of another format are refused.
pub const FORMAT: u32 = 2;

/// Name of a [`Record`].
pub(crate) const RECORD: &str = "corpus.toml";

/// Folder of the tests that come with a corpus.
pub(crate) const TESTS: &str = "tests/";

/// The metadata of a prepared corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The format, [`FORMAT`].
    pub format: u32,
    /// Its name.
    pub name: String,
    /// Where the text came from.
    pub source: String,
    /// A hash of the source files, or of the program that composed the corpus.
    pub fingerprint: String,
    /// Licence of the text, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Names of the tags, by number, where tokens have tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The program that composed it, if it was not prepared from text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator: Option<Generator>,
    /// How it was prepared.
    pub settings: Settings,
    /// Its vocabulary.
    pub vocabulary: VocabularyRecord,
    /// Its splits.
    pub splits: BTreeMap<Split, SplitRecord>,
    /// Every other file of the folder: its size and checksum.
    pub files: BTreeMap<String, FileRecord>,
}

/// The program that composed a corpus, recorded so that the corpus can be made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generator {
    /// The program's name.
    pub name: String,
    /// Its version, which changes whenever the program would write other tokens.
    pub version: u32,
    /// Its settings.
    pub settings: toml::Table,
}

impl Record {
    /// Reads `corpus.toml`; checks its format only.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Version`], [`Error::Corrupt`].
    pub fn read(folder: &Path) -> Result<Record> {
        let path = folder.join(RECORD);
        let text = read_text(&path)?;
        let format = text
            .parse::<toml::Table>()
            .ok()
            .and_then(|table| table.get("format")?.as_integer());
        if let Some(found) = format.filter(|&found| found != i64::from(FORMAT)) {
            return Err(Error::Version {
                path,
                found,
                expected: FORMAT,
            });
        }
        toml::from_str(&text).map_err(|error| Error::corrupt(&path, error.to_string()))
    }

    /// The held-out splits that are too small for reliable results, also those that should have been drawn and got nothing.
    pub fn small_splits(&self) -> Vec<SmallSplit> {
        let tokens = |split| self.splits.get(&split).map(|record| record.tokens);
        let total: u64 = Split::ALL.into_iter().filter_map(tokens).sum();
        let missing = (self.settings.split != SplitRule::None).then_some(0);
        let small = |split| SmallSplit::of(split, tokens(split).or(missing)?, total);
        Split::ALL.into_iter().filter_map(small).collect()
    }

    /// Writes `corpus.toml`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(RECORD);
        let text = toml::to_string_pretty(self)
            .map_err(|error| Error::corrupt(&path, error.to_string()))?;
        write_atomically(&path, text.as_bytes())
    }

    /// The files that the record must list: a change to an unlisted file would go unnoticed.
    pub(crate) fn needed_files(&self, folder: &Path) -> Result<Vec<String>> {
        let mut names = vec!["vocab.txt".to_owned()];
        if let TokenizerKind::Bpe(_) | TokenizerKind::Pretrained = self.settings.tokens {
            names.push("tokenizer.json".to_owned());
        }
        for (split, about) in &self.splits {
            names.extend(["tokens", "documents"].map(|ending| format!("{split}.{ending}")));
            if !self.tags.is_empty() {
                names.push(format!("{split}.tags"));
            }
            if about.turns > 0 {
                names.push(format!("dialogues/{split}.turns"));
            }
        }
        names.extend(files_in(folder, TESTS)?);
        Ok(names)
    }
}

/// Size of the vocabulary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VocabularyRecord {
    /// V: number of predicted tokens.
    pub size: usize,
    /// Distinct tokens in `train` before any limit, `<eos>` included.
    pub types_in_train: u64,
}

/// Counts of a split.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitRecord {
    /// Tokens, `<eos>` included.
    pub tokens: u64,
    /// Lines.
    pub lines: u64,
    /// Documents, dialogues included.
    pub documents: u64,
    /// Turns of all dialogues.
    #[serde(default)]
    pub turns: u64,
    /// Bytes of text, one line end per line included.
    pub bytes: u64,
    /// Tokens that are `<unk>`.
    pub unknown: u64,
    /// Tokens that became `<unk>` because they are not in the vocabulary; the other `<unk>` occur in the text.
    pub out_of_vocabulary: u64,
    /// Whether decoding restores the text byte for byte, so that bits per byte are meaningful.
    pub lossless: bool,
}

/// Size and checksum of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// Size and checksum of the files in a folder, its dialogues, its tests and its pairs, except `corpus.toml` files.
pub(crate) fn record_files(folder: &Path) -> Result<BTreeMap<String, FileRecord>> {
    let mut files = Vec::new();
    for prefix in ["", "dialogues/", TESTS, "pairs/source/", "pairs/target/"] {
        for name in files_in(folder, prefix)? {
            let path = folder.join(&name);
            let bytes = fs::metadata(&path).map_err(Error::io("open", &path))?.len();
            files.push((bytes, name, path));
        }
    }
    // Largest first, one file per task, so that no thread gets two large ones at the end.
    files.sort_unstable_by(|a, b| b.cmp(a));
    let files = files.into_par_iter().with_max_len(1);
    files
        .map(|(bytes, name, path)| {
            let sha256 = sha256_of_file(&path)?;
            Ok((name, FileRecord { bytes, sha256 }))
        })
        .collect()
}

/// The names, with `prefix`, of the files in one folder of a corpus, except the record.
fn files_in(folder: &Path, prefix: &str) -> Result<Vec<String>> {
    let folder = folder.join(prefix);
    let mut names = Vec::new();
    if !folder.is_dir() {
        return Ok(names);
    }
    for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
        let path = entry.map_err(Error::io("read", &folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() && name != RECORD {
            names.push(format!("{prefix}{name}"));
        }
    }
    Ok(names)
}
