//! Presets of the translator: those of the paper, and those with borrowed ideas.

use neural::{Schedule, TrainingConfig};

use super::config::Config;
use crate::stack_config::{Norm, Positions};

/// Names of the presets of the paper's entry; the first is the default.
pub const PRESETS: [&str; 4] = ["tiny", "small", "base", "big"];

/// Names of the presets of the tuned entry; the first is the default.
pub const TUNED_PRESETS: [&str; 2] = ["tiny", "small"];

impl Config {
    /// A preset of the paper's entry by name.
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

    /// A preset of the tuned entry by name.
    pub fn tuned_preset(name: &str) -> Option<Config> {
        let paper = Config::preset(name)?;
        let training = TrainingConfig {
            schedule: Schedule::Cosine,
            max_grad_norm: 1.0,
            ..paper.training
        };
        Some(match name {
            // Chosen on the village's validation pairs: GELU and AdamW change nothing there, a higher rate is worse.
            "tiny" => Config {
                positions: Positions::Rotary,
                norm: Norm::Pre,
                training: TrainingConfig {
                    learning_rate: 4e-3,
                    ..training
                },
                ..paper
            },
            // Chosen on the validation pairs of Multi30k.
            "small" => Config { training, ..paper },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use neural::TranslatorConfig;

    use super::*;

    #[test]
    fn presets_are_valid_and_only_tuned_ones_borrow_ideas() {
        for name in PRESETS {
            let config = Config::preset(name).unwrap();
            assert!(config.validate().is_ok(), "{name}");
            assert_eq!(config.variant(), crate::VARIANT, "{name}");
        }
        for name in TUNED_PRESETS {
            let config = Config::tuned_preset(name).unwrap();
            assert!(config.validate().is_ok(), "{name}");
            assert_eq!(config.variant(), crate::TUNED_VARIANT, "{name}");
        }
        assert_eq!(Config::preset(PRESETS[0]), Some(Config::default()));
        assert_eq!(Config::preset("huge"), None);
        assert_eq!(Config::tuned_preset("base"), None);
    }
}
