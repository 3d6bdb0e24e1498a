//! Configuration of the language model.

use harness::{Check, IdeaSetting, require};
use neural::{ComputeConfig, Order, Result, TextConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

use super::ideas::LM_IDEAS;
use crate::stack_config::{Activation, Norm, Positions, StackConfig};

/// A decoder-only Transformer and its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LmConfig {
    /// d_model: size of the hidden states.
    pub d_model: usize,
    /// N: layers.
    pub num_layers: usize,
    /// h: attention heads per layer; must divide `d_model`.
    pub num_heads: usize,
    /// d_ff: inner size of the feed-forward networks.
    pub d_ff: usize,
    /// Context length in tokens, in training and in use.
    pub context_length: usize,
    /// Positional encoding.
    pub positions: Positions,
    /// Mixes each key with that of the previous position, with learned weights, so that one layer suffices for induction heads
    /// (after So et al. 2021, section 4).
    pub mixed_keys: bool,
    /// Position of layer normalisation.
    pub norm: Norm,
    /// Activation function of the feed-forward networks.
    pub activation: Activation,
    /// Uses the embedding as the output layer.
    pub tie_embeddings: bool,
    /// Gives the output layer a bias, initialised with the unigram distribution.
    pub output_bias: bool,
    /// P_drop: dropout rate.
    pub dropout: f64,
    /// Label smoothing: probability mass spread evenly over the vocabulary in training.
    pub label_smoothing: f64,
    /// Sampled softmax: vocabulary words sampled per training step; 0: the whole vocabulary.
    pub num_sampled: usize,
    /// Sequences per batch.
    pub batch_size: usize,
    /// Optimizer, schedule and length of training.
    pub training: TrainingConfig,
    /// Device, precision and threads.
    pub compute: ComputeConfig,
}

/// A small decoder with the borrowed ideas of the preset `tiny` of the tuned entry.
impl Default for LmConfig {
    fn default() -> LmConfig {
        LmConfig {
            d_model: 128,
            num_layers: 2,
            num_heads: 4,
            d_ff: 512,
            context_length: 256,
            positions: Positions::Rotary,
            mixed_keys: true,
            norm: Norm::Pre,
            activation: Activation::Gelu,
            tie_embeddings: true,
            output_bias: false,
            dropout: 0.0,
            label_smoothing: 0.0,
            num_sampled: 0,
            batch_size: 4,
            training: TrainingConfig {
                learning_rate: 4e-3,
                ..TrainingConfig::default()
            },
            compute: ComputeConfig::default(),
        }
    }
}

impl LmConfig {
    /// Checks all values.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        self.stack().validate()?;
        require(&[
            Check::size("context_length", self.context_length),
            Check::size("batch_size", self.batch_size),
            Check::share("label_smoothing", self.label_smoothing),
            Check::new(
                self.num_sampled == 0 || self.label_smoothing == 0.0,
                "num_sampled",
                self.num_sampled,
                "must be 0 (the whole vocabulary) with label smoothing",
            ),
        ])?;
        self.training.validate()?;
        self.compute.validate()
    }

    pub(crate) fn stack(&self) -> StackConfig {
        StackConfig {
            d_model: self.d_model,
            num_layers: self.num_layers,
            num_heads: self.num_heads,
            d_k: 0,
            d_ff: self.d_ff,
            positions: self.positions,
            mixed_keys: self.mixed_keys,
            norm: self.norm,
            activation: self.activation,
            dropout: self.dropout,
        }
    }
}

impl TextConfig for LmConfig {
    const IDEAS: &'static [IdeaSetting<LmConfig>] = &LM_IDEAS;

    fn variant(&self) -> &'static str {
        match self.is_tuned() {
            true => crate::LM_TUNED_VARIANT,
            false => crate::LM_VARIANT,
        }
    }

    fn validate(&self) -> Result<()> {
        LmConfig::validate(self)
    }

    fn compute(&self) -> &ComputeConfig {
        &self.compute
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn label_smoothing(&self) -> f64 {
        self.label_smoothing
    }

    fn num_sampled(&self) -> usize {
        self.num_sampled
    }

    fn batch_shape(&self) -> (usize, usize) {
        (self.batch_size, self.context_length)
    }

    fn order(&self) -> Order {
        Order::Shuffled
    }

    fn training_part(&self) -> LmConfig {
        LmConfig {
            compute: ComputeConfig::default(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_values_out_of_bounds() {
        type Change = fn(&mut LmConfig);
        let cases: [(&str, Change); 10] = [
            ("num_sampled", |config| {
                (config.num_sampled, config.label_smoothing) = (100, 0.1)
            }),
            ("d_model", |config| config.d_model = 0),
            ("num_heads", |config| config.num_heads = 3),
            ("num_heads", |config| config.num_heads = 0),
            ("context_length", |config| config.context_length = 1 << 20),
            ("dropout", |config| config.dropout = 1.0),
            ("label_smoothing", |config| {
                config.label_smoothing = f64::NAN
            }),
            ("training.learning_rate", |config| {
                config.training.learning_rate = 0.0
            }),
            ("training.max_grad_norm", |config| {
                config.training.max_grad_norm = -1.0
            }),
            ("training.accumulation_steps", |config| {
                config.training.accumulation_steps = 0
            }),
        ];
        for (field, change) in cases {
            let mut config = LmConfig::default();
            change(&mut config);
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} = ")), "{message}");
        }
    }
}
