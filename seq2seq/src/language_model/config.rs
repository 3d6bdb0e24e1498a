//! Configuration and presets of the language model.

use harness::{Check, require};
use neural::{ComputeConfig, OptimizerConfig, Order, Result, Schedule, TextConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

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
    /// Initial forget-gate bias; unset: initialised like other parameters, as in the papers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget_bias: Option<f64>,
    /// Sequences per batch.
    pub batch_size: usize,
    /// Tokens per sequence and step: the length of truncated backpropagation through time.
    pub bptt_length: usize,
    /// Optimizer, schedule and length of training.
    pub training: TrainingConfig,
    /// Device, precision and threads.
    pub compute: ComputeConfig,
}

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
            forget_bias: Some(1.0),
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

/// Names of the presets; the first is the default.
pub const LM_PRESETS: [&str; 7] = [
    "tiny",
    "village",
    "small",
    "base",
    "zaremba-small",
    "zaremba-medium",
    "zaremba-large",
];

impl LmConfig {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<LmConfig> {
        let default = LmConfig::default();
        Some(match name {
            // Trains in a minute on the village.
            "tiny" => default,
            // For a million words of the village: 20 minutes on two cores.
            "village" => LmConfig {
                embedding_size: 192,
                hidden_size: 512,
                dropout: 0.25,
                training: TrainingConfig {
                    epochs: 12.0,
                    ..TrainingConfig::default()
                },
                ..default
            },
            // For vocabularies of tens of thousands and two million tokens: a quarter of an hour on two cores.
            "small" => LmConfig {
                embedding_size: 256,
                hidden_size: 512,
                num_sampled: 3000,
                training: TrainingConfig::default(),
                ..default
            },
            // The same for an hour, with more cells and more dropout for several epochs.
            "base" => LmConfig {
                embedding_size: 320,
                hidden_size: 640,
                dropout: 0.35,
                num_sampled: 4000,
                batch_size: 20,
                bptt_length: 40,
                training: TrainingConfig {
                    learning_rate: 2e-3,
                    ..default.training
                },
                ..default
            },
            "zaremba-small" => zaremba(Zaremba {
                hidden_size: 200,
                dropout: 0.0,
                init_scale: 0.1,
                bptt_length: 20,
                epochs: 13.0,
                hold: 4.0,
                decay: 0.5,
                max_grad_norm: 5.0,
            }),
            "zaremba-medium" => zaremba(Zaremba {
                hidden_size: 650,
                dropout: 0.5,
                init_scale: 0.05,
                bptt_length: 35,
                epochs: 39.0,
                hold: 6.0,
                decay: 1.0 / 1.2,
                max_grad_norm: 5.0,
            }),
            "zaremba-large" => zaremba(Zaremba {
                hidden_size: 1500,
                dropout: 0.65,
                init_scale: 0.04,
                bptt_length: 35,
                epochs: 55.0,
                hold: 14.0,
                decay: 1.0 / 1.15,
                max_grad_norm: 10.0,
            }),
            _ => return None,
        })
    }

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

/// Section 4.1 of Zaremba, Sutskever, Vinyals 2014.
struct Zaremba {
    hidden_size: usize,
    dropout: f64,
    init_scale: f64,
    bptt_length: usize,
    epochs: f64,
    /// Epochs before the learning rate decays, from 1, by `decay` per epoch.
    hold: f64,
    decay: f64,
    max_grad_norm: f64,
}

fn zaremba(paper: Zaremba) -> LmConfig {
    // The paper's loss is the sum over a window, ours the mean.
    let window = paper.bptt_length as f64;
    LmConfig {
        embedding_size: paper.hidden_size,
        hidden_size: paper.hidden_size,
        num_layers: 2,
        tie_embeddings: false,
        output_bias: true,
        dropout: paper.dropout,
        init_scale: paper.init_scale,
        forget_bias: None,
        batch_size: 20,
        bptt_length: paper.bptt_length,
        training: TrainingConfig {
            optimizer: OptimizerConfig::Sgd { momentum: 0.0 },
            learning_rate: window,
            schedule: Schedule::Stepped {
                periods: paper.epochs,
                hold: paper.hold,
                decay: paper.decay,
            },
            warmup_steps: 0,
            max_grad_norm: paper.max_grad_norm / window,
            accumulation_steps: 1,
            averaged_checkpoints: 1,
            epochs: paper.epochs,
        },
        ..LmConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid_and_the_first_is_the_default() {
        for name in LM_PRESETS {
            assert!(LmConfig::preset(name).unwrap().validate().is_ok(), "{name}");
        }
        assert_eq!(LmConfig::preset(LM_PRESETS[0]), Some(LmConfig::default()));
        assert_eq!(LmConfig::preset("gru"), None);
    }

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
