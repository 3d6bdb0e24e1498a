//! What this era refuses.

use std::path::PathBuf;

/// Errors of the n-gram era.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files, records, interruption.
    #[error(transparent)]
    Harness(#[from] harness::Error),
    /// Nothing to count.
    #[error("there is no token to train on: {what}")]
    NoText {
        /// Why, and what to do.
        what: String,
    },
    /// Kneser-Ney's discounts do not exist for these counts.
    #[error(
        "the discount for {order}-grams that were seen {count} times is {discount}, out of bounds: {seen:?} {order}-grams \
         were seen 1, 2, 3 and 4 times, as in no natural text. Train on more or other text, a lower order, with \
         smoothing = stupid-backoff, or with discount_fallback = true"
    )]
    Discount {
        /// Words of the n-grams.
        order: usize,
        /// Which discount: for 1, 2, or 3 and more occurrences.
        count: usize,
        /// What came out.
        discount: f64,
        /// The counts of counts.
        seen: [u64; 4],
    },
    /// An n-gram that continues one that is not there.
    #[error("the n-gram of ids {words:?} has longer ones, but is not there itself")]
    NoContext {
        /// Its words.
        words: Vec<corpus::TokenId>,
    },
    /// An ARPA file that is none.
    #[error("{}, line {line}: {what}", path.display())]
    Arpa {
        /// The file.
        path: PathBuf,
        /// Where in it.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
