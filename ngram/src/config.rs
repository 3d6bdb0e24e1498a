//! The era's settings.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How to count and to score. The default is the paper's setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Words in the longest n-gram, from 1 to 6. The paper: 5 in all main experiments.
    pub order: usize,
    /// Factor for each shortening of the context (section 4). The paper: 0.4, chosen by hand.
    pub alpha: f64,
    /// What a score is.
    pub scores: Scores,
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

impl Default for Config {
    fn default() -> Config {
        Config {
            order: 5,
            alpha: 0.4,
            scores: Scores::Renormalised,
        }
    }
}

/// Longest n-gram that can be asked for.
pub(crate) const HIGHEST_ORDER: usize = 6;

/// Names of the presets, the default first.
pub const PRESETS: [&str; 3] = ["paper", "trigram", "bigram"];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        let order = match name {
            "paper" => 5,
            "trigram" => 3,
            "bigram" => 2,
            _ => return None,
        };
        Some(Config {
            order,
            ..Config::default()
        })
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let refuse = |field, value: String, bound: &str| {
            Err(Error::Setting {
                field,
                value,
                bound: bound.to_owned(),
            })
        };
        if !(1..=HIGHEST_ORDER).contains(&self.order) {
            return refuse("order", self.order.to_string(), "must be from 1 to 6");
        }
        if !(1e-6..=1.0).contains(&self.alpha) {
            return refuse(
                "alpha",
                self.alpha.to_string(),
                "must be from 0.000001 to 1",
            );
        }
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
        assert_eq!(Config::preset("large"), None);
    }

    #[test]
    fn values_out_of_bounds_are_named() {
        for (config, field) in [
            (
                Config {
                    order: 0,
                    ..Config::default()
                },
                "order",
            ),
            (
                Config {
                    order: 7,
                    ..Config::default()
                },
                "order",
            ),
            (
                Config {
                    alpha: 0.0,
                    ..Config::default()
                },
                "alpha",
            ),
            (
                Config {
                    alpha: f64::NAN,
                    ..Config::default()
                },
                "alpha",
            ),
        ] {
            assert!(
                config
                    .validate()
                    .unwrap_err()
                    .to_string()
                    .starts_with(field)
            );
        }
    }
}
