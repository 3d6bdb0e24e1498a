//! Errors of this crate.

use std::path::PathBuf;

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the harness: I/O, damaged files, settings out of bounds, interruption.
    #[error(transparent)]
    Harness(#[from] harness::Error),
    /// The training text is empty.
    #[error("there is no token to train on: {what}")]
    NoText {
        /// The reason and the remedy.
        what: String,
    },
    /// A Kneser-Ney discount cannot be estimated from these counts.
    #[error(
        "cannot estimate the Kneser-Ney discount of {order}-grams with count {count}: it would be {discount}, because \
         {counts_of_counts:?} {order}-grams have the counts 1, 2, 3 and 4, which is unusual for natural text. Train on more or \
         other text, with a lower order, with smoothing = stupid-backoff, or with discount_fallback = true"
    )]
    Discount {
        /// The order of the n-grams.
        order: usize,
        /// The count that is discounted: 1, 2, or 3 for 3 and more.
        count: usize,
        /// The estimate, which is out of bounds.
        discount: f64,
        /// The number of n-grams with the counts 1, 2, 3 and 4.
        counts_of_counts: [u64; 4],
    },
    /// A stored n-gram has extensions, but is itself missing.
    #[error("the n-gram with the ids {words:?} has extensions, but is itself missing")]
    NoContext {
        /// The words of the n-gram.
        words: Vec<corpus::TokenId>,
    },
    /// An ARPA file is malformed.
    #[error("{}, line {line}: {what}", path.display())]
    Arpa {
        /// The file.
        path: PathBuf,
        /// The line number, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
