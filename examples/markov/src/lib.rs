//! Markov 1913, *An Example of Statistical Investigation of the Text "Eugene Onegin" Concerning the Connection of Samples in
//! Chains*: the probability of the next symbol depends on the last one.
//!
//! *The idea*: count pairs of neighbours. Markov counted 20,000 letters by hand, vowels and consonants, and showed that
//! neighbours depend on each other.
//!
//! This crate is the example of `docs/adding-an-era.md`. It is part of the program with the feature `example-era` only.
//!
//! ```
//! let config = markov::Config::default();
//! let model = config.train(&[0, 1, 0, 1, 0, 2], 3);
//! assert!(model.probability(Some(0), 1) > model.probability(Some(0), 2));
//! ```
//!
//! *Symbols*: `c(v, w)`, how often `w` follows `v`; `u(w)`, the smoothed relative frequency of `w`; `k`, [`Config::prior`].
//!
//! *Departures from the paper*: tokens in place of two classes of letters, and a prior, without which an unseen pair would be
//! impossible.
//!
//! *Reproduced here*: nothing; the crate is an example.

mod config;
mod entries;
mod model;

pub use config::Config;
pub use entries::Markov;
pub use model::Model;
