//! The list of all eras, in the order of their years.
//!
//! To add an era, add a line to [`ERAS`] and a dependency to `Cargo.toml`; help, messages, runs, the report, property checks
//! and fuzzing use this list.

use harness::EraList;

/// The eras of the program. The oracle has no year and comes last.
pub const ERAS: EraList = EraList(&[
    &harness::Baselines,
    #[cfg(feature = "example-era")]
    &markov::Markov,
    &ngram::Ngram,
    &word2vec::Word2vec,
    #[cfg(feature = "neural")]
    &seq2seq::Seq2seq,
    #[cfg(feature = "neural")]
    &chatbot::NeuralChatbot,
    #[cfg(feature = "neural")]
    &transformer::Transformer,
    &village::OracleEra,
]);
