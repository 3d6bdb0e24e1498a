//! Encoder-decoder networks as translators: training, search, evaluation, model files for all eras.

mod beam_config;
mod encoder_decoder;
mod ensemble;
pub mod experiments;
mod model;
mod pair_batch;
mod pair_batches;
mod score;
mod search;
mod task;
mod translator;
mod vocab_pair;

pub use beam_config::BeamConfig;
pub use encoder_decoder::{CommonConfig, EncoderDecoder, TranslatorConfig};
pub use ensemble::{Ensemble, NBest};
pub use model::TranslationModel;
pub use pair_batch::{OwnedPair, Pair, PairBatch, read_pairs, sentences};
pub use pair_batches::{Bucketing, PairBatches};
pub use score::score_pairs;
pub use task::TranslationTask;
pub use translator::WithBeam;
pub use vocab_pair::VocabPair;
