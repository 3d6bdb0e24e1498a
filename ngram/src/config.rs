//! The era's settings.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// How to count and to score. The default is the paper's setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How scores come from counts.
    pub smoothing: Smoothing,
    /// Words in the longest n-gram, from 1 to 6. The paper: 5 in all main experiments.
    pub order: usize,
    /// Factor for each shortening of the context (section 4). The paper: 0.4, chosen by hand. Of no effect on Kneser-Ney.
    pub alpha: f64,
    /// What a score of Stupid Backoff is.
    pub scores: Scores,
    /// Where contexts end.
    pub contexts: Contexts,
    /// Fewest occurrences of n-grams that are kept, by order; what is missing at the end is as the last. Empty: all are.
    pub cutoffs: Vec<u64>,
    /// Bits of counts, from 4 to 8, which are then rounded to so many levels; 0: they are exact.
    pub quantise: u8,
    /// Whether orders for which Kneser-Ney's discounts cannot be estimated, as in tiny or artificial texts, get 0.5, 1
    /// and 1.5 (KenLM's `--discount_fallback`) instead of an error.
    pub discount_fallback: bool,
    /// Share of a cache of the words that came last in the probability of the next, from 0 (no cache) below 1.
    pub cache: f64,
    /// Number of words after which a word's weight in the cache has fallen to half.
    pub half_life: f64,
    /// Whether share and half-life are chosen on the validation sample, where there is one.
    pub tune_cache: bool,
}

/// How scores come from counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Smoothing {
    /// Relative frequencies in the longest context that occurs (Brants et al. 2007).
    StupidBackoff,
    /// Interpolated modified Kneser-Ney (Chen and Goodman 1998), as KenLM has it.
    KneserNey,
}

/// What the model answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Divided by their sum over the vocabulary: probabilities.
    Renormalised,
    /// As the paper has them: their sum is anything.
    Raw,
}

/// Where contexts end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contexts {
    /// At the ends of lines; a mark stands before each line, as in KenLM.
    Line,
    /// Nowhere: the text is one stream, and the end of a line is a word of it.
    Stream,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            smoothing: Smoothing::StupidBackoff,
            order: 5,
            alpha: 0.4,
            scores: Scores::Renormalised,
            contexts: Contexts::Line,
            cutoffs: Vec::new(),
            quantise: 0,
            discount_fallback: false,
            cache: 0.0,
            half_life: 200.0,
            tune_cache: false,
        }
    }
}

/// Longest n-gram that can be asked for.
pub(crate) const HIGHEST_ORDER: usize = 6;

/// Names of the presets, the default first.
pub const PRESETS: [&str; 5] = [
    "paper",
    "trigram",
    "bigram",
    "kneser-ney",
    "kneser-ney-cache",
];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let default = Config::default();
        Some(match name {
            "paper" => default,
            "trigram" => Config {
                order: 3,
                ..default
            },
            "bigram" => Config {
                order: 2,
                ..default
            },
            "kneser-ney" => Config {
                smoothing: Smoothing::KneserNey,
                ..default
            },
            "kneser-ney-cache" => Config {
                smoothing: Smoothing::KneserNey,
                cache: 0.1,
                tune_cache: true,
                ..default
            },
            _ => return None,
        })
    }

    /// The name of the model that comes of it.
    pub fn variant(&self) -> &'static str {
        match (self.smoothing, self.cache > 0.0) {
            (Smoothing::StupidBackoff, false) => "stupid-backoff",
            (Smoothing::StupidBackoff, true) => "stupid-backoff-cache",
            (Smoothing::KneserNey, false) => "kneser-ney",
            (Smoothing::KneserNey, true) => "kneser-ney-cache",
        }
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let normalised =
            self.scores == Scores::Renormalised || self.smoothing == Smoothing::KneserNey;
        let cutoffs = format!("{:?}", self.cutoffs);
        require(&[
            Check::new(
                (1..=HIGHEST_ORDER).contains(&self.order),
                "order",
                self.order,
                "must be from 1 to 6",
            ),
            Check::new(
                self.cutoffs.len() <= self.order && self.cutoffs.iter().all(|&fewest| fewest >= 1),
                "cutoffs",
                &cutoffs,
                "must be at least 1 each, and not more than there are orders",
            ),
            // A longer n-gram that is kept needs its beginning and its end.
            Check::new(
                self.cutoffs.is_sorted(),
                "cutoffs",
                &cutoffs,
                "must not fall from one order to the next",
            ),
            Check::new(
                self.quantise == 0 || (4..=8).contains(&self.quantise),
                "quantise",
                self.quantise,
                "must be from 4 to 8, or 0 for exact counts",
            ),
            Check::new(
                (1e-6..=1.0).contains(&self.alpha),
                "alpha",
                self.alpha,
                "must be from 0.000001 to 1",
            ),
            Check::share("cache", self.cache),
            Check::new(
                (1.0..=1e6).contains(&self.half_life),
                "half_life",
                self.half_life,
                "must be from 1 to 1000000",
            ),
            Check::new(
                self.cache == 0.0 || normalised,
                "cache",
                self.cache,
                "needs scores = renormalised: a mixture is of probabilities",
            ),
        ])?;
        Ok(())
    }

    /// The cut-off of each order.
    pub(crate) fn cutoff_of_each(&self) -> Vec<u64> {
        let last = self.cutoffs.last().copied().unwrap_or(1);
        (0..self.order)
            .map(|at| self.cutoffs.get(at).copied().unwrap_or(last))
            .collect()
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
        assert_eq!(Config::preset("large"), None);
    }

    #[test]
    fn values_out_of_bounds_are_named() {
        let default = Config::default;
        for (config, field) in [
            (
                Config {
                    order: 0,
                    ..default()
                },
                "order",
            ),
            (
                Config {
                    order: 7,
                    ..default()
                },
                "order",
            ),
            (
                Config {
                    alpha: 0.0,
                    ..default()
                },
                "alpha",
            ),
            (
                Config {
                    alpha: f64::NAN,
                    ..default()
                },
                "alpha",
            ),
            (
                Config {
                    cutoffs: vec![1, 0],
                    ..default()
                },
                "cutoffs",
            ),
            (
                Config {
                    cutoffs: vec![1, 3, 2],
                    ..default()
                },
                "cutoffs",
            ),
            (
                Config {
                    cutoffs: vec![1; 6],
                    ..default()
                },
                "cutoffs",
            ),
            (
                Config {
                    quantise: 3,
                    ..default()
                },
                "quantise",
            ),
            (
                Config {
                    cache: 1.0,
                    ..default()
                },
                "cache",
            ),
            (
                Config {
                    cache: 0.1,
                    scores: Scores::Raw,
                    ..default()
                },
                "cache",
            ),
            (
                Config {
                    half_life: 0.5,
                    ..default()
                },
                "half_life",
            ),
        ] {
            assert!(
                config
                    .validate()
                    .unwrap_err()
                    .to_string()
                    .starts_with(field),
                "{config:?}"
            );
        }
    }
}
