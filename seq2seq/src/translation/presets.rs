//! Presets of the translator: those of the paper, those with borrowed ideas, and those with attention.

use neural::{BeamConfig, OptimizerConfig, Schedule, TrainingConfig};

use super::config::Config;

/// Names of the presets of the paper's entry; the first is the default.
pub const PRESETS: [&str; 3] = ["tiny", "small", "paper"];

/// Names of the presets of the tuned entry and of that with attention; the first is the default.
pub const TUNED_PRESETS: [&str; 2] = ["tiny", "small"];

/// Mean target sentence length in the paper's corpus: 348 million words in 12 million sentences.
const PAPER_SENTENCE: f64 = 29.0;

impl Config {
    /// A preset of the paper's entry by name: gradient descent with a rate of 0.7 per sentence that is held for two thirds of
    /// training, then halved five times, and nothing that the paper does not have (section 3.4).
    pub fn preset(name: &str) -> Option<Config> {
        // The paper's loss is the sum over a sentence, ours the mean over tokens.
        let of = |sizes: Config, sentence: f64| Config {
            tie_embeddings: false,
            output_bias: false,
            dropout: 0.0,
            label_smoothing: 0.0,
            forget_bias: 0.0,
            beam: BeamConfig {
                length_penalty: 0.0,
                ..sizes.beam
            },
            training: TrainingConfig {
                optimizer: OptimizerConfig::Sgd { momentum: 0.0 },
                learning_rate: 0.7 * sentence,
                schedule: Schedule::Halving,
                warmup_steps: 0,
                max_grad_norm: 5.0 / sentence,
                ..sizes.training
            },
            ..sizes
        };
        Some(match name {
            // Two layers, since there is no time for four.
            "tiny" => Config {
                num_layers: 2,
                ..of(Config::default(), PAPER_SENTENCE)
            },
            "small" => Config {
                num_layers: 2,
                ..of(Config::tuned_preset(name)?, PAPER_SENTENCE)
            },
            "paper" => {
                let paper = of(Config::default(), PAPER_SENTENCE);
                Config {
                    embedding_size: 1000,
                    hidden_size: 1000,
                    num_layers: 4,
                    // 128 sentences.
                    batch_tokens: 128 * PAPER_SENTENCE as usize,
                    beam: BeamConfig {
                        width: 12,
                        ..paper.beam
                    },
                    training: TrainingConfig {
                        epochs: 7.5,
                        ..paper.training
                    },
                    ..paper
                }
            }
            _ => return None,
        })
    }

    /// A preset of the tuned entry by name.
    pub fn tuned_preset(name: &str) -> Option<Config> {
        let default = Config::default();
        Some(match name {
            // Trains in minutes on the village's pairs.
            "tiny" => default,
            // For tens of thousands of captions, on two cores in an hour.
            "small" => Config {
                embedding_size: 256,
                hidden_size: 640,
                dropout: 0.5,
                label_smoothing: 0.1,
                batch_tokens: 1024,
                beam: BeamConfig {
                    width: 12,
                    length_penalty: 1.0,
                    ..default.beam
                },
                training: TrainingConfig {
                    learning_rate: 2e-3,
                    epochs: 20.0,
                    ..default.training
                },
                ..default
            },
            _ => return None,
        })
    }

    /// A preset of the entry with attention by name; `tiny` needs fewer cells and epochs.
    pub fn preset_with_attention(name: &str) -> Option<Config> {
        let config = Config {
            attention: true,
            ..Config::tuned_preset(name)?
        };
        Some(match name == TUNED_PRESETS[0] {
            true => Config {
                hidden_size: 192,
                training: TrainingConfig {
                    learning_rate: 7e-3,
                    epochs: 2.25,
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
            let config = Config::preset_with_attention(name).unwrap();
            assert!(config.validate().is_ok(), "{name}");
            assert_eq!(config.variant(), crate::ATTENTION, "{name}");
        }
        let first = Config::tuned_preset(TUNED_PRESETS[0]);
        assert_eq!(first, Some(Config::default()));
        assert_eq!(Config::preset("moses"), None);
        assert_eq!(Config::tuned_preset("paper"), None);
    }
}
