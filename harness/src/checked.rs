//! Validation of settings, shared by all eras.

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
    /// Whether the condition holds, the setting, its value, and what is allowed.
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

    /// A count, from 1 to 65536.
    pub fn size(field: &'static str, value: usize) -> Check {
        let holds = (1..=1 << 16).contains(&value);
        Check::new(holds, field, value, "must be from 1 to 65536")
    }

    /// A fraction, at least 0 and below 1.
    pub fn share(field: &'static str, value: f64) -> Check {
        let holds = (0.0..1.0).contains(&value);
        Check::new(holds, field, value, "must be at least 0 and below 1")
    }

    /// A finite number above 0.
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
