//! What can go wrong while models are trained, judged and recorded.

use std::io;
use std::path::{Path, PathBuf};

/// Everything this crate and the eras' models report through it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The corpus refused.
    #[error(transparent)]
    Corpus(#[from] corpus::Error),
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A record, a model or a run that contradicts itself.
    #[error("{}: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Expected and found, and what to do.
        what: String,
    },
    /// A model and a corpus that do not belong together.
    #[error(
        "{}: the model was trained with another vocabulary ({got}) than this corpus has ({expected}); \
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
    /// A run folder that is taken.
    #[error(
        "{}: exists already; continue it with --resume {}, or choose another --out",
        path.display(), path.display()
    )]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A folder for a run that holds something else.
    #[error("{}: not empty, and no run; choose another --out", path.display())]
    Filled {
        /// The folder.
        path: PathBuf,
    },
    /// A run folder that another program writes into.
    #[error("{}: another eras is writing into this run; wait for it, or choose another --out", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// A model failed in its own way.
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
