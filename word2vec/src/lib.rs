//! 2013: word2vec, words as points of a space.
//!
//! Mikolov, Chen, Corrado, Dean: *Efficient Estimation of Word Representations in Vector Space*, 2013 ("2013a",
//! <https://arxiv.org/abs/1301.3781>); Mikolov, Sutskever, Chen, Corrado, Dean: *Distributed Representations of Words and
//! Phrases and their Compositionality*, 2013 ("2013b", <https://arxiv.org/abs/1310.4546>).
//!
//! *The idea*: a network without a hidden layer is so cheap that it can read billions of words. Let a word predict its
//! neighbours (skip-gram), or the neighbours the word (CBOW), and do not compute the whole softmax: tell the right word
//! from a few drawn ones, or go down a Huffman tree. What is kept are the input vectors, whose differences turn out to
//! mean something: king - man + woman is nearest to queen.
//!
//! | paper | here |
//! |---|---|
//! | v_w, v'_w | rows of `inputs` and `outputs` of `fast::Layers` |
//! | n(w, j), the inner nodes | `huffman::Path` |
//! | P_n(w), count to the power of 3/4 | `noise::Noise`, [`Config::noise_exponent`] |
//! | t, subsampling | `words::Words::keep`, [`Config::subsample`] |
//! | c or C, the window | [`Config::window`] |
//! | k, negative samples | [`Config::negative`] |
//!
//! | module | holds |
//! |---|---|
//! | [`Phrases`] | pairs of words that become one, before anything else |
//! | `words`, `sentences` | which words there are; a text as sentences of them |
//! | `noise`, `huffman`, `random`, `sigmoid` | what is drawn, and what is looked up |
//! | `matrix`, `kernel` | vectors in memory, and the inner loop over them |
//! | `fast`, `faithful` | the two ways to train: by windows, or as the C program does |
//! | `train`, `plan`, `keep`, `model`, `config` | the whole |
//! | [`formats`] | exchange with other programs |
//! | `claims` | the papers put to the test |
//!
//! *Departures from the C program* (with `faithful = true` there are none). Effects are on the analogies of 26 M words in one
//! pass, measured in `bench/word2vec`.
//! - Vectors begin with a length of 0.5 instead of 0.02 ([`Config::initial_length`]): 22.7 % for 17.9 % with skip-gram, 20.9 % for
//!   14.4 % with CBOW.
//! - Wrong words are drawn once for all inputs of a window, and all changes of a window are made from the vectors before
//!   it.
//! - The sigmoid's table has 4096 places, taken at their middle, for the program's 1000, whose index is rounded down twice.
//! - Wrong words are drawn exactly by their weights, not from a table of 100 million places; the window, the words that are
//!   left out and the wrong words are drawn with other bits of the same generator.
//! - Threads share the text by tokens, not by bytes.
//! - The end of lines has no vector.

mod blocks;
mod claims;
mod config;
mod entries;
mod error;
mod faithful;
mod fast;
pub mod formats;
mod huffman;
mod keep;
mod kernel;
mod language_model;
mod matrix;
mod model;
mod noise;
mod phrases;
mod plan;
mod random;
mod sentences;
mod sigmoid;
mod train;
mod words;

pub use claims::experiments;
pub use config::{Architecture, Config, PRESETS};
pub use entries::{ERA, Word2vec, YEAR};
pub use error::{Error, Result};
pub use language_model::{CbowLm, LM_PRESETS, LM_VARIANT, LmConfig};
pub use model::Model;
pub use phrases::{Phrase, Phrases};
