//! 2007: Stupid Backoff, and Kneser-Ney beside it, in a memory-mapped FST.
//!
//! Brants, Popat, Xu, Och, Dean: *Large Language Models in Machine Translation*, EMNLP-CoNLL 2007
//! (<https://aclanthology.org/D07-1090>).
//!
//! *The idea*: with enough text, smoothing hardly matters. Count every run of up to five words. To score a word, take the
//! longest context in which it was seen and divide two counts; each time the context had to be shortened, multiply by
//! 0.4. The scores are not probabilities, but they need no second pass over the counts, and on a trillion words they
//! translate as well as Kneser-Ney.
//!
//! ```
//! use harness::{LanguageModel, Silent, Training};
//!
//! let text = [0, 1, 2, 4, 0, 1, 3, 4]; // "the cat sat" and "the cat ran", each ended by the word 4
//! let config = ngram::Config { order: 3, ..ngram::Config::default() };
//! let model = config.train(&text, 5, 4, &mut Training::new(&mut Silent))?;
//! assert_eq!(model.stupid_backoff(&[0, 1], 2)?, 0.5); // f(the cat sat) / f(the cat)
//! let sum: f64 = model.next(&[0, 1])?.iter().map(|log_prob| log_prob.exp()).sum();
//! assert!((sum - 1.0).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | paper | here |
//! |---|---|
//! | f(w_{i-k+1} … w_i) | [`Store::count`] of what [`Store::find`] finds |
//! | N | `tokens` of the store's [`Header`] |
//! | S(w_i given the k words before) | [`Model::stupid_backoff`] |
//! | alpha | [`Config::alpha`] |
//! | interpolated Kneser-Ney, the rival | [`Smoothing::KneserNey`] |
//! | MapReduce: map, sort, reduce | `count`: sorted runs, on disk where memory is short, read together |
//! | n-grams in order, common beginnings stored once | `store`, `fst` |
//!
//! | module | holds |
//! |---|---|
//! | `count` | n-grams of a text in order; how many different words stand before each |
//! | `code`, `fst`, `store` | words as bytes; nodes as bytes; all orders in one file, and look-ups, many at once |
//! | `state`, `stupid_backoff`, `kneser_ney`, `backoff`, `cache` | from n-grams to probabilities |
//! | `model`, `train`, `config` | the whole |
//! | [`arpa`] | exchange with other programs |
//! | `claims` | the paper put to the test |
//!
//! *Departures from the paper*
//! - The perplexity that the paper does not report is that of the scores renormalised, exactly, over the vocabulary:
//!   only so can the eras be compared. The raw scores are there too ([`Scores::Raw`]) and fail the audit, as they must.
//! - A word that never occurs in training (only `<unk>` can) counts as one occurrence, so that no probability is zero.
//! - The rival is the modified variant with three discounts per order, as in KenLM; the paper's has one.
//! - Counted on one machine; what distribution by the hash of two words would do is one of the claims.

pub mod arpa;
mod backoff;
mod cache;
mod claims;
mod code;
mod config;
mod count;
mod entries;
mod error;
mod fst;
mod kneser_ney;
mod model;
mod state;
mod store;
mod stupid_backoff;
mod train;

pub use claims::experiments;
pub use config::{Config, Contexts, PRESETS, Scores, Smoothing};
pub use entries::{ERA, Ngram, YEAR};
pub use error::{Error, Result};
pub use kneser_ney::Discounts;
pub use model::{Answer, Context, Model};
pub use store::{Gram, Header, Payloads, Row, Store};
pub use train::Place;
