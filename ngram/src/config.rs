//! The era's settings.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Settings of counting and scoring. The default is the paper's setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How probabilities are estimated from counts.
    pub smoothing: Smoothing,
    /// Number of words in the longest n-gram, from 1 to 6. The paper uses 5 in all main experiments.
    pub order: usize,
    /// Backoff factor of Stupid Backoff (Brants et al. 2007, eq. 5), above 0 and at most 1. The paper uses 0.4, chosen by hand.
    pub alpha: f64,
    /// Whether Stupid Backoff's scores are renormalised. No effect on Kneser-Ney.
    pub scores: Scores,
    /// Whether contexts reach across line ends.
    pub contexts: Contexts,
    /// Minimum count of the n-grams that are kept, by order; the last value holds for all higher orders. Empty keeps all.
    pub cutoffs: Vec<u64>,
    /// Bits per quantised count, from 4 to 8; 0 stores exact counts (ours).
    pub quantise: u8,
    /// Whether Kneser-Ney uses the discounts 0.5, 1 and 1.5 (KenLM's `--discount_fallback`) for orders whose discounts cannot be
    /// estimated, as in tiny or artificial texts, instead of failing.
    pub discount_fallback: bool,
    /// Interpolation weight of the word cache, at least 0 (no cache) and below 1 (Kuhn and De Mori 1990).
    pub cache: f64,
    /// Half-life in words of a word's weight in the cache.
    pub half_life: f64,
    /// Whether the cache's weight and half-life are tuned on the validation sample, if there is one.
    pub tune_cache: bool,
}

/// How probabilities are estimated from counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Smoothing {
    /// Relative frequencies in the longest context that occurs (Brants et al. 2007).
    StupidBackoff,
    /// Interpolated modified Kneser-Ney (Chen and Goodman 1998), with KenLM's conventions.
    KneserNey,
}

/// Which scores a Stupid Backoff model returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Scores divided by their sum over the vocabulary, which are probabilities.
    Renormalised,
    /// The paper's scores, which do not sum to 1.
    Raw,
}

/// Whether contexts reach across line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contexts {
    /// Each line is a sentence that begins with `<s>`; n-grams do not cross line ends, as in KenLM.
    Line,
    /// The text is one stream, in which the line end is an ordinary token.
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

/// The highest order that can be configured.
pub(crate) const MAX_ORDER: usize = 6;

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

    /// The name of the variant that these settings train.
    pub fn variant(&self) -> &'static str {
        match (self.smoothing, self.cache > 0.0) {
            (Smoothing::StupidBackoff, false) => "stupid-backoff",
            (Smoothing::StupidBackoff, true) => "stupid-backoff-cache",
            (Smoothing::KneserNey, false) => "kneser-ney",
            (Smoothing::KneserNey, true) => "kneser-ney-cache",
        }
    }

    /// Checks that all values are within bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let normalised =
            self.scores == Scores::Renormalised || self.smoothing == Smoothing::KneserNey;
        let cutoffs = format!("{:?}", self.cutoffs);
        require(&[
            Check::new(
                (1..=MAX_ORDER).contains(&self.order),
                "order",
                self.order,
                "must be from 1 to 6",
            ),
            Check::new(
                self.cutoffs.len() <= self.order
                    && self.cutoffs.iter().all(|&min_count| min_count >= 1),
                "cutoffs",
                &cutoffs,
                "must have at most one value per order, each at least 1",
            ),
            // A stored n-gram needs its prefix and its suffix.
            Check::new(
                self.cutoffs.is_sorted(),
                "cutoffs",
                &cutoffs,
                "must not decrease from one order to the next",
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
                "needs scores = renormalised, because only probabilities can be interpolated",
            ),
        ])?;
        Ok(())
    }

    /// The minimum count of each order.
    pub(crate) fn cutoffs_by_order(&self) -> Vec<u64> {
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
    fn errors_name_values_out_of_bounds() {
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
