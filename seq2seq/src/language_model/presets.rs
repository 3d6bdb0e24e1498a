//! Presets of the language model: those of the papers of 2014, and those with borrowed ideas.

use neural::{OptimizerConfig, Schedule, TrainingConfig};

use super::config::LmConfig;

/// Names of the presets of the paper's entry; the first is the default.
pub const LM_PRESETS: [&str; 7] = [
    "tiny",
    "village",
    "small",
    "base",
    "zaremba-small",
    "zaremba-medium",
    "zaremba-large",
];

/// Names of the presets of the tuned entry; the first is the default.
pub const LM_TUNED_PRESETS: [&str; 4] = ["tiny", "village", "small", "base"];

impl LmConfig {
    /// A preset of the paper's entry by name: two layers, trained by gradient descent with a rate that is held, then halved
    /// (Sutskever et al. 2014, section 3.4; Zaremba et al. 2014, section 4.1).
    pub fn preset(name: &str) -> Option<LmConfig> {
        // Sizes, dropout and batches are those of the tuned preset of the same name.
        let of = |name: &str| -> Option<LmConfig> {
            let sizes = LmConfig::tuned_preset(name)?;
            // The paper's loss is the sum over a window, ours the mean.
            let window = sizes.bptt_length as f64;
            Some(LmConfig {
                num_layers: 2,
                tie_embeddings: false,
                output_bias: false,
                num_sampled: 0,
                forget_bias: 0.0,
                training: TrainingConfig {
                    optimizer: OptimizerConfig::Sgd { momentum: 0.0 },
                    learning_rate: 0.7 * window,
                    schedule: Schedule::Halving,
                    warmup_steps: 0,
                    max_grad_norm: 5.0 / window,
                    ..sizes.training
                },
                ..sizes
            })
        };
        Some(match name {
            "tiny" => LmConfig {
                dropout: 0.0,
                ..of(name)?
            },
            "village" | "small" | "base" => of(name)?,
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

    /// A preset of the tuned entry by name.
    pub fn tuned_preset(name: &str) -> Option<LmConfig> {
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
            _ => return None,
        })
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
        output_bias: false,
        dropout: paper.dropout,
        init_scale: paper.init_scale,
        forget_bias: 0.0,
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
        assert_eq!(LmConfig::preset("gru"), None);
        assert_eq!(LmConfig::tuned_preset("zaremba-small"), None);
    }
}
