//! Configuration of the training loop.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::optimizer::OptimizerConfig;
use crate::schedule::Schedule;

/// Optimizer, learning-rate schedule and length of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Learning-rate schedule after the warm-up.
    pub schedule: Schedule,
    /// Steps until the peak learning rate is reached.
    pub warmup_steps: u64,
    /// Gradient clipping: maximum norm of the gradient (Pascanu et al. 2013). 0: no clipping.
    pub max_grad_norm: f64,
    /// Batches whose gradients are accumulated for one step.
    pub accumulation_steps: u64,
    /// Checkpoint averaging: number of evenly spaced checkpoints of the last tenth of training whose parameters are averaged
    /// (Vaswani et al. 2017, section 6.1). 1: no averaging.
    pub averaged_checkpoints: u64,
    /// Epochs, if the budget does not determine the length of training.
    pub epochs: f64,
}

/// The best setting for all networks here when training takes minutes: AdamW with beta2 = 0.999, because rare words receive
/// gradients once in a thousand steps, and a learning rate that decays from the start.
impl Default for TrainingConfig {
    fn default() -> TrainingConfig {
        TrainingConfig {
            optimizer: OptimizerConfig::AdamW {
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                weight_decay: 0.01,
            },
            learning_rate: 3e-3,
            schedule: Schedule::Cosine,
            warmup_steps: 100,
            max_grad_norm: 1.0,
            accumulation_steps: 1,
            averaged_checkpoints: 1,
            epochs: 1.0,
        }
    }
}

impl TrainingConfig {
    /// Checks all values.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> harness::Result<()> {
        self.schedule.validate()?;
        require(&[
            Check::positive("training.learning_rate", self.learning_rate),
            Check::new(
                self.max_grad_norm >= 0.0,
                "training.max_grad_norm",
                self.max_grad_norm,
                "must be 0 (no clipping) or more",
            ),
            Check::new(
                (1..=1 << 20).contains(&self.accumulation_steps),
                "training.accumulation_steps",
                self.accumulation_steps,
                "must be from 1 to 1048576",
            ),
            Check::new(
                (1..=1000).contains(&self.averaged_checkpoints),
                "training.averaged_checkpoints",
                self.averaged_checkpoints,
                "must be from 1 to 1000",
            ),
            Check::new(
                self.epochs > 0.0 && self.epochs <= 1e6,
                "training.epochs",
                self.epochs,
                "must be above 0, at most 1000000",
            ),
        ])
    }
}
