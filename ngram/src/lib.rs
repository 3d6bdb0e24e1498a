//! 2007: Stupid Backoff, with Kneser-Ney for comparison, in a memory-mapped FST.
//!
//! Brants, Popat, Xu, Och, Dean: *Large Language Models in Machine Translation*, EMNLP-CoNLL 2007
//! (<https://aclanthology.org/D07-1090>). Kneser-Ney: Chen and Goodman 1998.
//!
//! # The idea
//! With enough text, smoothing hardly matters. The model counts all n-grams of up to five words. The score of a word is its
//! relative frequency after the longest context in which it occurs, multiplied by 0.4 for each word by which the context had to
//! be shortened. The scores are not probabilities, but they need no second pass over the counts. Counted on a trillion words,
//! they translate as well as Kneser-Ney.
//!
//! # Example
//! ```
//! use harness::{LanguageModel, Silent, Training};
//!
//! let text = [0, 1, 2, 4, 0, 1, 3, 4]; // "the cat sat" and "the cat ran"; 4 is the end of a line
//! let config = ngram::Config { order: 3, ..ngram::Config::default() };
//! let model = config.train(&text, 5, 4, &mut Training::new(&mut Silent))?;
//! assert_eq!(model.stupid_backoff(&[0, 1], 2)?, 0.5); // f(the cat sat) / f(the cat)
//! let sum: f64 = model.next(&[0, 1])?.iter().map(|log_prob| log_prob.exp()).sum();
//! assert!((sum - 1.0).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Symbols
//! | paper | here |
//! |---|---|
//! | f(w_{i-k+1} … w_i) | [`Store::count`] of the n-gram that [`Store::find`] returns |
//! | N | [`Header::tokens`] |
//! | S(w_i given the k - 1 preceding words), eq. 5 | [`Model::stupid_backoff`] |
//! | alpha | [`Config::alpha`] |
//! | interpolated Kneser-Ney; D1, D2, D3+ | [`Smoothing::KneserNey`]; [`Discounts`] |
//! | MapReduce: map, sort, reduce | `count`: sorted runs, on disk if memory is limited, merged when read |
//! | sorted n-grams with shared prefixes | `store`, `fst` |
//!
//! | module | contents |
//! |---|---|
//! | `count` | sorted n-grams of a text and their continuation counts |
//! | `word_code`, `fst`, `store` | the code of words, the nodes of the FST, the store of all orders and its look-ups |
//! | `context_state` | the contexts carried along a text |
//! | `stupid_backoff`, `kneser_ney`, `explicit_backoff`, `word_cache` | scores and probabilities |
//! | `config`, `train`, `model` | settings, training and the model |
//! | [`arpa`] | exchange with other programs |
//! | [`CountFiles`] | models from counts that were made elsewhere |
//! | `claims` | experiments that test the claims of the paper |
//!
//! # Departures from the paper
//! - Scores are renormalised exactly over the vocabulary, so that they have a perplexity and can be compared between eras.
//!   [`Scores::Raw`] keeps the paper's scores, which fail the audit.
//! - A word that does not occur in training (only `<unk>` can be one) has the count 1, so that no probability is zero.
//! - Kneser-Ney is the modified variant with three discounts per order, as in KenLM; the paper's has one.
//! - Counting runs on one machine; an experiment tests the paper's sharding by the hash of two words.
//!
//! # Reproduced here
//! The paper's translation experiments are not reproduced. On WikiText-2, Kneser-Ney has KenLM's perplexity within 0.001. `docs/results.md`
//! has time, size and speed beside KenLM's; `eras reproduce ngram` tests the paper's claims.

pub mod arpa;
mod claims;
mod config;
mod context_state;
mod count;
mod entries;
mod error;
mod explicit_backoff;
mod fst;
mod kneser_ney;
mod model;
mod store;
mod stupid_backoff;
mod train;
mod word_cache;
mod word_code;

pub use claims::experiments;
pub use config::{Config, Contexts, PRESETS, Scores, Smoothing};
pub use count::files::{CountFiles, FromCounts};
pub use entries::{ERA, Ngram, YEAR};
pub use error::{Error, Result};
pub use kneser_ney::Discounts;
pub use model::{Context, Model, TokenScore};
pub use store::{Header, NgramNode, NgramStatistics, PayloadKind, Store};
pub use train::Storage;
