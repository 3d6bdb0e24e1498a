//! Configuration of the language model.

use harness::{Check, IdeaSetting, require};
use neural::{ComputeConfig, Order, Result, TextConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

use super::ideas::LM_IDEAS;
use crate::decoder::DecoderConfig;

/// An LSTM language model and its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LmConfig {
    /// Embedding size.
    pub embedding_size: usize,
    /// LSTM cells per layer.
    pub hidden_size: usize,
    /// LSTM layers.
    pub num_layers: usize,
    /// Uses the embedding as the output layer, after a projection if the hidden size differs.
    pub tie_embeddings: bool,
    /// Gives the output layer a bias, initialised with the unigram distribution.
    pub output_bias: bool,
    /// Dropout rate between layers, not between time steps (Zaremba et al. 2014).
    pub dropout: f64,
    /// Sampled softmax: vocabulary words sampled per training step; 0: the whole vocabulary.
    pub num_sampled: usize,
    /// Parameters are initialised uniformly in [-init_scale, init_scale].
    pub init_scale: f64,
    /// Initial forget-gate bias; 0: initialised like other parameters, as in the paper.
    pub forget_bias: f64,
    /// Sequences per batch.
    pub batch_size: usize,
    /// Tokens per sequence and step: the length of truncated backpropagation through time.
    pub bptt_length: usize,
    /// Optimizer, schedule and length of training.
    pub training: TrainingConfig,
    /// Device, precision and threads.
    pub compute: ComputeConfig,
}

/// A small network with the borrowed ideas of the preset `tiny` of the tuned entry.
impl Default for LmConfig {
    fn default() -> LmConfig {
        LmConfig {
            embedding_size: 128,
            hidden_size: 256,
            num_layers: 1,
            tie_embeddings: true,
            output_bias: true,
            dropout: 0.1,
            num_sampled: 0,
            init_scale: 0.08,
            forget_bias: 1.0,
            batch_size: 16,
            bptt_length: 32,
            // One epoch is short and needs a high learning rate.
            training: TrainingConfig {
                learning_rate: 8e-3,
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
        self.decoder().validate()?;
        require(&[
            Check::size("batch_size", self.batch_size),
            Check::size("bptt_length", self.bptt_length),
        ])?;
        self.training.validate()?;
        self.compute.validate()
    }

    pub(crate) fn decoder(&self) -> DecoderConfig {
        DecoderConfig {
            embedding_size: self.embedding_size,
            hidden_size: self.hidden_size,
            num_layers: self.num_layers,
            tie_embeddings: self.tie_embeddings,
            output_bias: self.output_bias,
            init_scale: self.init_scale,
            forget_bias: self.forget_bias,
            dropout: self.dropout,
            context_size: 0,
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

    fn num_sampled(&self) -> usize {
        self.num_sampled
    }

    fn batch_shape(&self) -> (usize, usize) {
        (self.batch_size, self.bptt_length)
    }

    fn order(&self) -> Order {
        Order::Sequential
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
        let cases: [(&str, Change); 6] = [
            ("hidden_size", |config| config.hidden_size = 0),
            ("num_layers", |config| config.num_layers = 100),
            ("dropout", |config| config.dropout = 1.0),
            ("init_scale", |config| config.init_scale = f64::NAN),
            ("bptt_length", |config| config.bptt_length = 1 << 20),
            ("training.epochs", |config| config.training.epochs = 0.0),
        ];
        for (field, change) in cases {
            let mut config = LmConfig::default();
            change(&mut config);
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} = ")), "{message}");
        }
    }
}
