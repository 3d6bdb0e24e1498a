//! The built-in world: a corpus whose every probability is known.
//!
//! *The idea*: a village has people, places, things and a few customs. What is always true of it (who makes what, who comes
//! from where) is fixed by a seed; what happens in a story or is said in a conversation is drawn anew. The generator is a
//! program over explicit choices, and each choice is a distribution over the *next word* given what the program remembers,
//! which is a function of the words so far. The same program therefore writes and scores: [`Oracle`] knows the probability of
//! every word exactly, and its perplexity is the floor that no model gets below but by chance. Every word carries a tag, the
//! [`Phenomenon`] that one must master to predict it, so that a report can say what each era has learned.
//!
//! ```
//! use corpus::{OnExisting, Split, Watch};
//! use village::{Oracle, Settings, Village};
//!
//! # let folder = tempfile::tempdir()?;
//! let settings = Settings { tokens: 20_000, held_out: 5_000, pairs: 200, ..Settings::small() };
//! let village = Village::new(&settings)?;
//! let corpus = village.prepare(&folder.path().join("village"), OnExisting::Refuse, &mut Watch::silent())?;
//! let oracle = Oracle::new(Village::of(&corpus)?, corpus.vocab())?;
//! let floor = oracle.floor(&corpus.split(Split::Test)?.to_vec())?;
//! assert!(floor.first_impossible.is_none());
//! assert!((floor.all.cross_entropy - floor.all.entropy).abs() < 5.0 * floor.all.standard_error);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | `world`, `lexicon` | the words, and what is always true |
//! | `pen` | choices: drawn by a writer, followed by a reader, enumerated by a test |
//! | `story`, `talk` | the documents: what they remember, and how they say it |
//! | [`Oracle`], [`Floor`] | the exact model, and how much cannot be known |
//! | [`Pairs`], [`OracleTranslator`], [`Ceiling`] | sentences in English and in Umric, an invented language |
//! | `trials` | analogies, similarities and minimal pairs that the world supplies |
//! | [`VillageJudge`] | whether a reply is sensible and specific |
//!
//! *What is left out*: the calendar is a week, money is a count without coins, and kin are one relative for each person.

mod ceiling;
mod choices;
mod closed_class;
mod dialogue;
mod document;
mod entries;
mod entropy;
mod error;
#[cfg(test)]
mod exactness;
mod judge;
mod lexicon;
mod numbers;
mod oracle;
mod pairs;
mod phenomenon;
mod prepare;
mod settings;
mod story;
mod test_files;
mod village;
mod world;

pub use ceiling::Ceiling;
pub use entries::{ORACLE, OracleEra};
pub use entropy::{Entropy, Floor};
pub use error::{Error, Result};
pub use judge::VillageJudge;
pub use oracle::Oracle;
pub use pairs::{Direction, Meaning, OracleTranslator, Pair, Pairs};
pub use phenomenon::Phenomenon;
pub use prepare::{ANALOGIES, MINIMAL_PAIRS, SIMILARITIES};
pub use settings::{PRESETS, Settings, Shares};
pub use village::{VERSION, Village};
