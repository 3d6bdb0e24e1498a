//! What this era refuses.

/// Errors of the word2vec era.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files, records, vectors, interruption.
    #[error(transparent)]
    Harness(#[from] harness::Error),
    /// Too little to learn from.
    #[error(
        "{words} words occur {min_count} times or more, at least {LEAST_WORDS} are needed: train on more text, or with a \
         smaller min_count"
    )]
    FewWords {
        /// Words that are frequent enough.
        words: usize,
        /// How often they must occur.
        min_count: u64,
    },
    /// Numbers that are none any more.
    #[error(
        "after {tokens} tokens a vector is no longer finite: train with a smaller learning_rate (it is {learning_rate}); {kept}"
    )]
    NotFinite {
        /// Tokens that were trained on until it was seen.
        tokens: u64,
        /// The setting.
        learning_rate: f64,
        /// What is left of it.
        kept: String,
    },
}

/// Fewer words than this have no neighbours to speak of.
pub(crate) const LEAST_WORDS: usize = 10;

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
