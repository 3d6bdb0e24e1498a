//! Settings of the chatbot, and of its cells as a language model.

use harness::{Check, require};
use neural::{Recipe, Result, Rule, Schedule};
use serde::{Deserialize, Serialize};

/// Cells that read and write, and how to train them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Numbers of a word's vector, and of what the output layer compares with it.
    pub width: usize,
    /// Cells of a layer.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Heads with which each word looks back at all before it, between the lowest layer and those above; 0, as in the paper:
    /// it does not.
    pub heads: usize,
    /// Whether the output layer is the embedding.
    pub tied: bool,
    /// Whether each word has a bias in the output layer, which begins with the word's frequency.
    pub bias: bool,
    /// The share of numbers that are left out between layers while training, never in time (Zaremba et al. 2014).
    pub dropout: f64,
    /// Words that a step of training compares a target with, drawn anew each time; 0: the whole vocabulary.
    pub candidates: usize,
    /// Parameters begin uniformly between minus this and this.
    pub init: f64,
    /// Turns that are read before a reply.
    pub turns: usize,
    /// Turns of a conversation that are learnt from as one text.
    pub piece: usize,
    /// The same in every other pass, from another turn on each time; 0: all passes are alike. Who is shown the last turns only
    /// must have begun in the midst before.
    pub short_piece: usize,
    /// Documents that are no conversations are learnt from too, each line as the turn of a narrator, in every so manieth pass;
    /// 0: never.
    pub stories: usize,
    /// Most words of a turn; of a longer one the last are read.
    pub longest: usize,
    /// Tokens that are read in a step at most, what rows are filled up with included.
    pub batch_tokens: usize,
    /// How words of a reply are chosen.
    pub reply: Reply,
    /// How to train.
    pub training: Recipe,
    /// Where to compute, and with which numbers.
    pub compute: neural::Settings,
}

/// How words of a reply are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// Hypotheses that are followed at a time; 1, with temperature 0, is greedy as in the paper.
    pub beam: usize,
    /// By chance where it is above 0; see [`harness::Sampling`].
    pub temperature: f64,
    /// Only so many of the most probable words take part in chance; 0: all.
    pub top_k: usize,
    /// Most words.
    pub longest: usize,
}

impl Default for Reply {
    fn default() -> Reply {
        Reply {
            beam: 1,
            temperature: 0.0,
            top_k: 0,
            longest: 60,
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            width: 128,
            hidden: 256,
            layers: 2,
            heads: 4,
            tied: true,
            bias: true,
            dropout: 0.1,
            candidates: 0,
            init: 0.08,
            turns: 3,
            piece: 8,
            short_piece: 4,
            stories: 2,
            longest: 256,
            batch_tokens: 1024,
            reply: Reply::default(),
            // A pass or two are short, and want large steps.
            training: Recipe {
                learning_rate: 8e-3,
                epochs: 1.25,
                ..Recipe::default()
            },
            compute: neural::Settings::default(),
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 5] = [
    "tiny",
    "village",
    "twenty-minutes",
    "help-desk",
    "open-domain",
];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        // Sections 4.1 and 4.2: cells without attention; whole conversations of some 400 words in a piece, and replies to
        // the line before.
        let paper = Config {
            heads: 0,
            tied: false,
            dropout: 0.0,
            ..default.clone()
        };
        Some(match name {
            // Trains in minutes on the village's conversations.
            "tiny" => default,
            // The village in twenty minutes on one thread: whole conversations, since what somebody says of themselves hangs
            // on the name that they gave in the beginning.
            "village" => Config {
                width: 160,
                dropout: 0.15,
                turns: 30,
                piece: 16,
                training: Recipe {
                    epochs: 12.0,
                    ..Recipe::default()
                },
                ..default
            },
            // For one or two million words of conversation, on two cores.
            "twenty-minutes" => Config {
                width: 192,
                hidden: 320,
                dropout: 0.15,
                candidates: 3000,
                training: Recipe {
                    epochs: 4.0,
                    ..Recipe::default()
                },
                ..default
            },
            "help-desk" => Config {
                width: 1024,
                hidden: 1024,
                layers: 1,
                turns: 30,
                piece: 30,
                short_piece: 0,
                batch_tokens: 16 * 400,
                training: Recipe {
                    optimiser: Rule::Sgd { momentum: 0.0 },
                    learning_rate: 10.0,
                    schedule: Schedule::Halving,
                    clip: 0.25,
                    ..paper.training
                },
                ..paper
            },
            "open-domain" => Config {
                width: 2048,
                hidden: 4096,
                turns: 1,
                piece: 2,
                short_piece: 2,
                batch_tokens: 128 * 20,
                training: Recipe {
                    optimiser: Rule::AdaGrad { epsilon: 1e-10 },
                    learning_rate: 0.05,
                    schedule: Schedule::Constant,
                    clip: 0.25,
                    ..paper.training
                },
                ..paper
            },
            _ => return None,
        })
    }

