//! The version of a record, checked before anything else is read from it.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The format of everything that Eras 0.1 wrote.
const OF_ERAS_0_1: u32 = 1;

/// The one key that records of all versions have.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

/// Refuses a record in TOML that states another format than `current`, whatever else it holds; `again` says how to replace it.
/// A record that states no format is left to whoever reads its other keys.
///
/// # Errors
/// [`Error::Corrupt`].
pub(crate) fn require_format(path: &Path, text: &str, current: u32, again: &str) -> Result<()> {
    let what = match toml::from_str(text) {
        Err(_) => return Ok(()),
        Ok(Versioned { format }) if format == current => return Ok(()),
        Ok(Versioned {
            format: OF_ERAS_0_1,
        }) => format!("written by Eras 0.1; {again}"),
        Ok(Versioned { format }) => {
            format!("its format is {format}, but this program reads format {current}; {again}")
        }
    };
    Err(Error::corrupt(path, what))
}
