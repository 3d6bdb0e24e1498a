//! The settings of a chain.

use harness::{Check, Result, require};
use serde::{Deserialize, Serialize};

/// Settings of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Weight of a token's relative frequency, in pseudo-counts added to the counts of pairs. Ours.
    pub prior: f64,
}

impl Default for Config {
    fn default() -> Config {
        Config { prior: 10.0 }
    }
}

/// Names of the presets, the default first.
pub(crate) const PRESETS: [&str; 1] = ["chain"];

impl Config {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<Config> {
        (name == PRESETS[0]).then(Config::default)
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[Check::positive("prior", self.prior)])
    }
}
