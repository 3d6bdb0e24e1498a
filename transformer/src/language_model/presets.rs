//! Presets of the language model: those of the paper, and those with borrowed ideas.

use neural::{OptimizerConfig, Schedule, TrainingConfig};

use super::config::LmConfig;
use crate::stack_config::{Activation, Norm, Positions};

/// Names of the presets of the paper's entry; the first is the default.
pub const LM_PRESETS: [&str; 5] = ["tiny", "village", "small", "base", "paper-base"];

/// Names of the presets of the tuned entry; the first is the default.
pub const LM_TUNED_PRESETS: [&str; 6] =
    ["tiny", "village", "medium", "small", "base", "gpt2-small"];

impl LmConfig {
    /// A preset of the paper's entry by name: the decoder of section 3 without cross-attention, trained as in section 5.3.
    ///
    /// Label smoothing is left out, because it hurts perplexity (section 5.4).
    pub fn preset(name: &str) -> Option<LmConfig> {
        // Sizes, dropout and batches are those of the tuned preset of the same name.
        let of = |name: &str, learning_rate: f64, warmup_steps: u64| -> Option<LmConfig> {
            let sizes = LmConfig::tuned_preset(name)?;
            Some(LmConfig {
                positions: Positions::Sinusoidal,
                mixed_keys: false,
                norm: Norm::Post,
                activation: Activation::Relu,
                output_bias: false,
                num_sampled: 0,
                training: TrainingConfig {
                    optimizer: OptimizerConfig::Adam {
                        beta1: 0.9,
                        beta2: 0.98,
                        epsilon: 1e-9,
                    },
                    learning_rate,
                    schedule: Schedule::Noam,
                    warmup_steps,
                    max_grad_norm: 0.0,
                    averaged_checkpoints: 5,
                    ..sizes.training
                },
                ..sizes
            })
        };
        match name {
            "tiny" => of("tiny", 2e-3, 200),
            "village" => of("village", 2e-3, 400),
            "small" | "base" => of(name, 1e-3, 1000),
            // Table 3, base; the peak is 512^-0.5 * 4000^-0.5.
            "paper-base" => of("tiny", 7e-4, 4000).map(|tiny| LmConfig {
                d_model: 512,
                num_layers: 6,
                num_heads: 8,
                d_ff: 2048,
                context_length: 512,
                dropout: 0.1,
                batch_size: 8,
                ..tiny
            }),
            _ => None,
        }
    }

    /// A preset of the tuned entry by name.
    pub fn tuned_preset(name: &str) -> Option<LmConfig> {
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
}

fn adamw(beta2: f64, weight_decay: f64) -> OptimizerConfig {
    OptimizerConfig::AdamW {
        beta1: 0.9,
        beta2,
        epsilon: 1e-8,
        weight_decay,
    }
}

#[cfg(test)]
mod tests {
    use neural::TextConfig;

    use super::*;

    #[test]
    fn presets_are_valid_and_only_tuned_ones_borrow_ideas() {
        for name in LM_PRESETS {
            let config = LmConfig::preset(name).unwrap();
            assert!(LmConfig::validate(&config).is_ok(), "{name}");
            assert_eq!(config.variant(), crate::LM_VARIANT, "{name}");
        }
        for name in LM_TUNED_PRESETS {
            let config = LmConfig::tuned_preset(name).unwrap();
            assert!(LmConfig::validate(&config).is_ok(), "{name}");
            assert_eq!(config.variant(), crate::LM_TUNED_VARIANT, "{name}");
        }
        let first = LmConfig::tuned_preset(LM_TUNED_PRESETS[0]);
        assert_eq!(first, Some(LmConfig::default()));
        assert_eq!(LmConfig::preset("bert"), None);
        assert_eq!(LmConfig::tuned_preset("bert"), None);
    }
}
