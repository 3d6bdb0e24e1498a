//! Notes in a model's card that its figures on the test split have been looked at.

use std::path::Path;
use std::time::SystemTime;

use corpus::Split;
use harness::ModelCard;
use serde_json::{Value, json};

/// What is known after an evaluation: the count and the sentence to print.
pub(crate) struct Noted {
    count: Option<u64>,
    sentence: String,
}

impl Noted {
    /// Counts an evaluation of the model; nothing for other splits than `test`. A folder that cannot be written to is no error, since
    /// models may be shared read-only: then the sentence says so.
    pub(crate) fn of(model: &Path, split: Split) -> Option<Noted> {
        if split != Split::Test {
            return None;
        }
        let noted = ModelCard::note_test_evaluation(model, &now(), env!("CARGO_PKG_VERSION"));
        Some(match noted {
            Ok(all) => Noted {
                count: Some(all.count),
                sentence: all.sentence(),
            },
            Err(error) => Noted {
                count: None,
                sentence: format!(
                    "this evaluation on the test split is not counted in the model card: {error}"
                ),
            },
        })
    }

    /// The sentence to print.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The count for JSON, null if it could not be written.
    pub(crate) fn json(&self) -> Value {
        json!(self.count)
    }
}

/// The date and time in UTC.
pub(crate) fn now() -> String {
    #[allow(
        clippy::disallowed_methods,
        reason = "a date for people to read, which nothing is measured by"
    )]
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
