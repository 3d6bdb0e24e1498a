//! Configuration of the translator.

use harness::{Check, IdeaSetting, require};
use neural::{
    BeamConfig, Bucketing, CommonConfig, ComputeConfig, OptimizerConfig, Result, Schedule,
    TrainingConfig, TranslatorConfig,
};
use serde::{Deserialize, Serialize};

use super::ideas::IDEAS;
use crate::stack_config::{Activation, Norm, Positions, StackConfig};

/// An encoder-decoder Transformer and its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// d_model: size of the hidden states.
    pub d_model: usize,
    /// N: layers of the encoder, and of the decoder.
    pub num_layers: usize,
    /// h: attention heads per layer; must divide `d_model`.
    pub num_heads: usize,
    /// d_k: size of queries and keys per head; 0: d_model / h, as in the paper.
    pub d_k: usize,
    /// d_ff: inner size of the feed-forward networks.
    pub d_ff: usize,
    /// Maximum sentence length in tokens, end token included.
    pub max_length: usize,
    /// Positional encoding.
    pub positions: Positions,
    /// Position of layer normalisation.
    pub norm: Norm,
    /// Activation function of the feed-forward networks.
    pub activation: Activation,
    /// Shares one embedding between source, target and output if both sides share a vocabulary.
    pub share_embeddings: bool,
    /// P_drop: dropout rate.
    pub dropout: f64,
    /// epsilon_ls: label smoothing.
    pub label_smoothing: f64,
    /// Maximum number of source tokens, and of target tokens, per batch, padding included.
    pub batch_tokens: usize,
    /// The beam search.
    pub beam: BeamConfig,
    /// Optimizer, schedule and length of training.
    pub training: TrainingConfig,
    /// Device, precision and threads.
    pub compute: ComputeConfig,
}

/// A small network with the ideas of the paper.
impl Default for Config {
    fn default() -> Config {
        Config {
            d_model: 128,
            num_layers: 2,
            num_heads: 4,
            d_k: 0,
            d_ff: 512,
            max_length: 256,
            positions: Positions::Sinusoidal,
            norm: Norm::Post,
            activation: Activation::Relu,
            share_embeddings: true,
            dropout: 0.1,
            label_smoothing: 0.1,
            batch_tokens: 1024,
            beam: BeamConfig {
                width: 4,
                length_penalty: 0.6,
                max_extra_tokens: 50,
            },
            training: TrainingConfig {
                // The paper's, with a peak learning rate for a small network.
                optimizer: OptimizerConfig::Adam {
                    beta1: 0.9,
                    beta2: 0.98,
                    epsilon: 1e-9,
                },
                learning_rate: 2e-3,
                schedule: Schedule::Noam,
                warmup_steps: 300,
                max_grad_norm: 0.0,
                accumulation_steps: 1,
                averaged_checkpoints: 5,
                epochs: 3.0,
            },
            compute: ComputeConfig::default(),
        }
    }
}

impl Config {
    pub(crate) fn stack(&self) -> StackConfig {
        StackConfig {
            d_model: self.d_model,
            num_layers: self.num_layers,
            num_heads: self.num_heads,
            d_k: self.d_k,
            d_ff: self.d_ff,
            positions: self.positions,
            mixed_keys: false,
            norm: self.norm,
            activation: self.activation,
            dropout: self.dropout,
        }
    }
}

impl TranslatorConfig for Config {
    const ERA: &'static str = crate::ERA;
    const IDEAS: &'static [IdeaSetting<Config>] = &IDEAS;

    fn variant(&self) -> &'static str {
        match self.is_tuned() {
            true => crate::TUNED_VARIANT,
            false => crate::VARIANT,
        }
    }

    fn validate(&self) -> Result<()> {
        self.stack().validate()?;
        require(&[Check::size("max_length", self.max_length)])?;
        self.common().validate()
    }

    fn training_part(&self) -> Config {
        let default = Config::default();
        Config {
            compute: default.compute,
            beam: default.beam,
            ..self.clone()
        }
    }

    fn common(&self) -> CommonConfig<'_> {
        CommonConfig {
            compute: &self.compute,
            training: &self.training,
            bucketing: Bucketing::ByLength,
            batch_tokens: self.batch_tokens,
            max_length: Some(self.max_length),
            label_smoothing: self.label_smoothing,
            beam: self.beam,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_values_out_of_bounds() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 6] = [
            ("num_heads", |config| config.num_heads = 3),
            ("max_length", |config| config.max_length = 0),
            ("label_smoothing", |config| config.label_smoothing = -0.1),
            ("batch_tokens", |config| config.batch_tokens = 0),
            ("beam.width", |config| config.beam.width = 0),
            ("training.max_grad_norm", |config| {
                config.training.max_grad_norm = -1.0
            }),
        ];
        for (field, change) in cases {
            let mut config = Config::default();
            change(&mut config);
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} = ")), "{message}");
        }
    }
}
