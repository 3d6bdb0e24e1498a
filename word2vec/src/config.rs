//! The era's settings.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// How to train. The default is skip-gram with negative sampling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What predicts what.
    pub architecture: Architecture,
    /// D, the coordinates of a vector.
    pub dimension: usize,
    /// Most words on each side that are looked at; how many is drawn anew for each word, from 1 to this.
    pub window: usize,
    /// k, the wrong words that each right one is set against; 0: no negative sampling.
    pub negative: usize,
    /// Whether a path through a Huffman tree is learnt, beside or instead of negative samples.
    pub hierarchical_softmax: bool,
    /// t: words of a larger share of the text are left out at times; 0: never.
    pub subsample: f64,
    /// Words that occur less often are left out.
    pub min_count: u64,
    /// Passes over the text that join pairs of words to phrases, like `new_york`, before anything is learnt.
    pub phrases: usize,
    /// The score above which the first pass joins a pair; each further one asks for half of it.
    pub phrase_threshold: f64,
    /// Wrong words are drawn by their counts to this power.
    pub noise_exponent: f64,
    /// How long the vectors of inputs are at the beginning, on average. In the C program 1 / sqrt(12 D), which is 0.02 for
    /// 200 coordinates; 0: as there.
    pub initial_length: f64,
    /// Where the learning rate begins; it falls to nearly 0 along a line.
    pub learning_rate: f64,
    /// Passes over the text.
    pub epochs: f64,
    /// Threads, which write into the same vectors without waiting for each other; 0: one for each core. With 1 the same
    /// seed gives the same bytes.
    pub threads: usize,
    /// Whether the released C program is followed in everything, rounding and random numbers included, in one thread.
    pub faithful: bool,
}

/// What predicts what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// Each word around predicts the word in the middle, as in the C program; the papers write it the other way.
    SkipGram,
    /// The mean of the words around predicts the word in the middle.
    Cbow,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            architecture: Architecture::SkipGram,
            dimension: 200,
            window: 5,
            negative: 5,
            hierarchical_softmax: false,
            subsample: 1e-4,
            min_count: 5,
            phrases: 0,
            phrase_threshold: 200.0,
            noise_exponent: 0.75,
            initial_length: 0.5,
            learning_rate: 0.025,
            epochs: 5.0,
            threads: 0,
            faithful: false,
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 3] = ["skip-gram", "cbow", "c-program"];

/// Longest vector that can be asked for.
const LARGEST_DIMENSION: usize = 1 << 14;

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        let cbow = Config {
            architecture: Architecture::Cbow,
            learning_rate: 0.05,
            ..default
        };
        Some(match name {
            "skip-gram" => default,
            "cbow" => cbow,
            "c-program" => Config {
                dimension: 100,
                subsample: 1e-3,
                initial_length: 0.0,
                threads: 1,
                faithful: true,
                ..cbow
            },
            _ => return None,
        })
    }

    /// The name of the model that comes of it.
    pub fn variant(&self) -> &'static str {
        match self.architecture {
            Architecture::SkipGram => "skip-gram",
            Architecture::Cbow => "cbow",
        }
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[
            Check::new(
                (1..=LARGEST_DIMENSION).contains(&self.dimension),
                "dimension",
                self.dimension,
                "must be from 1 to 16384",
            ),
            Check::new(
                (1..=1000).contains(&self.window),
                "window",
                self.window,
                "must be from 1 to 1000",
            ),
            Check::new(
                self.negative <= 1000,
                "negative",
                self.negative,
                "must be at most 1000",
            ),
            Check::new(
                self.negative > 0 || self.hierarchical_softmax,
                "negative",
                self.negative,
                "must be at least 1 unless hierarchical_softmax = true: there is nothing to learn from",
            ),
            Check::new(
                (0.0..1.0).contains(&self.subsample),
                "subsample",
                self.subsample,
                "must be at least 0 and below 1",
            ),
            Check::new(
                self.min_count >= 1,
                "min_count",
                self.min_count,
                "must be at least 1",
            ),
            Check::new(
                self.phrases <= 8,
                "phrases",
                self.phrases,
                "must be at most 8",
            ),
            Check::new(
                self.phrase_threshold > 0.0 && self.phrase_threshold.is_finite(),
                "phrase_threshold",
                self.phrase_threshold,
                "must be above 0",
            ),
            Check::new(
                (-2.0..=2.0).contains(&self.noise_exponent),
                "noise_exponent",
                self.noise_exponent,
                "must be from -2 to 2",
            ),
            Check::new(
                (0.0..=100.0).contains(&self.initial_length),
                "initial_length",
                self.initial_length,
                "must be from 0 to 100",
            ),
            Check::new(
                !self.faithful || self.initial_length == 0.0,
                "initial_length",
                self.initial_length,
                "must be 0 with faithful = true",
            ),
            Check::new(
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "learning_rate",
                self.learning_rate,
                "must be above 0",
            ),
            Check::new(
                self.epochs > 0.0 && self.epochs <= 1e6,
                "epochs",
                self.epochs,
                "must be above 0, at most 1000000",
            ),
            Check::new(
                self.threads <= 1024,
                "threads",
                self.threads,
                "must be at most 1024",
            ),
            Check::new(
                !self.faithful || self.threads == 1,
                "threads",
                self.threads,
                "must be 1 with faithful = true: what several do at once no one can repeat",
            ),
        ])?;
        Ok(())
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
        assert_eq!(Config::preset("glove"), None);
    }

    #[test]
    fn values_out_of_bounds_are_named() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 16] = [
            ("dimension", |config| config.dimension = 0),
            ("dimension", |config| config.dimension = 1 << 20),
            ("window", |config| config.window = 0),
            ("negative", |config| config.negative = 0),
            ("subsample", |config| config.subsample = -0.1),
            ("subsample", |config| config.subsample = f64::NAN),
            ("min_count", |config| config.min_count = 0),
            ("phrases", |config| config.phrases = 9),
            ("phrase_threshold", |config| config.phrase_threshold = 0.0),
            ("noise_exponent", |config| config.noise_exponent = 9.0),
            ("initial_length", |config| config.initial_length = -1.0),
            ("initial_length", |config| {
                (config.faithful, config.threads) = (true, 1);
            }),
            ("learning_rate", |config| config.learning_rate = 0.0),
            ("epochs", |config| config.epochs = f64::INFINITY),
            ("threads", |config| config.threads = 2000),
            ("threads", |config| {
                (config.faithful, config.initial_length) = (true, 0.0);
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
