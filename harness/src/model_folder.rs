//! Models on disk: a folder with a model card (`model.toml`) and the files that it lists.

use std::fs;
use std::path::{Path, PathBuf};

use corpus::{Corpus, named_file, read_text, read_whole, sha256_of_file, write_atomically};
use serde::{Deserialize, Serialize};

use crate::borrowed_ideas::BorrowedIdea;
use crate::entry::EntryId;
use crate::error::{Error, Result};
use crate::format::require_format;
use crate::records::AncestorRecord;
use crate::test_evaluations::TestEvaluations;
use crate::training::TrainingTotals;

/// Version of model folders; another one is refused. Version 1 is that of Eras 0.1.
pub const FORMAT: u32 = 2;

/// `model.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// Version of the layout.
    pub format: u32,
    /// The era that can open it.
    pub era: String,
    /// Which of the era's models.
    pub variant: String,
    /// SHA-256 of the vocabulary it was trained with.
    pub vocab_checksum: String,
    /// V.
    pub vocab_size: usize,
    /// Number of trained parameters.
    pub parameters: u64,
    /// The resolved configuration.
    pub config: toml::Table,
    /// The cost of training; zero if it is not known.
    #[serde(default)]
    pub training: TrainingTotals,
    /// The models that training started from, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestry: Vec<AncestorRecord>,
    /// The ideas of other papers that its configuration uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub borrowed_ideas: Vec<BorrowedIdea>,
    /// The evaluations on the test split; none yet if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_evaluations: Option<TestEvaluations>,
    /// The other files.
    #[serde(default)]
    pub files: Vec<ModelFile>,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its name within the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

impl ModelCard {
    /// The card of a model without settings.
    pub fn of(id: &EntryId, corpus: &Corpus, parameters: u64) -> ModelCard {
        ModelCard {
            format: FORMAT,
            era: id.era.clone(),
            variant: id.variant.clone(),
            vocab_checksum: corpus.vocab_checksum(),
            vocab_size: corpus.vocab().len(),
            parameters,
            config: toml::Table::new(),
            training: TrainingTotals::default(),
            ancestry: Vec::new(),
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        }
    }

    /// Era and variant, as tables show them.
    pub fn label(&self) -> String {
        format!("{}/{}", self.era, self.variant)
    }

    /// Writes `model.toml` as the last file, since a folder without it is not a model. Records every other
    /// file. The model counts as never evaluated.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(mut self, folder: &Path) -> Result<()> {
        corpus::sync(folder)?;
        self.test_evaluations = None;
        self.files = files_of(folder, "")?;
        self.files.retain(|file| file.name != "model.toml");
        self.files.sort_by(|a, b| a.name.cmp(&b.name));
        self.replace(folder)
    }

    /// Adds the cost of training, the ancestry and the borrowed ideas to a written model.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn note_training(
        folder: &Path,
        training: TrainingTotals,
        ancestry: Vec<AncestorRecord>,
        borrowed_ideas: Vec<BorrowedIdea>,
    ) -> Result<()> {
        let card = ModelCard::open(folder)?;
        let card = ModelCard {
            training,
            ancestry,
            borrowed_ideas,
            ..card
        };
        card.replace(folder)
    }

    /// Replaces `model.toml`.
    pub(crate) fn replace(&self, folder: &Path) -> Result<()> {
        let text = self.to_toml(folder)?;
        Ok(write_atomically(
            &folder.join("model.toml"),
            text.as_bytes(),
        )?)
    }

    /// The content of `model.toml`.
    pub(crate) fn to_toml(&self, folder: &Path) -> Result<String> {
        toml::to_string_pretty(self)
            .map_err(|error| Error::corrupt(&folder.join("model.toml"), error.to_string()))
    }

    /// Reads `model.toml`; checks version and lengths.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn open(folder: &Path) -> Result<ModelCard> {
        let path = folder.join("model.toml");
        let text = read_text(&path)?;
        require_format(&path, &text, FORMAT, "train the model again")?;
        let card: ModelCard =
            toml::from_str(&text).map_err(|error| Error::corrupt(&path, error.to_string()))?;
        for file in &card.files {
            file.locate(folder)?;
        }
        Ok(card)
    }

    /// The path of a file that opening the model reads. Every reader of a model's files asks here, so that no file is read that the
    /// card does not list: its length and checksum would not be known.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the card does not list the file, if it has another length, or if a symbolic link leads out of the folder;
    /// [`Error::Corpus`] if it is missing.
    pub fn file(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let listed = self.files.iter().find(|file| file.name == name);
        let Some(file) = listed else {
            let what = format!(
                "its list of files lacks {name}, which the model needs; train the model again"
            );
            return Err(Error::corrupt(&folder.join("model.toml"), what));
        };
        file.locate(folder)
    }

    /// The bytes of a file that the card lists, see [`ModelCard::file`].
    ///
    /// # Errors
    /// As [`ModelCard::file`], and [`Error::Io`] if it cannot be read.
    pub fn read_file(&self, folder: &Path, name: &str) -> Result<Vec<u8>> {
        let path = self.file(folder, name)?;
        read_whole(&path).map_err(Error::io("read", &path))
    }

    /// The settings, as the era's own type.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a missing or unknown key, or a value of another type.
    pub fn settings<C: serde::de::DeserializeOwned>(&self, folder: &Path) -> Result<C> {
        self.config
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| {
                Error::corrupt(&folder.join("model.toml"), error.to_string())
            })
    }

    /// Refuses to use the model with a different vocabulary.
    ///
    /// # Errors
    /// [`Error::OtherVocabulary`].
    pub fn check_vocab(&self, folder: &Path, expected: &str) -> Result<()> {
        match self.vocab_checksum == expected {
            true => Ok(()),
            false => Err(Error::OtherVocabulary {
                path: folder.to_path_buf(),
                expected: expected.to_owned(),
                got: self.vocab_checksum.clone(),
            }),
        }
    }

    /// Compares every file with its checksum.
    ///
    /// # Errors
    /// [`Error::Corrupt`] naming the first that differs.
    pub fn verify(&self, folder: &Path) -> Result<()> {
        for file in &self.files {
            let path = named_file(folder, &file.name)?;
            let got = sha256_of_file(&path)?;
            if got != file.sha256 {
                let what = format!(
                    "its checksum is {got}, expected {}; train the model again",
                    file.sha256
                );
                return Err(Error::corrupt(&path, what));
            }
        }
        Ok(())
    }
}

impl ModelFile {
    /// Its path, if it is a file of the folder with the length on record.
    fn locate(&self, folder: &Path) -> Result<PathBuf> {
        let path = named_file(folder, &self.name)?;
        let bytes = fs::metadata(&path).map_err(Error::io("open", &path))?.len();
        if bytes != self.bytes {
            let what = format!(
                "{bytes} bytes, model.toml says {}; train the model again",
                self.bytes
            );
            return Err(Error::corrupt(&path, what));
        }
        Ok(path)
    }
}

/// The files of a folder and its subfolders, except hidden ones, with paths relative to the outermost folder, after `prefix`.
fn files_of(folder: &Path, prefix: &str) -> Result<Vec<ModelFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        match path.is_dir() {
            true => files.extend(files_of(&path, &format!("{name}/"))?),
            false => files.push(ModelFile {
                bytes: fs::metadata(&path).map_err(Error::io("open", &path))?.len(),
                sha256: sha256_of_file(&path)?,
                name,
            }),
        }
    }
    Ok(files)
}
