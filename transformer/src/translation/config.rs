//! Configuration and presets of the translator.

use harness::{Check, require};
use neural::{
    BeamConfig, Bucketing, CommonConfig, ComputeConfig, OptimizerConfig, Result, Schedule,
    TrainingConfig, TranslatorConfig,
};
use serde::{Deserialize, Serialize};

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
                max_grad_norm: 1.0,
                accumulation_steps: 1,
                averaged_checkpoints: 5,
                epochs: 3.0,
            },
            compute: ComputeConfig::default(),
        }
    }
}

/// Names of the presets; the first is the default.
pub const PRESETS: [&str; 4] = ["tiny", "small", "base", "big"];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        // Table 3, base.
        let base = Config {
            d_model: 512,
            num_layers: 6,
            num_heads: 8,
            d_ff: 2048,
            max_length: 512,
            batch_tokens: 25_000,
            training: TrainingConfig {
                // 512^-0.5 * 4000^-0.5
                learning_rate: 7e-4,
                warmup_steps: 4000,
                max_grad_norm: 0.0,
                ..default.training
            },
            ..default.clone()
        };
        Some(match name {
            // Trains in minutes on the village's pairs.
            "tiny" => default,
            // For tens of thousands of captions, on two cores in an hour.
            "small" => Config {
                num_layers: 4,
                d_ff: 256,
                dropout: 0.2,
                batch_tokens: 2048,
                training: TrainingConfig {
                    learning_rate: 4e-3,
                    schedule: Schedule::Cosine,
                    warmup_steps: 800,
                    epochs: 20.0,
                    ..default.training
                },
                ..default
            },
            "base" => base,
            // Table 3, big.
            "big" => Config {
                d_model: 1024,
                num_heads: 16,
                d_ff: 4096,
                dropout: 0.3,
                training: TrainingConfig {
                    // 1024^-0.5 * 4000^-0.5
                    learning_rate: 4.9e-4,
                    averaged_checkpoints: 20,
                    ..base.training
                },
                ..base
            },
            _ => return None,
        })
    }

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

    fn variant(&self) -> &'static str {
        crate::VARIANT
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
    fn presets_are_valid_and_the_first_is_the_default() {
        for name in PRESETS {
            assert!(Config::preset(name).unwrap().validate().is_ok(), "{name}");
        }
        assert_eq!(Config::preset(PRESETS[0]), Some(Config::default()));
        assert_eq!(Config::preset("huge"), None);
    }

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
