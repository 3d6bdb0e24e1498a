//! What this era refuses.

/// Errors of the Transformer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files, records, interruption.
    #[error(transparent)]
    Harness(#[from] harness::Error),
    /// Devices, weights, training.
    #[error(transparent)]
    Neural(neural::Error),
    /// A setting out of its bounds.
    #[error("{field} = {value}: {bound}")]
    Setting {
        /// Its name.
        field: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        bound: String,
    },
}

impl From<neural::Error> for Error {
    fn from(error: neural::Error) -> Error {
        match error {
            // An interruption must stay one.
            neural::Error::Harness(error) => Error::Harness(error),
            error => Error::Neural(error),
        }
    }
}

/// A condition, the setting that it is about, its value, and what is allowed.
pub(crate) type Check<'a> = (bool, &'static str, String, &'a str);

/// Refuses the first setting whose condition does not hold.
pub(crate) fn require(checks: &[Check<'_>]) -> Result<()> {
    match checks.iter().find(|(holds, ..)| !holds) {
        None => Ok(()),
        Some((_, field, value, bound)) => Err(Error::Setting {
            field,
            value: value.clone(),
            bound: (*bound).to_owned(),
        }),
    }
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
