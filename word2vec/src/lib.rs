//! 2013: word2vec, word vectors from a network without a hidden layer.
//!
//! Mikolov, Chen, Corrado, Dean: *Efficient Estimation of Word Representations in Vector Space*, 2013 ("2013a",
//! <https://arxiv.org/abs/1301.3781>); Mikolov, Sutskever, Chen, Corrado, Dean: *Distributed Representations of Words and
//! Phrases and their Compositionality*, 2013 ("2013b", <https://arxiv.org/abs/1310.4546>).
//!
//! # The idea
//! A network without a hidden layer is cheap enough to be trained on billions of words. Either a word predicts its neighbours
//! (skip-gram), or the neighbours predict the word (CBOW). The full softmax is avoided: the model distinguishes the target from a
//! few negative samples, or follows a path through a Huffman tree. The trained input vectors are the result. Their differences
//! represent relations: king - man + woman is nearest to queen.
//!
//! # Example
//! ```
//! use corpus::Vocab;
//! use harness::{Silent, Training};
//! use word2vec::Config;
//!
//! let words: Vec<String> = (0..20).map(|word| format!("w{word}")).collect();
//! let vocab = Vocab::new(std::iter::once("<eos>").chain(words.iter().map(String::as_str))).unwrap();
//! let text: Vec<u32> = (0..2_000).map(|at| (at * 5 + at / 3) % 21).collect(); // 0 is the end of a line
//! let config = Config { dimension: 8, threads: 1, ..Config::default() };
//! let model = config.train(&text[..], &vocab, &mut Training::new(&mut Silent)).unwrap();
//! assert_eq!(model.vectors().len(), 20);
//! ```
//!
//! # Symbols
//! | paper | here |
//! |---|---|
//! | v_w, v'_w | rows of `inputs` and `outputs` of `hogwild::Weights` |
//! | n(w, j), the inner nodes | `huffman::HuffmanPath` |
//! | D | [`Config::dimension`] |
//! | c or C, the window | [`Config::window`] |
//! | k, negative samples | [`Config::negative`] |
//! | P_n(w), proportional to count^(3/4) | `noise::NoiseDistribution`, [`Config::noise_exponent`] |
//! | t, subsampling | `word_vocab::WordVocab::keep_probabilities`, [`Config::subsample`] |
//! | phrase score, 2013b, eq. 6 | [`Phrase::score`] |
//!
//! | module | contents |
//! |---|---|
//! | [`Phrases`] | pairs of words that become one, found before training |
//! | `word_vocab`, `sentences` | the vocabulary; a text as sentences |
//! | `noise`, `huffman`, `lcg`, `sigmoid` | negative samples, the Huffman tree, random numbers, the logistic function |
//! | `matrix`, `kernel` | vectors in memory, and the inner loop over them |
//! | `hogwild`, `reference` | the parallel trainer, and a trainer that reproduces the C program |
//! | `config`, `train`, `training_context`, `snapshot`, `model` | settings, training and the model |
//! | `language_model` | CBOW over the preceding words as a language model |
//! | [`formats`] | exchange with other programs |
//! | `claims` | experiments that test the claims of the papers |
//!
//! # Departures from the paper
//! The reference is the released C program, which the trainer with `faithful = true` reproduces. By default:
//! - With [`Config::shared_negatives`], negative samples are drawn once for all inputs of a window, and all updates of a window use
//!   the vectors before it. The presets `skip-gram-tuned` and `cbow-tuned` use this and longer initial vectors
//!   ([`Config::initial_length`]); the others do not.
//! - The sigmoid's table has 4096 entries for the middle of each interval; the C program's has 1000 and rounds its index down
//!   twice.
//! - Negative samples are drawn exactly by their weights, not from a table of 100 million entries. Windows, subsampling and
//!   negative samples use other bits of the same random number generator.
//! - Threads divide the text by tokens, not by bytes.
//! - The line end has no vector.
//!
//! # Reproduced here
//! The papers' accuracies, on billions of words, are not reproduced. `docs/results.md` has accuracy and speed beside gensim's with equal
//! settings. With `faithful = true`, vectors agree with the C program's within 1e-5. `eras reproduce word2vec` tests the papers' claims.

mod chunks;
mod claims;
mod config;
mod entries;
mod error;
pub mod formats;
mod hogwild;
mod huffman;
mod ideas;
mod kernel;
mod language_model;
mod lcg;
mod matrix;
mod model;
mod noise;
mod phrases;
mod reference;
mod sentences;
mod sigmoid;
mod snapshot;
mod train;
mod training_context;
mod word_vocab;

pub use claims::experiments;
pub use config::{Architecture, Config, PRESETS};
pub use entries::{ERA, Word2vec, YEAR};
pub use error::{Error, Result};
pub use language_model::{CbowLm, LM_PRESETS, LM_VARIANT, LmConfig};
pub use model::Model;
pub use phrases::{Phrase, Phrases};
