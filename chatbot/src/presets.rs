//! Presets of the chatbot: those of the paper, and those with borrowed ideas.

use neural::{OptimizerConfig, Schedule, TrainingConfig};

use crate::config::Config;

/// Names of the presets of the paper's entry; the first is the default.
pub const PRESETS: [&str; 5] = ["tiny", "village", "small", "help-desk", "open-domain"];

/// Names of the presets of the tuned entries; the first is the default.
pub const TUNED_PRESETS: [&str; 3] = ["tiny", "village", "small"];

impl Config {
    /// A preset of the paper's entry by name: LSTM layers without attention, trained by AdaGrad (section 4.2) or, for the help
    /// desk, by gradient descent (section 4.1). The help desk has whole dialogues of about 400 words as segments, the open domain
    /// single lines as context.
    pub fn preset(name: &str) -> Option<Config> {
        let of = |sizes: Config| Config {
            num_heads: 0,
            tie_embeddings: false,
            output_bias: false,
            dropout: 0.0,
            num_sampled: 0,
            forget_bias: 0.0,
            training: TrainingConfig {
                optimizer: OptimizerConfig::AdaGrad { epsilon: 1e-10 },
                learning_rate: 0.05,
                schedule: Schedule::Constant,
                warmup_steps: 0,
                max_grad_norm: 0.25,
                ..sizes.training
            },
            ..sizes
        };
        Some(match name {
            "tiny" | "village" | "small" => of(Config::tuned_preset(name)?),
            "help-desk" => {
                let paper = of(Config::default());
                Config {
                    embedding_size: 1024,
                    hidden_size: 1024,
                    num_layers: 1,
                    context_turns: 30,
                    segment_turns: 30,
                    short_segment_turns: 0,
                    batch_tokens: 16 * 400,
                    training: TrainingConfig {
                        optimizer: OptimizerConfig::Sgd { momentum: 0.0 },
                        learning_rate: 10.0,
                        schedule: Schedule::Halving,
                        ..paper.training
                    },
                    ..paper
                }
            }
            "open-domain" => Config {
                embedding_size: 2048,
                hidden_size: 4096,
                context_turns: 1,
                segment_turns: 2,
                short_segment_turns: 2,
                batch_tokens: 128 * 20,
                ..of(Config::default())
            },
            _ => return None,
        })
    }

    /// A preset of the tuned entry by name.
    pub fn tuned_preset(name: &str) -> Option<Config> {
        let default = Config::default();
        Some(match name {
            // Trains in minutes on the village's dialogues.
            "tiny" => default,
            // The village in 20 minutes on one thread. Segments are whole dialogues, because answers depend on the name given at
            // the start.
            "village" => Config {
                embedding_size: 160,
                dropout: 0.15,
                context_turns: 30,
                segment_turns: 16,
                training: TrainingConfig {
                    epochs: 12.0,
                    ..TrainingConfig::default()
                },
                ..default
            },
            // For one or two million words of dialogue: 20 minutes on two cores.
            "small" => Config {
                embedding_size: 192,
                hidden_size: 320,
                dropout: 0.15,
                num_sampled: 3000,
                training: TrainingConfig {
                    epochs: 4.0,
                    ..TrainingConfig::default()
                },
                ..default
            },
            _ => return None,
        })
    }

    /// A preset of the tuned language model by name; `tiny` reads only a part of the text and takes a minute.
    pub fn lm_preset(name: &str) -> Option<Config> {
        let config = Config::tuned_preset(name)?;
        Some(match name == TUNED_PRESETS[0] {
            true => Config {
                training: TrainingConfig {
                    epochs: 0.6,
                    ..config.training
                },
                ..config
            },
            false => config,
        })
    }
}

#[cfg(test)]
mod tests {
    use neural::TextConfig;

    use super::*;

    #[test]
    fn presets_are_valid_and_only_tuned_ones_borrow_ideas() {
        for name in PRESETS {
            let config = Config::preset(name).unwrap();
            assert!(Config::validate(&config).is_ok(), "{name}");
            assert_eq!(config.reply_variant(), crate::VARIANT, "{name}");
        }
        for name in TUNED_PRESETS {
            let config = Config::tuned_preset(name).unwrap();
            assert!(Config::validate(&config).is_ok(), "{name}");
            assert_eq!(config.reply_variant(), crate::TUNED_VARIANT, "{name}");
            let config = Config::lm_preset(name).unwrap();
            assert_eq!(config.variant(), crate::LM_TUNED_VARIANT, "{name}");
        }
        let first = Config::tuned_preset(TUNED_PRESETS[0]);
        assert_eq!(first, Some(Config::default()));
        assert_eq!(Config::preset("cleverbot"), None);
        assert_eq!(Config::tuned_preset("help-desk"), None);
    }
}
