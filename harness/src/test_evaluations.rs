//! How often the test split was evaluated with a model. Every look at it is a chance to choose settings by it, after which its
//! figures are too good. So the model card counts them; settings are chosen on the validation split.

use std::path::Path;

use corpus::sha256_of;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model_folder::ModelCard;

/// The evaluations of a model on the test split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestEvaluations {
    /// How many.
    pub count: u64,
    /// When the last one was, in UTC.
    pub last: String,
    /// The version of the program that made it.
    pub version: String,
}

impl ModelCard {
    /// Counts one more evaluation on the test split, in `model.toml`, which is replaced atomically. Of two evaluations that end at
    /// the same moment only one may be counted.
    ///
    /// # Errors
    /// [`crate::Error::Io`], for instance in a folder that cannot be written to; [`crate::Error::Corrupt`].
    pub fn note_test_evaluation(
        folder: &Path,
        date: &str,
        version: &str,
    ) -> Result<TestEvaluations> {
        let card = ModelCard::open(folder)?;
        let before = card.test_evaluations.as_ref().map_or(0, |all| all.count);
        let evaluations = TestEvaluations {
            count: before.saturating_add(1),
            last: date.to_owned(),
            version: version.to_owned(),
        };
        let card = ModelCard {
            test_evaluations: Some(evaluations.clone()),
            ..card
        };
        card.replace(folder)?;
        Ok(evaluations)
    }

    /// SHA-256 of the card without its evaluations: of what training has written, all files included by their checksums.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] if the card cannot be written as TOML.
    pub fn checksum(&self, folder: &Path) -> Result<String> {
        let trained = ModelCard {
            test_evaluations: None,
            ..self.clone()
        };
        Ok(sha256_of(trained.to_toml(folder)?.as_bytes()))
    }
}

impl TestEvaluations {
    /// The count as a sentence, with what follows from it.
    pub fn sentence(&self) -> String {
        let times = match self.count {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            count => format!("{count} times"),
        };
        format!(
            "the test split has now been evaluated {times} with this model; choose settings on --split valid"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "format = 2\nera = \"a\"\nvariant = \"b\"\nvocab_checksum = \"\"\nvocab_size = 1\n\
                        parameters = 1\n\n[config]\n";

    #[test]
    fn evaluations_are_counted_and_change_no_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::write(path.join("model.toml"), CARD).unwrap();
        let card = ModelCard::open(path).unwrap();
        assert_eq!(card.test_evaluations, None);
        let checksum = card.checksum(path).unwrap();
        let first = ModelCard::note_test_evaluation(path, "monday", "1").unwrap();
        assert!(first.sentence().contains("once"), "{}", first.sentence());
        ModelCard::note_test_evaluation(path, "tuesday", "2").unwrap();
        ModelCard::note_test_evaluation(path, "wednesday", "3").unwrap();
        let card = ModelCard::open(path).unwrap();
        let found = card.test_evaluations.clone().unwrap();
        assert_eq!(
            (found.count, &*found.last, &*found.version),
            (3, "wednesday", "3")
        );
        assert!(found.sentence().contains("3 times"));
        assert_eq!(card.checksum(path).unwrap(), checksum);
        // A model that is written anew, such as an average of models, has not been evaluated.
        card.write(path).unwrap();
        assert_eq!(ModelCard::open(path).unwrap().test_evaluations, None);
    }
}
