//! ARPA files: the common text format for backoff n-gram models.
//!
//! ```text
//! \data\
//! ngram 1=4
//! ngram 2=5
//!
//! \1-grams:
//! -1.2041 the -0.3010            log10 p, the words, log10 of the backoff weight (not in the highest order), tab-separated
//! …
//! \end\
//! ```
//! `<s>` precedes each sentence and is never predicted; Eras's `<eos>` is `</s>` in ARPA files.

mod read;
mod write;

pub use read::{Imported, read};
pub use write::write;

/// The name of `<eos>` in ARPA files.
const END_OF_SENTENCE: &str = "</s>";
/// The name of the token before a sentence, in ARPA files as in Eras.
const BEGINNING_OF_SENTENCE: &str = "<s>";
/// The conventional value for log10 0.
const LOG_ZERO: f32 = -99.0;
