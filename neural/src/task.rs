//! The interface between the training loop and a network with its data.

use tch::Tensor;

use crate::error::Result;
use crate::loss::Loss;
use crate::model_weights::Weights;

/// A network together with its training and validation data.
pub trait Task {
    /// Computes the loss of the batch with this number.
    ///
    /// # Errors
    /// If the batch cannot be read.
    fn loss(&mut self, weights: &Weights, batch: u64) -> Result<Loss>;

    /// Predicted tokens per epoch.
    fn epoch_tokens(&self) -> u64;

    /// Mean ln p on the validation sample; `None` without one.
    ///
    /// # Errors
    /// If the sample cannot be scored.
    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>>;

    /// Floating-point operations of training per predicted token, forward and backward.
    fn flops_per_token(&self) -> f64;

    /// Identifies the configuration. Training resumes only from checkpoints with the same fingerprint.
    fn fingerprint(&self) -> String;

    /// Estimated memory of one batch in bytes, in addition to parameters, gradient and optimizer state.
    fn batch_bytes(&self) -> u64;

    /// State carried from batch to batch, f32, for checkpoints.
    fn carried_state(&self) -> Vec<Tensor> {
        Vec::new()
    }

    /// Restores the carried state from a checkpoint.
    fn restore_carried_state(&mut self, _state: Vec<Tensor>) {}
}
