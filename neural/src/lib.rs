//! What the neural eras share on libtorch: where a model computes, how its weights are kept, how fast the
//! machine is.
//!
//! The eras call [`tch`] themselves; this crate holds what would otherwise be written once per era.
//!
//! | module | question | main items |
//! |---|---|---|
//! | `device` | where, with which numbers, on how many threads? | [`Settings`], [`Device`], [`Precision`] |
//! | `parameters` | what does training set? | [`Layout`], [`Parameters`], [`Weights`] |
//! | `streams` | what is read in a step? | [`Streams`], [`Window`] |
//! | `objective`, `cross_entropy` | how wrong is the output, and what would mend it? | [`Output`], [`Objective`] |
//! | `sampled` | which words does a step compare a target with? | [`Sampler`] |
//! | `linear`, `dropout` | what all networks are made of | [`Linear`], [`dropout`] |
//! | `trained`, `text_model`, `stretch` | a trained network as a language model | [`TextModel`], [`TextNetwork`], [`Trained`] |
//! | `translation` | a network that reads a sentence and writes its translation | [`EncoderDecoder`], [`TranslationModel`], [`Ensemble`], [`PairBatches`] |
//! | `decoding` | what does a model write? | [`Step`], [`sample`], [`beam_search`] |
//! | `optimiser`, `adam`, `schedule` | what does a gradient change, and how much? | [`Optimiser`], [`Rule`], [`Schedule`] |
//! | `trainer`, `moments`, `checkpoint` | the loop, what it keeps of earlier moments, and how it goes on after a stop | [`Task`], [`Recipe`], [`train`] |
//! | `weights` | how do weights get to disk and back? | [`weights::save`], [`weights::load`], [`weights::load_into`] |
//! | `speed` | how fast does a network train? | [`speed::Trial`] |
//! | `probe` | how fast can this machine multiply, and with which libtorch? | [`probe::matmul_gflops`] |
//! | `entries` | what do the entries of all neural eras have in common? | [`adapt`], [`language_model_preset`] |
//! | `error` | what can go wrong? | [`Error`] |
//!
//! ```
//! use neural::{Settings, weights};
//! use tch::{Kind, Tensor};
//!
//! let settings = Settings { threads: 1, ..Settings::default() };
//! let device = settings.apply()?;
//!
//! let folder = tempfile::tempdir().expect("a temporary folder");
//! let path = folder.path().join("model.safetensors");
//! let embedding = Tensor::ones([10, 4], (Kind::Float, device)); // [vocab, embed]
//! weights::save(&path, &[("embedding".into(), embedding.shallow_clone())].into())?;
//! assert_eq!(weights::load(&path)?["embedding"], embedding);
//! # Ok::<(), neural::Error>(())
//! ```
//!
//! *Panics.* Operations of `tch` panic where libtorch refuses them. Inside a model a wrong shape is a bug and may
//! do so; what comes from a file or an argument is checked here first and comes back as an [`Error`].

mod adam;
mod checkpoint;
mod cross_entropy;
mod decoding;
mod device;
mod dropout;
mod entries;
mod error;
#[cfg(feature = "golden")]
pub mod golden;
mod linear;
mod moments;
mod objective;
mod optimiser;
mod parameters;
pub mod probe;
mod sampled;
mod schedule;
pub mod speed;
mod streams;
mod stretch;
mod text_model;
mod trained;
mod trainer;
mod translation;
pub mod weights;

pub use decoding::{Beam, Hypothesis, Step, beam_search, numbers, sample};
pub use device::{Device, Precision, Settings, release_memory};
pub use dropout::dropout;
pub use entries::{adapt, language_model_preset};
pub use error::{Error, Result};
pub use linear::Linear;
pub use objective::{Objective, Output};
pub use optimiser::{Optimiser, Rule};
pub use parameters::{Init, Layout, ParameterId, Parameters, Weights};
pub use sampled::Sampler;
pub use schedule::Schedule;
pub use streams::{Order, Streams, Window, ids};
pub use stretch::Stretch;
pub use text_model::{TextConfig, TextModel, TextNetwork, mean_log_prob};
pub use trained::Trained;
pub use trainer::{Recipe, Task, train};
pub use translation::bench;
pub use translation::{
    Alike, Candidates, Common, EncoderDecoder, Ensemble, Looking, OwnedPair, Pair, PairBatch,
    PairBatches, Reading, Sides, Translating, TranslationModel, TranslatorConfig, padded, pairs_of,
    score_pairs, sentences,
};
