//! The errors of this crate.

/// Everything this crate reports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A corpus that the village did not generate, or that another version of it generated.
    #[error("{corpus}: {what}")]
    Foreign {
        /// The corpus.
        corpus: String,
        /// Why it is refused.
        what: String,
    },
    /// The corpus could not be written or read.
    #[error(transparent)]
    Corpus(#[from] corpus::Error),
    /// An error of the harness.
    #[error(transparent)]
    Harness(#[from] harness::Error),
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
