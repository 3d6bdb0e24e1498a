//! Errors of this crate.

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the harness: I/O, damaged files, settings out of bounds, interruption.
    #[error(transparent)]
    Harness(#[from] harness::Error),
    /// The text has too few words of sufficient frequency.
    #[error(
        "{words} words occur {min_count} times or more, at least {MIN_WORDS} are needed: train on more text, or with a \
         smaller min_count"
    )]
    FewWords {
        /// Number of words with at least `min_count` occurrences.
        words: usize,
        /// The minimum count.
        min_count: u64,
    },
    /// Training diverged.
    #[error(
        "after {tokens} tokens a vector is no longer finite: train with a smaller learning_rate (it is {learning_rate}); {snapshot}"
    )]
    NotFinite {
        /// Tokens processed before the divergence was detected.
        tokens: u64,
        /// The configured learning rate.
        learning_rate: f64,
        /// Whether and where a snapshot was saved.
        snapshot: String,
    },
}

/// Minimum number of words; fewer have no meaningful neighbours.
pub(crate) const MIN_WORDS: usize = 10;

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
