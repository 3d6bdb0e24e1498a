//! The village: a generated corpus whose every probability is known.
//!
//! It has no paper: the corpus is an invention of this project. Its minimal pairs follow BLiMP: Warstadt et al. 2020
//! (<https://arxiv.org/abs/1912.00582>).
//!
//! # The idea
//! A village has people, places, things and customs. A seed fixes the facts of its world: who makes what, who comes from where.
//! Stories and dialogues are drawn at random from it. The generator is a program with explicit choices, and each choice is a
//! distribution over the *next word* given the state of the program, which is a function of the words so far. The same program
//! therefore generates and scores: [`Oracle`] knows the exact probability of every word, and its perplexity is the *floor*, below
//! which no model gets except by chance. Every word has a tag, the [`Phenomenon`] that a model must master to predict it, so that
//! reports can show what each era has learned.
//!
//! # Example
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
//! # Parts
//! | part | content |
//! |---|---|
//! | [`Settings`], [`Village`] | the settings of the generator, and the world that they define |
//! | `world`, `lexicon` | the words, and the facts of the world |
//! | `choices` | choices of the generator: drawn by a writer, followed by a reader, enumerated by a test |
//! | `story`, `dialogue` | the two kinds of documents: their state and their sentences |
//! | [`Oracle`], [`Floor`] | the exact language model, and the entropy of the text |
//! | [`Pairs`], [`OracleTranslator`], [`Ceiling`] | sentence pairs in English and in Umric, an invented language |
//! | `test_files` | analogies, word similarities and minimal pairs |
//! | [`VillageJudge`] | a judge of replies: sensible, specific |
//!
//! # What is left out
//! The calendar is a week, money is a count without coins, and every person has one relative.
//!
//! # Reproduced here
//! `eras corpus show village` prints the floor, and the share and entropy of each phenomenon. Records of speed, exactness and of
//! what small networks learn: `bench/village/README.md`.

#[cfg(test)]
mod brute_force_tests;
mod ceiling;
mod choices;
mod closed_class;
mod dialogue;
mod document;
mod entries;
mod entropy;
mod error;
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
