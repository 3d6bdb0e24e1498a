//! Errors of this crate.

use std::io;
use std::path::{Path, PathBuf};

/// Everything this crate reports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run's records could not be read.
    #[error(transparent)]
    Harness(#[from] harness::Error),
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
    /// A malformed or inconsistent record.
    #[error("{}: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A chart that could not be drawn.
    #[error("cannot draw the chart {chart}: {what}")]
    Drawing {
        /// The chart's name.
        chart: String,
        /// The message of the drawing library.
        what: String,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A closure for `map_err` with the attempted action and its path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// A file that contradicts itself.
    pub(crate) fn corrupt(path: &Path, what: impl ToString) -> Error {
        Error::Corrupt {
            path: path.to_path_buf(),
            what: what.to_string(),
        }
    }

    /// A chart that could not be drawn.
    pub(crate) fn drawing(chart: &str, what: impl ToString) -> Error {
        Error::Drawing {
            chart: chart.to_owned(),
            what: what.to_string(),
        }
    }
}
