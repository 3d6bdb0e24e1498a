//! Settings of the language model.

use harness::{Check, require};
use neural::{Recipe, Result, Rule, Schedule};
use serde::{Deserialize, Serialize};

use crate::decoder::Shape;

/// An LSTM and how to train it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LmConfig {
    /// Numbers of a word's vector.
    pub width: usize,
    /// Cells of a layer.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Whether the output layer is the embedding; cells are then brought to its width, if that is another.
    pub tied: bool,
    /// Whether each word has a bias in the output layer, which begins with the word's frequency.
    pub bias: bool,
    /// The share of numbers that are left out between layers while training, never in time (Zaremba et al. 2014).
    pub dropout: f64,
    /// Words that a step of training compares a target with, drawn anew each time; 0: the whole vocabulary.
    pub candidates: usize,
    /// Parameters begin uniformly between minus this and this.
    pub init: f64,
    /// Where the bias of the gates that keep memory begins; left out: where other parameters do, as in the papers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget_bias: Option<f64>,
    /// Texts that are read side by side in a step.
    pub batch: usize,
    /// Tokens of each text that are read in a step; gradients go no further back.
    pub window: usize,
    /// How to train.
    pub training: Recipe,
    /// Where to compute, and with which numbers.
    pub compute: neural::Settings,
}

impl Default for LmConfig {
    fn default() -> LmConfig {
        LmConfig {
            width: 128,
            hidden: 256,
            layers: 1,
            tied: true,
            bias: true,
            dropout: 0.1,
            candidates: 0,
            init: 0.08,
            forget_bias: Some(1.0),
            batch: 16,
            window: 32,
            // A single pass is short, and wants large steps.
            training: Recipe {
                learning_rate: 8e-3,
                ..Recipe::default()
            },
            compute: neural::Settings::default(),
        }
    }
}

/// Names of the presets, the default first.
pub const LM_PRESETS: [&str; 7] = [
    "tiny",
    "twenty-minutes",
    "quarter-hour",
    "hour",
    "small",
    "medium",
    "large",
];

impl LmConfig {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<LmConfig> {
        let default = LmConfig::default();
        Some(match name {
            // Trains in a minute on the village.
            "tiny" => default,
            // For a million words of the village in many passes, on two cores.
            "twenty-minutes" => LmConfig {
                width: 192,
                hidden: 512,
                dropout: 0.25,
                training: Recipe {
                    epochs: 12.0,
                    ..Recipe::default()
                },
                ..default
            },
            // For tens of thousands of words and two million tokens, on two cores in a quarter of an hour.
            "quarter-hour" => LmConfig {
                width: 256,
                hidden: 512,
                candidates: 3000,
                training: Recipe::default(),
                ..default
            },
            // The same for an hour, which is several passes: more cells, and more dropout.
            "hour" => LmConfig {
                width: 320,
                hidden: 640,
                dropout: 0.35,
                candidates: 4000,
                batch: 20,
                window: 40,
                training: Recipe {
                    learning_rate: 2e-3,
                    ..default.training
                },
                ..default
            },
            "small" => zaremba(Zaremba {
                hidden: 200,
                dropout: 0.0,
                init: 0.1,
                window: 20,
                epochs: 13.0,
                hold: 4.0,
                decay: 0.5,
                clip: 5.0,
            }),
            "medium" => zaremba(Zaremba {
                hidden: 650,
                dropout: 0.5,
                init: 0.05,
                window: 35,
                epochs: 39.0,
                hold: 6.0,
                decay: 1.0 / 1.2,
                clip: 5.0,
            }),
            "large" => zaremba(Zaremba {
                hidden: 1500,
                dropout: 0.65,
                init: 0.04,
                window: 35,
                epochs: 55.0,
                hold: 14.0,
                decay: 1.0 / 1.15,
                clip: 10.0,
            }),
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
            Check::size("batch", self.batch),
            Check::size("window", self.window),
            Check::share("dropout", self.dropout),
        ])?;
        self.training.validate()?;
        self.compute.validate()
    }

    pub(crate) fn shape(&self) -> Shape {
        Shape {
            width: self.width,
            hidden: self.hidden,
            layers: self.layers,
            tied: self.tied,
            bias: self.bias,
            init: self.init,
            forget_bias: self.forget_bias,
            beside: 0,
        }
    }
}

/// Section 4.1 of Zaremba, Sutskever, Vinyals 2014.
struct Zaremba {
    hidden: usize,
    dropout: f64,
    init: f64,
    window: usize,
    epochs: f64,
    /// Epochs before the learning rate falls, from 1, by `decay` each.
    hold: f64,
    decay: f64,
    clip: f64,
}

fn zaremba(paper: Zaremba) -> LmConfig {
    // The paper's loss is the sum over a window.
    let window = paper.window as f64;
    LmConfig {
        width: paper.hidden,
        hidden: paper.hidden,
        layers: 2,
        tied: false,
        bias: true,
        dropout: paper.dropout,
        init: paper.init,
        forget_bias: None,
        batch: 20,
        window: paper.window,
        training: Recipe {
            optimiser: Rule::Sgd { momentum: 0.0 },
            learning_rate: window,
            schedule: Schedule::Stepped {
                periods: paper.epochs,
                hold: paper.hold,
                decay: paper.decay,
            },
            warmup: 0,
            clip: paper.clip / window,
            accumulate: 1,
            average: 1,
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
    fn values_out_of_bounds_are_named() {
        type Change = fn(&mut LmConfig);
        let cases: [(&str, Change); 6] = [
            ("hidden", |config| config.hidden = 0),
            ("layers", |config| config.layers = 100),
            ("dropout", |config| config.dropout = 1.0),
            ("init", |config| config.init = f64::NAN),
            ("window", |config| config.window = 1 << 20),
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
