//! Settings of the translator.

use harness::{Check, require};
use neural::{Beam, Recipe, Result, Rule, Schedule};
use serde::{Deserialize, Serialize};

use crate::decoder::Shape;

/// An encoder, a decoder, and how to train them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Numbers of a word's vector.
    pub width: usize,
    /// Cells of a layer.
    pub hidden: usize,
    /// Layers, of the encoder and of the decoder.
    pub layers: usize,
    /// In which order a source is read.
    pub source_order: SourceOrder,
    /// Whether the output layer is the embedding of target words; cells are then brought to its width, if that is another.
    pub tied: bool,
    /// Whether each target word has a bias in the output layer, which begins with the word's frequency.
    pub bias: bool,
    /// The share of numbers that are left out between layers while training, never in time (Zaremba et al. 2014).
    pub dropout: f64,
    /// The share of probability that is spread over all words while training.
    pub smoothing: f64,
    /// Parameters begin uniformly between minus this and this.
    pub init: f64,
    /// Where the bias of the gates that keep memory begins; left out: where other parameters do, as in the paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget_bias: Option<f64>,
    /// Which pairs are read together.
    pub batching: Batching,
    /// Tokens of sources, and of targets, that are read in a step at most, what rows are filled up with included.
    pub batch_tokens: usize,
    /// How translations are looked for.
    pub beam: Reading,
    /// How to train.
    pub training: Recipe,
    /// Where to compute, and with which numbers.
    pub compute: neural::Settings,
}

/// In which order a source is read (section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceOrder {
    /// From its last word to its first, as in the paper.
    Reversed,
    /// From its first word to its last.
    Forward,
}

/// Which pairs are read together (section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Batching {
    /// Those whose sources have the same length and whose targets nearly so.
    Length,
    /// Pairs as they come, shorter sources filled up at their beginning: what the paper compares this with.
    Random,
}

/// How translations are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// B: hypotheses that are followed at a time.
    pub width: usize,
    /// Alpha of Wu et al. 2016, equation 14; the paper's 0 compares ln p of any length.
    pub length_penalty: f64,
    /// Words that a translation may be longer than its source.
    pub longer: usize,
}

impl Reading {
    /// The search for translations of sources of so many words.
    pub(crate) fn of_length(self, words: usize) -> Beam {
        Beam {
            width: self.width,
            length_penalty: self.length_penalty,
            longest: words + self.longer + 1,
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            width: 128,
            hidden: 256,
            layers: 1,
            source_order: SourceOrder::Reversed,
            tied: true,
            bias: true,
            dropout: 0.1,
            smoothing: 0.0,
            init: 0.08,
            forget_bias: Some(1.0),
            batching: Batching::Length,
            batch_tokens: 512,
            beam: Reading {
                width: 2,
                length_penalty: 0.0,
                longer: 20,
            },
            training: Recipe {
                optimiser: Rule::AdamW {
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    weight_decay: 0.01,
                },
                learning_rate: 3e-3,
                schedule: Schedule::Cosine,
                warmup: 100,
                clip: 1.0,
                accumulate: 1,
                epochs: 4.0,
            },
            compute: neural::Settings::default(),
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 3] = ["tiny", "small", "paper"];

/// Words of a target sentence in the paper's corpus: 348 million in 12 million sentences.
const PAPER_SENTENCE: f64 = 29.0;

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        Some(match name {
            // Trains in minutes on the village's pairs.
            "tiny" => default,
            // For tens of thousands of captions, on two cores in an hour.
            "small" => Config {
                width: 256,
                hidden: 640,
                dropout: 0.5,
                smoothing: 0.1,
                batch_tokens: 1024,
                beam: Reading {
                    width: 12,
                    length_penalty: 1.0,
                    ..default.beam
                },
                training: Recipe {
                    learning_rate: 2e-3,
                    epochs: 20.0,
                    ..default.training
                },
                ..default
            },
            // Section 3.4.
            "paper" => Config {
                width: 1000,
                hidden: 1000,
                layers: 4,
                tied: false,
                bias: true,
                dropout: 0.0,
                forget_bias: None,
                // 128 sentences.
                batch_tokens: 128 * PAPER_SENTENCE as usize,
                beam: Reading {
                    width: 12,
                    ..default.beam
                },
                training: Recipe {
                    optimiser: Rule::Sgd { momentum: 0.0 },
                    learning_rate: 0.7 * PAPER_SENTENCE,
                    schedule: Schedule::Halving,
                    warmup: 0,
                    clip: 5.0 / PAPER_SENTENCE,
                    accumulate: 1,
                    epochs: 7.5,
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
            Check::share("dropout", self.dropout),
            Check::share("smoothing", self.smoothing),
            Check::new(
                (1..=1 << 20).contains(&self.batch_tokens),
                "batch_tokens",
                self.batch_tokens,
                "must be from 1 to 1048576",
            ),
        ])?;
        self.beam.validate()?;
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
        }
    }
}

impl Reading {
    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        Ok(require(&[
            Check::new(
                (1..=1000).contains(&self.width),
                "beam.width",
                self.width,
                "must be from 1 to 1000",
            ),
            Check::new(
                (0.0..=10.0).contains(&self.length_penalty),
                "beam.length_penalty",
                self.length_penalty,
                "must be from 0 to 10",
            ),
            Check::new(
                self.longer <= 10_000,
                "beam.longer",
                self.longer,
                "must be at most 10000",
            ),
        ])?)
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
        assert_eq!(Config::preset("moses"), None);
    }

    #[test]
    fn values_out_of_bounds_are_named() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 5] = [
            ("hidden", |config| config.hidden = 0),
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
