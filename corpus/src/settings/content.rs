//! What a source holds and where its documents begin and end.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Detect from file names and a sample of the text.
    #[default]
    Auto,
    /// Running text.
    Text,
    /// Sentence pairs: a table, objects, a translation memory, or one file per language.
    Pairs,
    /// Dialogues.
    Dialogues,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Kind, String> {
        match name {
            "auto" => Ok(Kind::Auto),
            "text" => Ok(Kind::Text),
            "pairs" => Ok(Kind::Pairs),
            "dialogues" => Ok(Kind::Dialogues),
            _ => Err(format!("{name}: must be auto, text, pairs or dialogues")),
        }
    }
}

/// Where documents begin. A new file always begins a new document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentRule {
    /// Detect from the beginning of the text: headings, then many files, then blank lines, then lines.
    #[default]
    Auto,
    /// At top-level headings, `= Title =`, as in WikiText.
    Headings,
    /// At file boundaries only.
    Files,
    /// After blank lines.
    BlankLines,
    /// Every line that is not blank is a document.
    Lines,
}

impl FromStr for DocumentRule {
    type Err = String;

    fn from_str(name: &str) -> Result<DocumentRule, String> {
        match name {
            "auto" => Ok(DocumentRule::Auto),
            "headings" => Ok(DocumentRule::Headings),
            "files" => Ok(DocumentRule::Files),
            "blank-lines" => Ok(DocumentRule::BlankLines),
            "lines" => Ok(DocumentRule::Lines),
            _ => Err(format!(
                "{name}: must be auto, headings, files, blank-lines or lines"
            )),
        }
    }
}
