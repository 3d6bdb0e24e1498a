//! Errors of training, evaluating and recording models.

use std::io;
use std::path::{Path, PathBuf};

/// The errors of this crate, and of eras' models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the corpus crate.
    #[error(transparent)]
    Corpus(#[from] corpus::Error),
    /// An operation on a file failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The attempted action, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A malformed or inconsistent record, model or run.
    #[error("{}: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Expected and found, and what to do.
        what: String,
    },
    /// A model and a corpus with different vocabularies.
    #[error(
        "{}: the model was trained with another vocabulary ({got}) than that of this corpus ({expected}); \
         evaluate it on the corpus it was trained on, or train it again",
        path.display()
    )]
    OtherVocabulary {
        /// The model.
        path: PathBuf,
        /// Checksum of the corpus' vocabulary.
        expected: String,
        /// Checksum in the model.
        got: String,
    },
    /// A setting out of its bounds.
    #[error("{field} = {value}: {bound}")]
    Setting {
        /// Its name.
        field: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        bound: String,
    },
    /// A configuration with an unknown key, or a value of another type.
    #[error("{0}")]
    Configuration(String),
    /// A model of an era or a variant that the program does not have.
    #[error("{}: a model of {entry}, but this program has no such entry", path.display())]
    UnknownEntry {
        /// The model.
        path: PathBuf,
        /// Era and variant.
        entry: String,
    },
    /// A corpus that lacks the data an entry is trained on.
    #[error("{corpus}: {what}")]
    Unsuited {
        /// The corpus.
        corpus: String,
        /// What it lacks.
        what: String,
    },
    /// A model that training cannot start from.
    #[error("{}: {what}", path.display())]
    InitFrom {
        /// The model.
        path: PathBuf,
        /// Why not.
        what: String,
    },
    /// An error of an era's crate.
    #[error(transparent)]
    Era(Box<dyn std::error::Error + Send + Sync>),
    /// A run folder that already exists.
    #[error("{}: already exists", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A folder for a run that holds something else.
    #[error("{}: not empty and not a run", path.display())]
    Filled {
        /// The folder.
        path: PathBuf,
    },
    /// A run folder that another process is writing to.
    #[error("{}: another eras process is writing to this run", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// A model that failed, or gave an invalid answer.
    #[error("{model}: {what}")]
    Model {
        /// Which model.
        model: String,
        /// What it says.
        what: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Wraps an error of an era's crate.
    pub fn era(error: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Era(Box::new(error))
    }

    /// Whether the user has asked to stop.
    pub fn is_interruption(&self) -> bool {
        matches!(
            self,
            Error::Interrupted | Error::Corpus(corpus::Error::Interrupted)
        )
    }

    /// Whether an argument or a setting is wrong, rather than a file or the machine.
    pub fn is_wrong_usage(&self) -> bool {
        match self {
            Error::Corpus(error) => error.is_wrong_usage(),
            Error::Setting { .. }
            | Error::Configuration(_)
            | Error::Unsuited { .. }
            | Error::InitFrom { .. } => true,
            _ => false,
        }
    }

    /// A closure for `map_err` that says what was tried on which path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// A file that contradicts itself.
    pub fn corrupt(path: &Path, what: impl Into<String>) -> Error {
        Error::Corrupt {
            path: path.to_path_buf(),
            what: what.into(),
        }
    }
}
