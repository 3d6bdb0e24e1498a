//! Vectors of words that are not in the vocabulary.

/// Makes vectors of words that are not in the vocabulary, for instance of their parts.
pub trait UnknownWords: Send + Sync {
    /// The vector of a word, if one can be made.
    fn vector(&self, word: &str) -> Option<Vec<f32>>;
}
