//! `run.toml`: what was asked for, of what, on which machine.

use std::collections::BTreeMap;

use corpus::{SmallSplit, Split};
use serde::{Deserialize, Serialize};

use crate::borrowed_ideas::BorrowedIdea;
use crate::budget::Budget;
use crate::entry::{EntryId, EraRole, Track};

/// `run.toml`: the request, resolved, and the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Version of the records.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// When it began, in UTC.
    pub started: String,
    /// The budget of each entry.
    pub budget: Budget,
    /// The preset of the entries that have it; none: each entry's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Settings as KEY=VALUE, each for the entries that have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The device of networks: `cpu`, `cuda` or `cuda:N`.
    #[serde(default = "cpu", skip_serializing_if = "is_cpu")]
    pub device: String,
    /// Whether all training is reproducible, which means that word vectors are trained on one thread.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deterministic: bool,
    /// How many networks are trained side by side; none: as many as there are cores. It decides the number of threads of each, and
    /// thereby the last digits of results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u16>,
    /// On how many sizes of the text language models are trained, each half as large as the one before; 0: the whole text only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub scaling: u32,
    /// Where the minimal pairs came from, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimal_pairs: Option<String>,
    /// Where the tests of word vectors came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub word_tests: Vec<String>,
    /// The corpus.
    pub corpus: CorpusRecord,
    /// The machine.
    pub machine: Machine,
    /// The reasons why tracks or entries are missing, a sentence each.
    #[serde(default)]
    pub skipped: Vec<String>,
    /// The eras that the program knows, in the order of its list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eras: Vec<EraRecord>,
    /// The entries of the run.
    pub entries: Vec<EntryId>,
}

impl RunRecord {
    /// The preset and the settings that were asked for, as on the command line; none if each entry has its own.
    pub fn overrides(&self) -> Option<String> {
        let preset = self.preset.iter().map(|name| format!("--preset {name}"));
        let settings = self.settings.iter().map(|set| format!("--set {set}"));
        let all: Vec<String> = preset.chain(settings).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// A phrase to append to the machine's description if networks ran on a GPU.
    pub fn networks_on(&self) -> String {
        match is_cpu(&self.device) {
            true => String::new(),
            false => format!(", networks on {}", self.device),
        }
    }
}

fn cpu() -> String {
    "cpu".to_owned()
}

fn is_cpu(device: &str) -> bool {
    device == "cpu"
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_false(value: &bool) -> bool {
    !value
}

/// An era as reports describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraRecord {
    /// Its name in commands and records.
    pub name: String,
    /// The year of its paper; none for an oracle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Authors, year and title of its paper.
    pub paper: String,
    /// The idea of the paper, in a sentence.
    pub idea: String,
    /// Whether it is a milestone, a baseline or an oracle.
    pub role: EraRole,
    /// Its entries, in its own order.
    #[serde(default)]
    pub entries: Vec<EraEntryRecord>,
}

/// An entry of an [`EraRecord`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraEntryRecord {
    /// Its name within the era.
    pub variant: String,
    /// The track.
    pub track: Track,
    /// Its idea or its purpose, in a sentence.
    pub idea: String,
    /// The ideas of other papers in its default configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub borrowed_ideas: Vec<BorrowedIdea>,
}

/// The corpus of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusRecord {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: String,
    /// Its tokenizer.
    pub tokenizer: String,
    /// V.
    pub vocabulary: usize,
    /// SHA-256 of the vocabulary.
    pub vocab_checksum: String,
    /// SHA-256 of the prepared corpus: a run cannot be resumed with another text.
    pub content_checksum: String,
    /// Tokens of each split.
    pub tokens: BTreeMap<String, u64>,
    /// Whether bits per byte are comparable, and if not, why.
    pub bits_per_byte: String,
}

impl CorpusRecord {
    /// The held-out splits that are too small for reliable results.
    pub fn small_splits(&self) -> Vec<SmallSplit> {
        let total: u64 = self.tokens.values().sum();
        let known = Split::ALL.into_iter().filter_map(|split| {
            let tokens = self.tokens.get(split.name())?;
            SmallSplit::of(split, *tokens, total)
        });
        known.collect()
    }
}

/// The machine of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Threads used.
    pub threads: usize,
    /// Memory in bytes, if the system reports it.
    pub memory: Option<u64>,
    /// Operating system and architecture.
    pub system: String,
}
