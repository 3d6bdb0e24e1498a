//! What the neural eras share on top of libtorch: parameters, losses, the training loop, decoding, model files.
//!
//! The eras call [`tch`] themselves; this crate holds what would otherwise be written once per era. Each layer uses only those
//! above it:
//!
//! | layer | modules | main items |
//! |---|---|---|
//! | machine | `compute_config`, `device`, `libtorch`, `memory`, `probe` | [`ComputeConfig`], [`Device`], [`Precision`] |
//! | layout | `layout` | [`Layout`], [`ParameterId`], [`Init`] |
//! | loss | `loss` | [`Loss`] |
//! | parameters | `parameters`, `model_weights`, `weights` | [`Parameters`], [`Weights`], [`weights::save`] |
//! | layers | `linear`, `dropout`, `output_layer`, `cross_entropy`, `sampled_softmax` | [`Linear`], [`Dropout`], [`OutputLayer`], [`Sampler`] |
//! | training | `trainer`, `training_config`, `task`, `optimizer`, `schedule`, `checkpoint` | [`train`], [`TrainingConfig`], [`Task`] |
//! | decoding | `decoding` | [`IncrementalDecoder`], [`sample`], [`beam_search`] |
//! | language models | `text_network`, `text_model`, `text_task`, `text_batches`, `scoring_window` | [`TextNetwork`], [`TextModel`], [`train_text_model`] |
//! | translation | `translation` | [`EncoderDecoder`], [`TranslationModel`], [`Ensemble`] |
//! | measurement | `speed` | [`speed::SpeedTest`] |
//! | entries | `entries` | [`adapt`], [`language_model_preset`] |
//!
//! ```
//! use neural::{ComputeConfig, weights};
//! use tch::{Kind, Tensor};
//!
//! let config = ComputeConfig { threads: 1, ..ComputeConfig::default() };
//! let device = config.apply()?;
//!
//! let folder = tempfile::tempdir().expect("a temporary folder");
//! let path = folder.path().join("model.safetensors");
//! let embedding = Tensor::ones([10, 4], (Kind::Float, device)); // [vocab, embed]
//! weights::save(&path, &[("embedding".into(), embedding.shallow_clone())].into())?;
//! assert_eq!(weights::load(&path)?["embedding"], embedding);
//! # Ok::<(), neural::Error>(())
//! ```
//!
//! # Panics
//! Operations of `tch` panic where libtorch refuses them. A wrong shape inside a model is a bug and may panic; values from files
//! and arguments are checked first and lead to an [`Error`].

mod adam;
mod best_checkpoint;
mod budget_clock;
mod checkpoint;
mod checkpoint_average;
mod compute_config;
mod cross_entropy;
mod decoding;
mod device;
mod dropout;
mod entries;
mod error;
#[cfg(feature = "golden")]
pub mod golden;
pub mod ideas;
#[cfg(test)]
mod kernel_tests;
mod layout;
mod libtorch;
mod linear;
mod loss;
mod memory;
mod model_weights;
mod optimizer;
mod output_layer;
mod parameters;
pub mod probe;
mod sampled_softmax;
mod schedule;
mod scoring_window;
pub mod speed;
mod task;
mod tensors;
mod text_batches;
mod text_model;
mod text_network;
mod text_scoring;
mod text_task;
mod trained_weights;
mod trainer;
mod training_config;
mod training_state;
mod translation;
pub mod weights;

pub use compute_config::ComputeConfig;
pub use decoding::{Beam, Hypothesis, IncrementalDecoder, beam_search, sample};
pub use device::{Device, Precision};
pub use dropout::{Dropout, Mode};
pub use entries::{
    EntryInfo, LanguageModelEntry, TranslatorEntry, adapt, language_model_preset, translator_preset,
};
pub use error::{Error, Result};
pub use layout::{Init, Layout, ParameterId};
pub use libtorch::{libtorch_folder, libtorch_version, other_libtorch_folders};
pub use linear::Linear;
pub use loss::Loss;
pub use memory::release_memory;
pub use model_weights::Weights;
pub use optimizer::{Optimizer, OptimizerConfig};
pub use output_layer::OutputLayer;
pub use parameters::Parameters;
pub use sampled_softmax::Sampler;
pub use schedule::Schedule;
pub use scoring_window::ScoringWindow;
pub use task::Task;
pub use tensors::{pad_rows, row_tensor, to_f64s, token_tensor};
pub use text_batches::{Order, TextBatch, TextBatches};
pub use text_model::TextModel;
pub use text_network::{TextConfig, TextNetwork};
pub use text_scoring::mean_log_prob;
pub use text_task::{TextTask, build, train_text_model};
pub use trained_weights::TrainedWeights;
pub use trainer::train;
pub use training_config::TrainingConfig;
pub use translation::experiments;
pub use translation::{
    BeamConfig, Bucketing, CommonConfig, EncoderDecoder, Ensemble, NBest, OwnedPair, Pair,
    PairBatch, PairBatches, TranslationModel, TranslationTask, TranslatorConfig, VocabPair,
    WithBeam, read_pairs, score_pairs, sentences,
};