    /// The same for cells that learn from plain text, of which the small preset reads the beginning: it is done in a minute.
    pub fn preset_for_lines(name: &str) -> Option<Config> {
        let config = Config::preset(name)?;
        Some(match name == PRESETS[0] {
            true => Config {
                training: Recipe {
                    epochs: 0.6,
                    ..config.training
                },
                ..config
            },
            false => config,
        })
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let among = |field, value: usize, from: usize, to: usize, bound: &'static str| {
            Check::new((from..=to).contains(&value), field, value, bound)
        };
        require(&[
            Check::size("width", self.width),
            Check::size("hidden", self.hidden),
            among("layers", self.layers, 1, 64, "must be from 1 to 64"),
            Check::new(
                self.heads == 0 || self.hidden.is_multiple_of(self.heads),
                "heads",
                self.heads,
                "must divide the cells of a layer, or be 0",
            ),
            Check::share("dropout", self.dropout),
            Check::positive("init", self.init),
            among("turns", self.turns, 0, 1000, "must be from 0 to 1000"),
            among("piece", self.piece, 1, 1000, "must be from 1 to 1000"),
            among(
                "short_piece",
                self.short_piece,
                0,
                1000,
                "must be from 0 to 1000",
            ),
            among("stories", self.stories, 0, 100, "must be from 0 to 100"),
            Check::size("longest", self.longest),
            among(
                "batch_tokens",
                self.batch_tokens,
                1,
                1 << 20,
                "must be from 1 to 1048576",
            ),
            among(
                "reply.beam",
                self.reply.beam,
                1,
                1000,
                "must be from 1 to 1000",
            ),
            among(
                "reply.longest",
                self.reply.longest,
                1,
                10_000,
                "must be from 1 to 10000",
            ),
        ])?;
        self.reply.sampling(1).validate()?;
        self.training.validate()?;
        self.compute.validate()
    }

    /// The same in all that a trained network depends on, and the default in all else.
    pub(crate) fn lasting(&self) -> Config {
        let default = Config::default();
        Config {
            turns: default.turns,
            reply: default.reply,
            compute: default.compute,
            ..self.clone()
        }
    }
}

impl Reply {
    /// As a generator wants it.
    pub(crate) fn sampling(self, seed: u64) -> harness::Sampling {
        harness::Sampling {
            temperature: self.temperature,
            top_k: self.top_k,
            top_p: 1.0,
            seed,
        }
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
        assert_eq!(Config::preset("cleverbot"), None);
    }

    #[test]
    fn values_out_of_bounds_are_named() {
        let refused = |change: fn(&mut Config)| {
            let mut config = Config::default();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        assert!(refused(|config| config.heads = 3).starts_with("heads = 3"));
        assert!(refused(|config| config.piece = 0).starts_with("piece = 0"));
        assert!(refused(|config| config.reply.beam = 0).starts_with("reply.beam = 0"));
        assert!(refused(|config| config.reply.temperature = -1.0).starts_with("temperature = -1"));
        assert!(refused(|config| config.training.clip = -1.0).starts_with("training.clip = -1"));
    }
}
