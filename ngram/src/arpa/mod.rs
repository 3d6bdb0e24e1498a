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
//!
//! Models of other programs may be filtered or pruned, and laid out in other ways. What KenLM scores is scored alike; what it
//! refuses for its content is refused with the place. Layouts that only SRILM and others read are read, too.
//!
//! | file | contents |
//! |---|---|
//! | `lines` | white space, header, sections, the numbers of an n-gram |
//! | `words` | the vocabulary, the marks of sentences, unknown words |
//! | `missing` | n-grams that pruning removed under longer ones |
//! | `read`, `write` | from a file to a model and back |

mod lines;
mod missing;
mod read;
mod words;
mod write;

pub use read::{Imported, read, read_like};
pub use write::write;

/// The name of `<eos>` in ARPA files.
const END_OF_SENTENCE: &str = "</s>";
/// The name of the token before a sentence, in ARPA files as in Eras.
const BEGINNING_OF_SENTENCE: &str = "<s>";
/// The names of unknown words: that of most programs, and that of SRILM.
const UNKNOWN: [&str; 2] = ["<unk>", "<UNK>"];
/// The conventional value for log10 0.
const LOG_ZERO: f32 = -99.0;
