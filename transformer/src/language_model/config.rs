//! Configuration and presets of the language model.

use harness::{Check, require};
use neural::{ComputeConfig, OptimizerConfig, Order, Result, Schedule, TextConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

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

fn adamw(beta2: f64, weight_decay: f64) -> OptimizerConfig {
    OptimizerConfig::AdamW {
        beta1: 0.9,
        beta2,
        epsilon: 1e-8,
        weight_decay,
    }
}

/// Names of the presets; the first is the default.
pub const LM_PRESETS: [&str; 7] = [
    "tiny",
    "village",
    "medium",
    "small",
    "base",
    "paper-base",
    "gpt2-small",
];

impl LmConfig {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<LmConfig> {
        let default = LmConfig::default();
        Some(match name {
            // One epoch of the village takes a minute.
            "tiny" => default,
            // For a million words of the village: 20 minutes on two cores.
            "village" => LmConfig {
                d_model: 192,
                num_layers: 3,
                d_ff: 768,
                dropout: 0.1,
                batch_size: 8,
                // Strong weight decay, because 17 epochs overfit.
                training: TrainingConfig {
                    optimizer: adamw(0.999, 0.1),
                    learning_rate: 4.5e-3,
                    warmup_steps: 200,
                    averaged_checkpoints: 8,
                    epochs: 17.0,
                    ..default.training
                },
                ..default
            },
            // 5.8 M parameters with a vocabulary of 10,000.
            "medium" => LmConfig {
                d_model: 256,
                num_layers: 4,
                d_ff: 1024,
                context_length: 128,
                positions: Positions::Learned,
                mixed_keys: false,
                dropout: 0.1,
                batch_size: 16,
                training: TrainingConfig {
                    optimizer: adamw(0.95, 0.1),
                    learning_rate: 1e-3,
                    ..default.training
                },
                ..default
            },
            // For vocabularies of tens of thousands and two million tokens: a quarter of an hour on two cores.
            "small" => LmConfig {
                d_model: 256,
                num_layers: 3,
                d_ff: 1024,
                context_length: 128,
                output_bias: true,
                dropout: 0.1,
                num_sampled: 3000,
                training: TrainingConfig {
                    learning_rate: 2.5e-3,
                    ..default.training
                },
                ..default
            },
            // The same for an hour, with a larger network and more dropout for several epochs.
            "base" => LmConfig {
                d_model: 256,
                num_layers: 4,
                d_ff: 1024,
                context_length: 128,
                output_bias: true,
                dropout: 0.25,
                num_sampled: 4000,
                batch_size: 6,
                training: TrainingConfig {
                    learning_rate: 2.5e-3,
                    warmup_steps: 200,
                    ..default.training
                },
                ..default
            },
            // Table 3, base: its decoder without cross-attention.
            "paper-base" => LmConfig {
                d_model: 512,
                num_layers: 6,
                num_heads: 8,
                d_ff: 2048,
                context_length: 512,
                positions: Positions::Sinusoidal,
                mixed_keys: false,
                norm: Norm::Post,
                activation: Activation::Relu,
                dropout: 0.1,
                label_smoothing: 0.1,
                batch_size: 8,
                training: TrainingConfig {
                    optimizer: OptimizerConfig::Adam {
                        beta1: 0.9,
                        beta2: 0.98,
                        epsilon: 1e-9,
                    },
                    // 512^-0.5 * 4000^-0.5
                    learning_rate: 7e-4,
                    schedule: Schedule::Noam,
                    warmup_steps: 4000,
                    max_grad_norm: 0.0,
                    ..default.training
                },
                ..default
            },
            // 124 M parameters with a vocabulary of 50,257.
            "gpt2-small" => LmConfig {
                d_model: 768,
                num_layers: 12,
                num_heads: 12,
                d_ff: 3072,
                context_length: 1024,
                positions: Positions::Learned,
                mixed_keys: false,
                dropout: 0.1,
                batch_size: 8,
                training: TrainingConfig {
                    optimizer: adamw(0.95, 0.1),
                    learning_rate: 6e-4,
                    warmup_steps: 700,
                    ..default.training
                },
                ..default
            },
            _ => return None,
        })
    }

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
    fn presets_are_valid_and_the_first_is_the_default() {
        for name in LM_PRESETS {
            assert!(LmConfig::preset(name).unwrap().validate().is_ok());
        }
        assert_eq!(LmConfig::preset(LM_PRESETS[0]), Some(LmConfig::default()));
        assert_eq!(LmConfig::preset("bert"), None);
    }

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
