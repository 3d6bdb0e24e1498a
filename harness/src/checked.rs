//! Settings within their bounds: one way for all eras to refuse those that are not.

use std::fmt::Display;

use crate::error::{Error, Result};

/// A condition on a setting.
#[derive(Debug, Clone)]
pub struct Check {
    holds: bool,
    field: &'static str,
    value: String,
    bound: &'static str,
}

impl Check {
    /// The condition, the setting that it is about, its value, and what is allowed.
    pub fn new(
        holds: bool,
        field: &'static str,
        value: impl Display,
        bound: &'static str,
    ) -> Check {
        Check {
            holds,
            field,
            value: value.to_string(),
            bound,
        }
    }

    /// A number of things.
    pub fn size(field: &'static str, value: usize) -> Check {
        let holds = (1..=1 << 16).contains(&value);
        Check::new(holds, field, value, "must be from 1 to 65536")
    }

    /// A part of the whole, but not the whole.
    pub fn share(field: &'static str, value: f64) -> Check {
        let holds = (0.0..1.0).contains(&value);
        Check::new(holds, field, value, "must be at least 0 and below 1")
    }

    /// A number above 0.
    pub fn positive(field: &'static str, value: f64) -> Check {
        let holds = value > 0.0 && value.is_finite();
        Check::new(holds, field, value, "must be above 0")
    }
}

/// Refuses the first setting whose condition does not hold.
///
/// # Errors
/// [`Error::Setting`] naming field, value and bound.
pub fn require(checks: &[Check]) -> Result<()> {
    match checks.iter().find(|check| !check.holds) {
        None => Ok(()),
        Some(check) => Err(Error::Setting {
            field: check.field,
            value: check.value.clone(),
            bound: check.bound.to_owned(),
        }),
    }
}
