//! Settings of the language model.

use harness::{Check, require};
use neural::{Recipe, Result, Rule, Schedule};
use serde::{Deserialize, Serialize};

use crate::shape::{Activation, Norm, Positions, Shape};

/// A decoder and how to train it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LmConfig {
    /// d_model, the numbers of each place.
    pub width: usize,
    /// N, the layers.
    pub layers: usize,
    /// h, the heads of each layer; they divide the width.
    pub heads: usize,
    /// d_ff, the inner numbers of each place's own network.
    pub feed_forward: usize,
    /// Tokens that are read at once; also the longest context.
    pub context: usize,
    /// How places are told apart.
    pub positions: Positions,
    /// Whether each number of a key is a mixture, learnt, of those of its place and of the place before, so that one layer
    /// suffices to find what followed a word the last time (after So et al. 2021, section 4).
    pub mixed_keys: bool,
    /// Where layers normalise.
    pub norm: Norm,
    /// The function between the two layers of a place's own network.
    pub activation: Activation,
    /// Whether the output layer is the embedding.
    pub tied: bool,
    /// Whether each word has a bias in the output layer, which begins with the word's frequency.
    pub bias: bool,
    /// P_drop, the share of numbers that are left out while training.
    pub dropout: f64,
    /// The share of probability that is spread over all words while training.
    pub smoothing: f64,
    /// Words that a step of training compares a target with, drawn anew each time; 0: the whole vocabulary.
    pub candidates: usize,
    /// Texts that are read side by side in a step.
    pub batch: usize,
    /// How to train.
    pub training: Recipe,
    /// Where to compute, and with which numbers.
    pub compute: neural::Settings,
}

impl Default for LmConfig {
    fn default() -> LmConfig {
        LmConfig {
            width: 128,
            layers: 2,
            heads: 4,
            feed_forward: 512,
            context: 256,
            positions: Positions::Rotary,
            mixed_keys: true,
            norm: Norm::Pre,
            activation: Activation::Gelu,
            tied: true,
            bias: false,
            dropout: 0.0,
            smoothing: 0.0,
            candidates: 0,
            batch: 4,
            training: Recipe {
                learning_rate: 4e-3,
                ..Recipe::default()
            },
            compute: neural::Settings::default(),
        }
    }
}

fn adamw(beta2: f64, weight_decay: f64) -> Rule {
    Rule::AdamW {
        beta1: 0.9,
        beta2,
        epsilon: 1e-8,
        weight_decay,
    }
}

/// Names of the presets, the default first.
pub const LM_PRESETS: [&str; 7] = [
    "tiny",
    "twenty-minutes",
    "small",
    "quarter-hour",
    "hour",
    "paper-base",
    "gpt2-small",
];

impl LmConfig {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<LmConfig> {
        let default = LmConfig::default();
        Some(match name {
            // A pass over the village takes a minute.
            "tiny" => default,
            // For a million words of the village in many passes, on two cores.
            "twenty-minutes" => LmConfig {
                width: 192,
                layers: 3,
                feed_forward: 768,
                dropout: 0.1,
                batch: 8,
                // Seventeen times the same text is learnt by heart, unless weights must be earned.
                training: Recipe {
                    optimiser: adamw(0.999, 0.1),
                    learning_rate: 4.5e-3,
                    warmup: 200,
                    average: 8,
                    epochs: 17.0,
                    ..default.training
                },
                ..default
            },
            // 5.8 M parameters with a vocabulary of 10,000.
            "small" => LmConfig {
                width: 256,
                layers: 4,
                feed_forward: 1024,
                context: 128,
                positions: Positions::Learned,
                mixed_keys: false,
                dropout: 0.1,
                batch: 16,
                training: Recipe {
                    optimiser: adamw(0.95, 0.1),
                    learning_rate: 1e-3,
                    ..default.training
                },
                ..default
            },
            // For tens of thousands of words and two million tokens in a quarter of an hour: small batches, a sample of
            // the words.
            "quarter-hour" => LmConfig {
                width: 256,
                layers: 3,
                feed_forward: 1024,
                context: 128,
                bias: true,
                dropout: 0.1,
                candidates: 3000,
                training: Recipe {
                    learning_rate: 2.5e-3,
                    ..default.training
                },
                ..default
            },
            // The same for an hour, which is several passes: more of everything, and more dropout.
            "hour" => LmConfig {
                width: 256,
                layers: 4,
                feed_forward: 1024,
                context: 128,
                bias: true,
                dropout: 0.25,
                candidates: 4000,
                batch: 6,
                training: Recipe {
                    learning_rate: 2.5e-3,
                    warmup: 200,
                    ..default.training
                },
                ..default
            },
            // Table 3, base; one of its two stacks.
            "paper-base" => LmConfig {
                width: 512,
                layers: 6,
                heads: 8,
                feed_forward: 2048,
                context: 512,
                positions: Positions::Sinusoidal,
                mixed_keys: false,
                norm: Norm::Post,
                activation: Activation::Relu,
                dropout: 0.1,
                smoothing: 0.1,
                batch: 8,
                training: Recipe {
                    optimiser: Rule::Adam {
                        beta1: 0.9,
                        beta2: 0.98,
                        epsilon: 1e-9,
                    },
                    // 512^-0.5 * 4000^-0.5
                    learning_rate: 7e-4,
                    schedule: Schedule::Noam,
                    warmup: 4000,
                    clip: 0.0,
                    ..default.training
                },
                ..default
            },
            // 124 M parameters with a vocabulary of 50,257.
            "gpt2-small" => LmConfig {
                width: 768,
                layers: 12,
                heads: 12,
                feed_forward: 3072,
                context: 1024,
                positions: Positions::Learned,
                mixed_keys: false,
                dropout: 0.1,
                batch: 8,
                training: Recipe {
                    optimiser: adamw(0.95, 0.1),
                    learning_rate: 6e-4,
                    warmup: 700,
                    ..default.training
                },
                ..default
            },
            _ => return None,
        })
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        self.shape().validate()?;
        require(&[
            Check::size("context", self.context),
            Check::size("batch", self.batch),
            Check::share("smoothing", self.smoothing),
            Check::new(
                self.candidates == 0 || self.smoothing == 0.0,
                "candidates",
                self.candidates,
                "must be 0 (all words) with smoothing, which spreads probability over all",
            ),
        ])?;
        self.training.validate()?;
        self.compute.validate()
    }

    pub(crate) fn shape(&self) -> Shape {
        Shape {
            width: self.width,
            layers: self.layers,
            heads: self.heads,
            key_width: 0,
            feed_forward: self.feed_forward,
            positions: self.positions,
            mixed_keys: self.mixed_keys,
            norm: self.norm,
            activation: self.activation,
            dropout: self.dropout,
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
    fn values_out_of_bounds_are_named() {
        type Change = fn(&mut LmConfig);
        let cases: [(&str, Change); 10] = [
            ("candidates", |config| {
                (config.candidates, config.smoothing) = (100, 0.1)
            }),
            ("width", |config| config.width = 0),
            ("heads", |config| config.heads = 3),
            ("heads", |config| config.heads = 0),
            ("context", |config| config.context = 1 << 20),
            ("dropout", |config| config.dropout = 1.0),
            ("smoothing", |config| config.smoothing = f64::NAN),
            ("training.learning_rate", |config| {
                config.training.learning_rate = 0.0
            }),
            ("training.clip", |config| config.training.clip = -1.0),
            ("training.accumulate", |config| {
                config.training.accumulate = 0
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
