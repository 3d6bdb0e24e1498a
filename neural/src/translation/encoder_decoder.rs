//! The interface of an encoder-decoder network and its configuration.

use std::fmt::Debug;

use corpus::TokenId;
use harness::{Check, IdeaSetting, require};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::Tensor;

use super::beam_config::BeamConfig;
use super::pair_batch::PairBatch;
use super::pair_batches::Bucketing;
use super::vocab_pair::VocabPair;
use crate::compute_config::ComputeConfig;
use crate::dropout::Mode;
use crate::error::Result;
use crate::layout::Layout;
use crate::model_weights::Weights;
use crate::output_layer::OutputLayer;
use crate::parameters::Parameters;
use crate::training_config::TrainingConfig;

/// A network that encodes a source sentence and decodes its translation.
pub trait EncoderDecoder: Debug + Send + Sync + Sized {
    /// Its configuration.
    type Config: TranslatorConfig;
    /// The state of the decoder between steps, one row per translation.
    type State;

    /// Declares the parameters of a network between these vocabularies.
    fn new(config: &Self::Config, vocabs: VocabPair, layout: &mut Layout) -> Self;

    /// Its configuration.
    fn config(&self) -> &Self::Config;

    /// The vocabularies of both sides.
    fn vocabs(&self) -> VocabPair;

    /// The output layer, over target words.
    fn output(&self) -> &OutputLayer;

    /// Sets parameters that are not initialised at random; `counts` are the unigram counts of target words.
    fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]);

    /// Hidden states at all predicted positions of a batch, `[targets, D]`.
    fn forward(&self, weights: &Weights, batch: &PairBatch<'_>, mode: Mode) -> Tensor;

    /// Encodes sources of one length, given without their end tokens.
    fn encode(&self, weights: &Weights, sources: &[&[TokenId]]) -> Self::State;

    /// Feeds one target token to each row, `[rows]`; returns hidden states of the next one, `[rows, D]`.
    fn decode_step(&self, weights: &Weights, tokens: &Tensor, state: &mut Self::State) -> Tensor;

    /// Reorders the state: row i becomes the former row `rows[i]`, `[rows]`.
    fn select(state: &mut Self::State, rows: &Tensor);

    /// Parameters that take part in matrix products, per source token and per target token.
    fn matmul_parameters(&self) -> [u64; 2];

    /// Numbers that are stored for the backward pass, for one source token and one target token together.
    fn activations_per_token(&self) -> u64;
}

/// Configuration of a translator.
pub trait TranslatorConfig: Debug + Clone + Serialize + DeserializeOwned + 'static {
    /// The era, as records name it.
    const ERA: &'static str;
    /// The ideas of other papers that it can use.
    const IDEAS: &'static [IdeaSetting<Self>];

    /// The variant, as records name it: another one with borrowed ideas than without.
    fn variant(&self) -> &'static str;

    /// Whether it uses a borrowed idea.
    fn is_tuned(&self) -> bool {
        Self::IDEAS.iter().any(|setting| (setting.is_used)(self))
    }

    /// Checks all values.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    fn validate(&self) -> Result<()>;

    /// The same configuration with defaults for everything that does not affect training.
    fn training_part(&self) -> Self;

    /// The settings that all translators share.
    fn common(&self) -> CommonConfig<'_>;
}

/// The settings that all translators share.
#[derive(Debug, Clone, Copy)]
pub struct CommonConfig<'a> {
    /// Device, precision and threads.
    pub compute: &'a ComputeConfig,
    /// Optimizer, schedule and length of training.
    pub training: &'a TrainingConfig,
    /// How pairs are grouped into batches.
    pub bucketing: Bucketing,
    /// Maximum number of source tokens, and of target tokens, per batch, padding included.
    pub batch_tokens: usize,
    /// Maximum sentence length including the end token; `None`: unlimited.
    pub max_length: Option<usize>,
    /// Label smoothing: probability mass that is spread evenly over the vocabulary in training.
    pub label_smoothing: f64,
    /// The beam search.
    pub beam: BeamConfig,
}

impl CommonConfig<'_> {
    /// Checks all values.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[
            Check::share("label_smoothing", self.label_smoothing),
            Check::new(
                (1..=1 << 20).contains(&self.batch_tokens),
                "batch_tokens",
                self.batch_tokens,
                "must be from 1 to 1048576",
            ),
        ])?;
        self.beam.validate()?;
        self.training.validate()?;
        self.compute.validate()
    }
}
