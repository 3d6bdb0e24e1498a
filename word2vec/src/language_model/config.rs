//! Settings of the language model.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Settings of training. There is no subsampling and no minimum count, because every word must be predicted. The defaults are the
/// best on the validation split of WikiText-2 among windows of 2, 4 and 8, learning rates of 0.05 to 0.2 and 3 to 10 epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LmConfig {
    /// D, the dimension of the vectors.
    pub dimension: usize,
    /// Number of preceding words, whose vectors are averaged.
    pub window: usize,
    /// Initial learning rate; it decays linearly to nearly 0.
    pub learning_rate: f64,
    /// Number of epochs.
    pub epochs: f64,
}

impl Default for LmConfig {
    fn default() -> LmConfig {
        LmConfig {
            dimension: 200,
            window: 2,
            learning_rate: 0.05,
            epochs: 5.0,
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 1] = ["cbow-lm"];

impl LmConfig {
    /// A preset by name.
    pub fn preset(name: &str) -> Option<LmConfig> {
        (name == PRESETS[0]).then(LmConfig::default)
    }

    /// Checks that all values are within bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[
            Check::new(
                (1..=1 << 14).contains(&self.dimension),
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
        ])?;
        Ok(())
    }
}
