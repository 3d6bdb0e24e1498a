//! What this era refuses.

/// Errors of the n-gram era.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files, records, interruption.
    #[error(transparent)]
    Harness(#[from] harness::Error),
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
    /// Nothing to count.
    #[error("there is no token to train on: {what}")]
    NoText {
        /// Why, and what to do.
        what: String,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
