//! How to prepare a corpus.

use serde::{Deserialize, Serialize};

use crate::documents::DocumentRule;
use crate::error::Result;
use crate::formats::Kind;
use crate::lexicon::Limits;
use crate::source::Source;
use crate::split::SplitRule;
use crate::tokenizer::{Case, TokenizerKind};

/// How to prepare a corpus. The defaults suit text that nobody has touched yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How lines are cut into tokens.
    pub tokens: TokenizerKind,
    /// Whether letters keep their case.
    pub case: Case,
    /// Most predicted tokens, `<eos>` and `<unk>` included; none: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vocab: Option<usize>,
    /// Fewest occurrences in `train` of a token that is kept.
    pub min_count: u64,
    /// How the text is divided.
    pub split: SplitRule,
    /// Seed of a drawn division.
    pub seed: u64,
    /// How documents are told apart.
    pub documents: DocumentRule,
    /// What the source holds.
    pub kind: Kind,
    /// Source and target language of parallel files, by their endings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<(String, String)>,
    /// Whether the two columns of a table of pairs are exchanged.
    pub swap: bool,
    /// Whether bytes that are not text are replaced by U+FFFD instead of refused.
    pub lossy: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            tokens: TokenizerKind::Words,
            case: Case::Keep,
            vocab: None,
            min_count: 1,
            split: SplitRule::Auto,
            seed: 1,
            documents: DocumentRule::Auto,
            kind: Kind::Auto,
            languages: None,
            swap: false,
            lossy: false,
        }
    }
}

impl Settings {
    /// Most frequent words that are kept of a text given without settings.
    pub const BARE_PATH_VOCAB: usize = 20_000;

    /// What suits a source given without settings: `whitespace` if it was tokenised already (it holds `<unk>`),
    /// else `words` with the 20,000 most frequent.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn guess(source: &Source) -> Result<Settings> {
        let tokenised = source
            .peek(2000)?
            .iter()
            .any(|line| line.contains(crate::vocab::UNK));
        Ok(match tokenised {
            true => Settings {
                tokens: TokenizerKind::Whitespace,
                ..Settings::default()
            },
            false => Settings {
                vocab: Some(Settings::BARE_PATH_VOCAB),
                ..Settings::default()
            },
        })
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        Limits {
            vocab: self.vocab,
            min_count: self.min_count,
        }
        .check(self.tokens)
        .map(|_| ())
    }
}
