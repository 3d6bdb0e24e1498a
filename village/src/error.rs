//! What can go wrong in the village.

/// Everything this crate reports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A corpus that the village did not make, or that another version of it made.
    #[error("{corpus}: {what}")]
    Foreign {
        /// The corpus.
        corpus: String,
        /// Why nothing is known of it.
        what: String,
    },
    /// The corpus could not be written or read.
    #[error(transparent)]
    Corpus(#[from] corpus::Error),
    /// The harness refused.
    #[error(transparent)]
    Harness(#[from] harness::Error),
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
