//! Settings of the generator.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// All settings of the generator. Together with its version they determine the corpus to the byte, as well as the
/// oracle and the judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seed of the world and of all documents.
    pub seed: u64,
    /// Minimum number of training tokens; the last document is completed.
    pub tokens: u64,
    /// Number of tokens of the validation split, and of the test split.
    pub held_out: u64,
    /// Number of sentence pairs. One in twenty is for validation and one in twenty for test.
    pub pairs: u64,
    /// Share of the documents that are dialogues; the others are stories.
    pub conversations: f64,
    /// How often sentences target each phenomenon.
    pub shares: Shares,
    /// Minimum distance between a fact and its recall, in words.
    pub recall_from: usize,
    /// Maximum distance between the last mention of a fact and its recall, in words.
    pub recall_to: usize,
    /// Minimum number of turns in a dialogue.
    pub turns_from: usize,
    /// Maximum number of turns in a dialogue.
    pub turns_to: usize,
    /// Maximum number of words in each open class; 0 means all words.
    pub words_per_class: usize,
}

/// Weights of the phenomena. A sentence (in a dialogue: a question) that targets a phenomenon is chosen in proportion
/// to its weight whenever it is possible. `eras corpus show` reports the resulting shares of *tokens*.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shares {
    /// Fixed phrases.
    pub local: f64,
    /// Words that behave like their class.
    pub class: f64,
    /// Facts of the world.
    pub world: f64,
    /// Long-distance agreement.
    pub agreement: f64,
    /// Places of things and people.
    pub state: f64,
    /// Facts from far back.
    pub recall: f64,
    /// Questions about a speaker or an earlier turn.
    pub reply: f64,
    /// Short calculations.
    pub sum: f64,
    /// Unpredictable words.
    pub free: f64,
}

impl Default for Shares {
    fn default() -> Shares {
        Shares {
            local: 0.1,
            class: 20.6,
            world: 0.4,
            agreement: 29.8,
            state: 16.6,
            recall: 74.0,
            reply: 70.0,
            sum: 18.0,
            free: 0.1,
        }
    }
}

impl Shares {
    /// All weights 0, as a base for struct update. It is invalid by itself, because it leaves no sentence to
    /// generate.
    pub const NONE: Shares = Shares {
        local: 0.0,
        class: 0.0,
        world: 0.0,
        agreement: 0.0,
        state: 0.0,
        recall: 0.0,
        reply: 0.0,
        sum: 0.0,
        free: 0.0,
    };

    fn fields(&self) -> [(&'static str, f64); 9] {
        [
            ("shares.local", self.local),
            ("shares.class", self.class),
            ("shares.world", self.world),
            ("shares.agreement", self.agreement),
            ("shares.state", self.state),
            ("shares.recall", self.recall),
            ("shares.reply", self.reply),
            ("shares.sum", self.sum),
            ("shares.free", self.free),
        ]
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            seed: 1,
            tokens: 1_000_000,
            held_out: 50_000,
            pairs: 30_000,
            conversations: 0.44,
            shares: Shares::default(),
            recall_from: 30,
            recall_to: 150,
            turns_from: 4,
            turns_to: 14,
            words_per_class: 0,
        }
    }
}

/// Names of the presets, the default first.
pub const PRESETS: [&str; 3] = ["default", "small", "large"];

/// Maximum distance of a recall.
const MAX_RECALL: usize = 300;
/// Maximum number of tokens: far beyond the largest corpus of this project.
const MAX_TOKENS: u64 = 10_000_000_000;
/// Maximum number of sentence pairs: not many more are distinct.
const MAX_PAIRS: u64 = 1_000_000;
/// Maximum weight: sums and products of such weights stay far from overflow.
const MAX_SHARE: f64 = 1e6;
/// Minimum number of words per class for which every sentence is possible.
const MIN_WORDS_PER_CLASS: usize = 3;

impl Settings {
    /// The preset with this name.
    pub fn preset(name: &str) -> Option<Settings> {
        let (tokens, held_out, pairs) = match name {
            "default" => return Some(Settings::default()),
            "small" => (200_000, 20_000, 5_000),
            "large" => (10_000_000, 200_000, 100_000),
            _ => return None,
        };
        Some(Settings {
            tokens,
            held_out,
            pairs,
            ..Settings::default()
        })
    }

    /// The preset `small`.
    pub fn small() -> Settings {
        Settings::preset("small").expect("it is one of the presets")
    }

    /// Checks all bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let tokens = |field, value: u64| {
            let holds = (1..=MAX_TOKENS).contains(&value);
            Check::new(holds, field, value, "must be from 1 to 10000000000")
        };
        let sum: f64 = self.shares.fields().iter().map(|(_, share)| share).sum();
        let mut checks = vec![
            Check::new(
                i64::try_from(self.seed).is_ok(),
                "seed",
                self.seed,
                "must be at most 9223372036854775807",
            ),
            tokens("tokens", self.tokens),
            tokens("held_out", self.held_out),
            Check::new(
                self.pairs == 0 || (100..=MAX_PAIRS).contains(&self.pairs),
                "pairs",
                self.pairs,
                "must be 0 or from 100 to 1000000",
            ),
            Check::new(
                (0.0..=1.0).contains(&self.conversations),
                "conversations",
                self.conversations,
                "must be from 0 to 1",
            ),
        ];
        checks.extend(self.shares.fields().map(|(field, share)| {
            let holds = (0.0..=MAX_SHARE).contains(&share);
            Check::new(holds, field, share, "must be from 0 to 1000000")
        }));
        checks.extend([
            Check::new(
                sum > 0.0,
                "shares",
                sum,
                "the sum must be more than 0, or there is nothing to generate",
            ),
            Check::new(
                (5..=MAX_RECALL).contains(&self.recall_from),
                "recall_from",
                self.recall_from,
                "must be from 5 to 300",
            ),
            Check::new(
                (self.recall_from.saturating_add(20)..=MAX_RECALL).contains(&self.recall_to),
                "recall_to",
                self.recall_to,
                "must be at least recall_from + 20, and at most 300",
            ),
            Check::new(
                (4..=64).contains(&self.turns_from),
                "turns_from",
                self.turns_from,
                "must be from 4 to 64",
            ),
            Check::new(
                (self.turns_from..=64).contains(&self.turns_to),
                "turns_to",
                self.turns_to,
                "must be at least turns_from, and at most 64",
            ),
            Check::new(
                self.words_per_class == 0 || self.words_per_class >= MIN_WORDS_PER_CLASS,
                "words_per_class",
                self.words_per_class,
                "must be 0 (all words) or at least 3",
            ),
        ]);
        require(&checks)?;
        Ok(())
    }
}
