//! The era's settings.

use neural::{Init, Recipe, Rule, Schedule};
use serde::{Deserialize, Serialize};

use crate::error::{Check, Result, require};

/// A decoder and how to train it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
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

/// How places are told apart (section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Positions {
    /// A vector for each place is learnt.
    Learned,
    /// Sines and cosines of wavelengths from 2 pi to 10000 * 2 pi.
    Sinusoidal,
}

/// Where layers normalise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// What they read: x + Sublayer(LayerNorm(x)).
    Pre,
    /// What they write, as in the paper: LayerNorm(x + Sublayer(x)).
    Post,
}

/// The function between the two layers of a place's own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(0, x), as in the paper.
    Relu,
    /// x times the share of a normal distribution that is below x.
    Gelu,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            width: 128,
            layers: 2,
            heads: 4,
            feed_forward: 512,
            context: 64,
            positions: Positions::Learned,
            norm: Norm::Pre,
            activation: Activation::Gelu,
            tied: true,
            bias: false,
            dropout: 0.1,
            smoothing: 0.0,
            candidates: 0,
            batch: 8,
            training: Recipe {
                optimiser: Rule::AdamW {
                    beta1: 0.9,
                    beta2: 0.95,
                    epsilon: 1e-8,
                    weight_decay: 0.1,
                },
                learning_rate: 2e-3,
                schedule: Schedule::Cosine,
                warmup: 100,
                clip: 1.0,
                accumulate: 1,
                epochs: 1.0,
            },
            compute: neural::Settings::default(),
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 6] = [
    "tiny",
    "small",
    "quarter-hour",
    "hour",
    "paper-base",
    "gpt2-small",
];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        Some(match name {
            // Trains in two minutes on the village.
            "tiny" => default,
            // 5.8 M parameters with a vocabulary of 10,000.
            "small" => Config {
                width: 256,
                layers: 4,
                feed_forward: 1024,
                context: 128,
                batch: 16,
                training: Recipe {
                    learning_rate: 1e-3,
                    ..default.training
                },
                ..default
            },
            // For tens of thousands of words and two million tokens, on two cores in a quarter of an hour: few layers,
            // small batches, a sample of the words.
            "quarter-hour" => Config {
                width: 256,
                feed_forward: 1024,
                bias: true,
                candidates: 3000,
                ..default
            },
            // The same for an hour, which is several passes: more of everything, and more dropout.
            "hour" => Config {
                width: 256,
                layers: 3,
                feed_forward: 1024,
                bias: true,
                dropout: 0.3,
                candidates: 4000,
                batch: 16,
                training: Recipe {
                    learning_rate: 1.5e-3,
                    ..default.training
                },
                ..default
            },
            // Table 3, base; one of its two stacks.
            "paper-base" => Config {
                width: 512,
                layers: 6,
                heads: 8,
                feed_forward: 2048,
                context: 512,
                positions: Positions::Sinusoidal,
                norm: Norm::Post,
                activation: Activation::Relu,
                smoothing: 0.1,
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
            "gpt2-small" => Config {
                width: 768,
                layers: 12,
                heads: 12,
                feed_forward: 3072,
                context: 1024,
                batch: 8,
                training: Recipe {
                    learning_rate: 6e-4,
                    warmup: 700,
                    ..default.training
                },
                ..default
            },
            _ => return None,
        })
    }

    /// Where matrices begin: the paper's code draws from Glorot and Bengio's distribution, its descendants from a narrow
    /// normal one.
    pub(crate) fn init(&self) -> Init {
        match self.norm {
            Norm::Pre => Init::Normal(0.02),
            Norm::Post => Init::Xavier,
        }
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] naming field, value and bound; [`crate::Error::Neural`] for `compute`.
    pub fn validate(&self) -> Result<()> {
        const LARGEST: usize = 1 << 16;
        let size = |field, value: usize| -> Check<'_> {
            let holds = (1..=LARGEST).contains(&value);
            (holds, field, value.to_string(), "must be from 1 to 65536")
        };
        let share = |field, value: f64| -> Check<'_> {
            let holds = (0.0..1.0).contains(&value);
            (
                holds,
                field,
                value.to_string(),
                "must be at least 0 and below 1",
            )
        };
        let recipe = &self.training;
        let checks = [
            size("width", self.width),
            size("layers", self.layers),
            size("heads", self.heads),
            size("feed_forward", self.feed_forward),
            size("context", self.context),
            size("batch", self.batch),
            (
                self.width.is_multiple_of(self.heads.max(1)),
                "heads",
                self.heads.to_string(),
                "must divide the width",
            ),
            (
                self.positions == Positions::Learned || self.width.is_multiple_of(2),
                "width",
                self.width.to_string(),
                "must be even for positions = \"sinusoidal\"",
            ),
            share("dropout", self.dropout),
            share("smoothing", self.smoothing),
            (
                self.candidates == 0 || self.smoothing == 0.0,
                "candidates",
                self.candidates.to_string(),
                "must be 0 (all words) with smoothing, which spreads probability over all",
            ),
            (
                recipe.learning_rate > 0.0 && recipe.learning_rate.is_finite(),
                "training.learning_rate",
                recipe.learning_rate.to_string(),
                "must be above 0",
            ),
            (
                recipe.clip >= 0.0,
                "training.clip",
                recipe.clip.to_string(),
                "must be 0 (none) or more",
            ),
            (
                (1..=1 << 20).contains(&recipe.accumulate),
                "training.accumulate",
                recipe.accumulate.to_string(),
                "must be from 1 to 1048576",
            ),
            (
                recipe.epochs > 0.0 && recipe.epochs <= 1e6,
                "training.epochs",
                recipe.epochs.to_string(),
                "must be above 0, at most 1000000",
            ),
        ];
        require(&checks)?;
        Ok(self.compute.validate()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid_and_the_first_is_the_default() {
        for name in PRESETS {
            assert!(Config::preset(name).unwrap().validate().is_ok());
        }
        assert_eq!(Config::preset(PRESETS[0]), Some(Config::default()));
        assert_eq!(Config::preset("bert"), None);
    }

    #[test]
    fn values_out_of_bounds_are_named() {
        type Change = fn(&mut Config);
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
            let mut config = Config::default();
            change(&mut config);
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} = ")), "{message}");
        }
    }
}
