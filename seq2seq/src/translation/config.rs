//! Settings of the translator.

use harness::{Check, require};
use neural::{Alike, Common, Reading, Recipe, Result, Rule, Schedule, TranslatorConfig};
use serde::{Deserialize, Serialize};

use super::network::Network;
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
    /// Whether the decoder looks back at what the encoder wrote of each source word, before each word that it writes (Bahdanau
    /// et al. 2015): the step between the paper and the Transformer.
    pub attention: bool,
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

impl Default for Config {
    fn default() -> Config {
        Config {
            width: 128,
            hidden: 256,
            layers: 1,
            source_order: SourceOrder::Reversed,
            attention: false,
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
            // A few passes are short, and want large steps.
            training: Recipe {
                learning_rate: 1e-2,
                epochs: 3.0,
                ..Recipe::default()
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
                    average: 1,
                    epochs: 7.5,
                },
                ..default
            },
            _ => return None,
        })
    }

    /// The same with attention: of the smallest preset fewer cells and passes know more then.
    pub fn preset_with_attention(name: &str) -> Option<Config> {
        let config = Config {
            attention: true,
            ..Config::preset(name)?
        };
        Some(match name == PRESETS[0] {
            true => Config {
                hidden: 192,
                training: Recipe {
                    learning_rate: 7e-3,
                    epochs: 2.25,
                    ..config.training
                },
                ..config
            },
            false => config,
        })
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
            beside: if self.attention { self.hidden } else { 0 },
        }
    }
}

impl TranslatorConfig for Config {
    type Network = Network;
    const ERA: &'static str = crate::ERA;

    fn variant(&self) -> &'static str {
        match (self.attention, self.source_order) {
            (true, _) => crate::ATTENTION,
            (false, SourceOrder::Reversed) => crate::VARIANT,
            (false, SourceOrder::Forward) => "forward",
        }
    }

    fn validate(&self) -> Result<()> {
        self.shape().validate()?;
        require(&[Check::share("dropout", self.dropout)])?;
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
            alike: match self.batching {
                Batching::Length => Alike::Sources,
                Batching::Random => Alike::NotAtAll,
            },
            batch_tokens: self.batch_tokens,
            longest: None,
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
