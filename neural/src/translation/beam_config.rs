//! Configuration of the beam search for translations.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::decoding::Beam;
use crate::error::Result;

/// Beam search of a translator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeamConfig {
    /// Beam width.
    pub width: usize,
    /// Alpha of Wu et al. 2016, equation 14; 0: no length penalty.
    pub length_penalty: f64,
    /// Maximum length of a translation beyond the length of its source, in tokens.
    pub max_extra_tokens: usize,
}

impl BeamConfig {
    /// The search for sources of `source_length` tokens, by networks limited to `max_length` tokens.
    pub(super) fn for_source(self, source_length: usize, max_length: Option<usize>) -> Beam {
        let own = source_length + self.max_extra_tokens + 1;
        Beam {
            width: self.width,
            length_penalty: self.length_penalty,
            max_length: max_length.map_or(own, |limit| own.min(limit)),
        }
    }

    /// Checks all values.
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
                self.max_extra_tokens <= 10_000,
                "beam.max_extra_tokens",
                self.max_extra_tokens,
                "must be at most 10000",
            ),
        ])?)
    }
}
