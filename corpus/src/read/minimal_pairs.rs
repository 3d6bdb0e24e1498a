//! Minimal pairs in the format of BLiMP (Warstadt et al. 2020): two sentences that differ in one point of grammar.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::read::lines::OnInvalid;
use crate::read::source::{Source, Visit};

/// A grammatical sentence and its ungrammatical counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinimalPair {
    /// The grammatical sentence.
    #[serde(rename = "sentence_good")]
    pub good: String,
    /// The ungrammatical sentence.
    #[serde(rename = "sentence_bad")]
    pub bad: String,
    /// The paradigm, for instance `adjunct_island`.
    #[serde(rename = "UID")]
    pub paradigm: String,
    /// The phenomenon of the paradigm, for instance `island_effects`.
    #[serde(rename = "linguistics_term")]
    pub phenomenon: String,
    /// The field of grammar: syntax, semantics, morphology.
    pub field: String,
}

/// Reads all pairs of a source: a JSON object per line, in files or archives of files.
///
/// # Errors
/// [`Error::Format`] for a line that is not a minimal pair; [`Error::Empty`] if the source has none.
pub fn read_minimal_pairs(source: &Source) -> Result<Vec<MinimalPair>> {
    let mut pairs = Vec::new();
    for input in &source.inputs {
        input.texts(OnInvalid::Refuse, &mut |lines| {
            while let Some(line) = lines.next_line()? {
                if line.trim().is_empty() {
                    continue;
                }
                match serde_json::from_str(line) {
                    Ok(pair) => pairs.push(pair),
                    Err(error) => {
                        return Err(lines.malformed(format!("not a minimal pair: {error}")));
                    }
                }
            }
            Ok(Visit::Next)
        })?;
    }
    match pairs.is_empty() {
        true => Err(Error::Empty {
            place: source.name.clone(),
        }),
        false => Ok(pairs),
    }
}
