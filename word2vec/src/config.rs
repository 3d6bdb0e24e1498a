//! The era's settings.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ideas::IDEAS;

/// Settings of training. The default is skip-gram with negative sampling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Skip-gram or CBOW (2013a, section 3).
    pub architecture: Architecture,
    /// D, the dimension of the vectors.
    pub dimension: usize,
    /// Maximum number of context words on each side; for each word the number is drawn uniformly from 1 to this.
    pub window: usize,
    /// k, the number of negative samples per positive example (2013b, section 2.2); 0 disables negative sampling.
    pub negative: usize,
    /// Whether to train hierarchical softmax (2013b, section 2.1), in addition to or instead of negative sampling.
    pub hierarchical_softmax: bool,
    /// t, the subsampling threshold: words of a relative frequency above it are randomly discarded (2013b, section 2.3); 0 disables
    /// subsampling.
    pub subsample: f64,
    /// Minimum count of a word; rarer words are removed from the text.
    pub min_count: u64,
    /// Number of passes that join pairs of words to phrases, such as `new_york`, before training (2013b, section 4).
    pub phrases: usize,
    /// The score above which the first pass joins a pair; the threshold is halved with each pass.
    pub phrase_threshold: f64,
    /// Exponent of the noise distribution: negative samples are drawn in proportion to count^exponent (2013b: 3/4).
    pub noise_exponent: f64,
    /// Mean initial length of the input vectors (ours). 0 initialises as the C program does, with length 1 / sqrt(12 D), which is
    /// 0.02 for D = 200.
    pub initial_length: f64,
    /// Whether all inputs of a window share their negative samples in skip-gram (Ji et al. 2016); if not, each draws its own.
    pub shared_negatives: bool,
    /// Initial learning rate; it decays linearly to nearly 0.
    pub learning_rate: f64,
    /// Number of epochs.
    pub epochs: f64,
    /// Number of threads, which update shared vectors without locks; 0 means one per core. With 1 the same seed gives the same
    /// bytes.
    pub threads: usize,
    /// Whether to reproduce the released C program exactly, including rounding and random numbers; requires one thread.
    pub faithful: bool,
}

/// The architecture of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// Each context word predicts the centre word, as in the C program; in the papers the centre word predicts its context.
    SkipGram,
    /// The mean of the context words predicts the centre word.
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
            initial_length: 0.0,
            shared_negatives: false,
            learning_rate: 0.025,
            epochs: 5.0,
            threads: 0,
            faithful: false,
        }
    }
}

/// Names of the presets, the default first. Those whose names end in `-tuned` borrow ideas of later papers.
pub const PRESETS: [&str; 5] = [
    "skip-gram",
    "cbow",
    "c-program",
    "skip-gram-tuned",
    "cbow-tuned",
];

/// The initial length of the tuned presets.
pub(crate) const TUNED_LENGTH: f64 = 0.5;

/// The highest dimension that can be configured.
const MAX_DIMENSION: usize = 1 << 14;

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
                threads: 1,
                faithful: true,
                ..cbow
            },
            "skip-gram-tuned" => Config {
                initial_length: TUNED_LENGTH,
                shared_negatives: true,
                ..default
            },
            "cbow-tuned" => Config {
                initial_length: TUNED_LENGTH,
                ..cbow
            },
            _ => return None,
        })
    }

    /// The name of the variant that these settings train.
    pub fn variant(&self) -> &'static str {
        let is_tuned = IDEAS.iter().any(|setting| (setting.is_used)(self));
        match (self.architecture, is_tuned) {
            (Architecture::SkipGram, false) => "skip-gram",
            (Architecture::SkipGram, true) => "skip-gram-tuned",
            (Architecture::Cbow, false) => "cbow",
            (Architecture::Cbow, true) => "cbow-tuned",
        }
    }

    /// Whether each input of a window has its own negative samples. In CBOW a window has one input.
    pub(crate) fn has_private_negatives(&self) -> bool {
        self.architecture == Architecture::SkipGram && self.negative > 0 && !self.shared_negatives
    }

    /// Checks that all values are within bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[
            Check::new(
                (1..=MAX_DIMENSION).contains(&self.dimension),
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
                "must be at least 1 unless hierarchical_softmax = true",
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
                !(self.faithful && self.shared_negatives),
                "shared_negatives",
                self.shared_negatives,
                "must be false with faithful = true",
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
                "must be 1 with faithful = true, because several threads are not reproducible",
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
    fn errors_name_values_out_of_bounds() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 17] = [
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
                config.initial_length = 0.5;
            }),
            ("shared_negatives", |config| {
                (config.faithful, config.threads) = (true, 1);
                config.shared_negatives = true;
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
