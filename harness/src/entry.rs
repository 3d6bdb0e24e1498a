//! Entries of a run: each is one model in one track.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use corpus::Corpus;
use serde::{Deserialize, Serialize};

/// A kind of task with its own evaluation, table and chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Track {
    /// Predict every token of a text.
    LanguageModelling,
    /// Translate sentences.
    Translation,
    /// Reply in a conversation.
    Conversation,
    /// Represent words as vectors.
    Words,
}

impl Track {
    /// All tracks, in the order of the report.
    pub const ALL: [Track; 4] = [
        Track::LanguageModelling,
        Track::Translation,
        Track::Conversation,
        Track::Words,
    ];

    /// The name, as in file names.
    pub fn name(self) -> &'static str {
        match self {
            Track::LanguageModelling => "language-modelling",
            Track::Translation => "translation",
            Track::Conversation => "conversation",
            Track::Words => "words",
        }
    }
}

impl Track {
    /// Why a corpus has nothing to train on in this track, if it has nothing.
    pub fn unsuited(self, corpus: &Corpus) -> Option<String> {
        let missing = match self {
            Track::Translation if !corpus.has_pairs() => "the corpus has no sentence pairs",
            Track::Conversation if !corpus.has_dialogues() => "the corpus has no dialogues",
            _ => return None,
        };
        Some(missing.to_owned())
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Track {
    type Err = String;

    fn from_str(name: &str) -> Result<Track, String> {
        let known = Track::ALL.into_iter().find(|track| track.name() == name);
        known.ok_or_else(|| format!("{name}: no such track"))
    }
}

/// The role of an era in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EraRole {
    /// A baseline, which every era should beat.
    Baseline,
    /// A milestone.
    Era,
    /// The generator of the corpus, which no era can beat.
    Oracle,
}

/// Names an entry: for instance ngram / stupid-backoff / language-modelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryId {
    /// The year of its youngest idea, by which entries are sorted. The oracle has none and comes last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// The era.
    pub era: String,
    /// Which of the era's models.
    pub variant: String,
    /// The track.
    pub track: Track,
}

impl EntryId {
    /// An entry of the language-modelling track.
    pub fn language_model(year: impl Into<Option<u16>>, era: &str, variant: &str) -> EntryId {
        EntryId {
            year: year.into(),
            era: era.to_owned(),
            variant: variant.to_owned(),
            track: Track::LanguageModelling,
        }
    }

    /// Its folder within a run: `<era>/<variant>/<track>`.
    pub fn folder(&self, run: &Path) -> PathBuf {
        run.join(&self.era)
            .join(&self.variant)
            .join(self.track.name())
    }

    /// The year as text; nothing for the oracle.
    pub fn year_text(&self) -> String {
        self.year.map_or(String::new(), |year| year.to_string())
    }

    /// Sort key of entries: by year, those without a year last.
    pub fn order(&self) -> impl Ord + use<> {
        (self.year.is_none(), self.year)
    }

    /// Era and variant, as tables and charts show them.
    pub fn label(&self) -> String {
        format!("{}/{}", self.era, self.variant)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.era, self.variant, self.track)
    }
}
