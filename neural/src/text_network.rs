//! The interface of a neural language model: a network that reads text from left to right, and its configuration.

use std::fmt::Debug;

use corpus::TokenId;
use harness::IdeaSetting;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::Tensor;

use crate::compute_config::ComputeConfig;
use crate::decoding::IncrementalDecoder;
use crate::dropout::Mode;
use crate::error::Result;
use crate::layout::Layout;
use crate::model_weights::Weights;
use crate::output_layer::OutputLayer;
use crate::parameters::Parameters;
use crate::text_batches::Order;
use crate::training_config::TrainingConfig;

/// A network that predicts each token of a text from those before it.
pub trait TextNetwork: Debug + Send + Sync + Sized {
    /// Its configuration.
    type Config: TextConfig;
    /// The era, as records name it.
    const ERA: &'static str;

    /// Declares the parameters of a network with this vocabulary size.
    fn new(config: &Self::Config, vocab_size: usize, layout: &mut Layout) -> Self;

    /// Its configuration.
    fn config(&self) -> &Self::Config;

    /// The output layer.
    fn output(&self) -> &OutputLayer;

    /// Sets parameters that are not initialised at random; `counts` are the unigram counts of the training text.
    fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]);

    /// Hidden states; each depends only on its own token and those before it.
    ///
    /// # Shapes
    /// Tokens `[batch, time]`; output `[batch, time, D]`.
    fn forward(&self, weights: &Weights, tokens: &Tensor, mode: Mode) -> Tensor;

    /// The same in training, continuing from the state at the end of the previous batch; an empty `carried` is the initial
    /// state. Returns hidden states and the new state. Networks without a carried state ignore it.
    fn forward_carried(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        _carried: &[Tensor],
    ) -> (Tensor, Vec<Tensor>) {
        (self.forward(weights, tokens, Mode::Train), Vec::new())
    }

    /// Maximum number of tokens read at once. Longer texts are scored in windows that overlap by half.
    fn context_length(&self) -> usize;

    /// A decoder that has read `prefix`.
    fn decoder<'a>(
        &'a self,
        weights: &'a Weights,
        prefix: &[TokenId],
    ) -> Box<dyn IncrementalDecoder + 'a>;

    /// Floating-point operations of training per token, forward and backward.
    fn flops_per_token(&self) -> f64;

    /// Numbers that are stored per token for the backward pass, including intermediate gradients.
    fn activations_per_token(&self) -> u64;
}

/// Configuration of a [`TextNetwork`].
pub trait TextConfig: Debug + Serialize + DeserializeOwned + 'static {
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

    /// Device, precision and threads.
    fn compute(&self) -> &ComputeConfig;

    /// Optimizer, schedule and length of training.
    fn training(&self) -> &TrainingConfig;

    /// Label smoothing: probability mass that is spread evenly over the vocabulary in training.
    fn label_smoothing(&self) -> f64 {
        0.0
    }

    /// Vocabulary words sampled per training step (sampled softmax); 0: the whole vocabulary.
    fn num_sampled(&self) -> usize;

    /// Rows and tokens per row of a training batch.
    fn batch_shape(&self) -> (usize, usize);

    /// The order of the windows of a text in training.
    fn order(&self) -> Order;

    /// The same configuration with defaults for everything that does not affect training.
    fn training_part(&self) -> Self;
}
