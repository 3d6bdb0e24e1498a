//! ARPA files: backoff models as text, the field's common form.
//!
//! ```text
//! \data\
//! ngram 1=4
//! ngram 2=5
//!
//! \1-grams:
//! -1.2041 the -0.3010            log10 p, the words, log10 of the backoff weight (none in the highest order); tabs between
//! …
//! \end\
//! ```
//! `<s>` stands before sentences and is never predicted; our `<eos>` is called `</s>` there.

mod read;
mod write;

pub use read::{Imported, read};
pub use write::write;

/// How `<eos>` is called in ARPA files.
const END_OF_SENTENCE: &str = "</s>";
/// How the word before a sentence is called, there as here.
const BEGINNING_OF_SENTENCE: &str = "<s>";
/// What stands for ln 0.
const LOG_ZERO: f32 = -99.0;
