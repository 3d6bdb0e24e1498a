//! Settings of the translator.

use harness::{Check, require};
use neural::{Alike, Common, Reading, Recipe, Result, Rule, Schedule, TranslatorConfig};
use serde::{Deserialize, Serialize};

use super::network::Network;
use crate::shape::{Activation, Norm, Positions, Shape};

/// An encoder, a decoder, and how to train them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// d_model, the numbers of each place.
    pub width: usize,
    /// N, the layers of the encoder, and of the decoder.
    pub layers: usize,
    /// h, the heads of each layer; they divide the width.
    pub heads: usize,
    /// d_k, the numbers of a query and of a key in each head; 0: d_model / h, as in the paper's models.
    pub key_width: usize,
    /// d_ff, the inner numbers of each place's own network.
    pub feed_forward: usize,
    /// The longest sentence that is read or written, in tokens, its end included.
    pub longest: usize,
    /// How places are told apart.
    pub positions: Positions,
    /// Where layers normalise.
    pub norm: Norm,
    /// The function between the two layers of a place's own network.
    pub activation: Activation,
    /// Whether source and target have one embedding, where they have one vocabulary.
    pub shared: bool,
    /// P_drop, the share of numbers that are left out while training.
    pub dropout: f64,
    /// epsilon_ls, the share of probability that is spread over all words while training.
    pub smoothing: f64,
    /// Tokens of sources, and of targets, that are read in a step at most, what rows are filled up with included.
    pub batch_tokens: usize,
    /// How translations are looked for.
    pub beam: Reading,
    /// How to train.
    pub training: Recipe,
    /// Where to compute, and with which numbers.
    pub compute: neural::Settings,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            width: 128,
            layers: 2,
            heads: 4,
            key_width: 0,
            feed_forward: 512,
            longest: 256,
            positions: Positions::Sinusoidal,
            norm: Norm::Post,
            activation: Activation::Relu,
            shared: true,
            dropout: 0.1,
            smoothing: 0.1,
            batch_tokens: 1024,
            beam: Reading {
                width: 4,
                length_penalty: 0.6,
                longer: 50,
            },
            training: Recipe {
                // The paper's, with a peak for so narrow a network.
                optimiser: Rule::Adam {
                    beta1: 0.9,
                    beta2: 0.98,
                    epsilon: 1e-9,
                },
                learning_rate: 2e-3,
                schedule: Schedule::Noam,
                warmup: 300,
                clip: 1.0,
                accumulate: 1,
                average: 5,
                epochs: 3.0,
            },
            compute: neural::Settings::default(),
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 4] = ["tiny", "small", "base", "big"];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        // Table 3, base.
        let base = Config {
            width: 512,
            layers: 6,
            heads: 8,
            feed_forward: 2048,
            longest: 512,
            batch_tokens: 25_000,
            training: Recipe {
                // 512^-0.5 * 4000^-0.5
                learning_rate: 7e-4,
                warmup: 4000,
                clip: 0.0,
                ..default.training
            },
            ..default.clone()
        };
        Some(match name {
            // Trains in minutes on the village's pairs.
            "tiny" => default,
            // For tens of thousands of captions, on two cores in an hour.
            "small" => Config {
                layers: 4,
                feed_forward: 256,
                dropout: 0.2,
                batch_tokens: 2048,
                training: Recipe {
                    learning_rate: 4e-3,
                    schedule: Schedule::Cosine,
                    warmup: 800,
                    epochs: 20.0,
                    ..default.training
                },
                ..default
            },
            "base" => base,
            // Table 3, big.
            "big" => Config {
                width: 1024,
                heads: 16,
                feed_forward: 4096,
                dropout: 0.3,
                training: Recipe {
                    // 1024^-0.5 * 4000^-0.5
                    learning_rate: 4.9e-4,
                    average: 20,
                    ..base.training
                },
                ..base
            },
            _ => return None,
        })
    }

    pub(crate) fn shape(&self) -> Shape {
        Shape {
            width: self.width,
            layers: self.layers,
            heads: self.heads,
            key_width: self.key_width,
            feed_forward: self.feed_forward,
            positions: self.positions,
            mixed_keys: false,
            norm: self.norm,
            activation: self.activation,
            dropout: self.dropout,
        }
    }
}

impl TranslatorConfig for Config {
    type Network = Network;
    const ERA: &'static str = crate::ERA;

    fn variant(&self) -> &'static str {
        crate::VARIANT
    }

    fn validate(&self) -> Result<()> {
        self.shape().validate()?;
        require(&[Check::size("longest", self.longest)])?;
        self.common().validate()
    }

    fn lasting(&self) -> Config {
        let default = Config::default();
        Config {
            compute: default.compute,
            beam: default.beam,
            ..self.clone()
        }
    }

    fn common(&self) -> Common<'_> {
        Common {
            compute: &self.compute,
            training: &self.training,
            alike: Alike::Nearly,
            batch_tokens: self.batch_tokens,
            longest: Some(self.longest),
            smoothing: self.smoothing,
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
    fn values_out_of_bounds_are_named() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 6] = [
            ("heads", |config| config.heads = 3),
            ("longest", |config| config.longest = 0),
            ("smoothing", |config| config.smoothing = -0.1),
            ("batch_tokens", |config| config.batch_tokens = 0),
            ("beam.width", |config| config.beam.width = 0),
            ("training.clip", |config| config.training.clip = -1.0),
        ];
        for (field, change) in cases {
            let mut config = Config::default();
            change(&mut config);
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} = ")), "{message}");
        }
    }
}
