//! What the village is like, and how much of it is told.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Everything that decides the text, to the byte. With the generator's version it rebuilds the oracle and the judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What is true of the world, and what happens in it.
    pub seed: u64,
    /// Tokens of the training split, at least; the last document is told to its end.
    pub tokens: u64,
    /// Tokens of the validation split, and as many of the test split.
    pub held_out: u64,
    /// Sentence pairs, of which one in twenty each is held out for validation and test.
    pub pairs: u64,
    /// Share of the documents that are conversations; the others are stories.
    pub conversations: f64,
    /// How often there is a sentence for the sake of a phenomenon.
    pub shares: Shares,
    /// Fewest words between a fact and its being recalled.
    pub recall_from: usize,
    /// Most words between a fact, as it was last said, and its being recalled.
    pub recall_to: usize,
    /// Fewest turns of a conversation.
    pub turns_from: usize,
    /// Most turns of a conversation.
    pub turns_to: usize,
    /// Most words of each open class; 0: all there are.
    pub words_per_class: usize,
}

/// Weights of the phenomena: a sentence (in a conversation: a question) for the sake of one is told in proportion to
/// its weight, whenever it can be told. The share of the *tokens* that need it follows, and `eras corpus show` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shares {
    /// Fixed phrases.
    pub local: f64,
    /// Words that behave like their class.
    pub class: f64,
    /// Facts of the world.
    pub world: f64,
    /// Agreement over a distance.
    pub agreement: f64,
    /// Where things and people are.
    pub state: f64,
    /// What was said long before.
    pub recall: f64,
    /// Questions about a speaker or an earlier turn.
    pub reply: f64,
    /// Short calculations.
    pub sum: f64,
    /// What nothing predicts.
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
    /// Nothing at all; to be changed, as a village without sentences is refused.
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

/// Names of the presets by size, the default first.
pub const PRESETS: [&str; 3] = ["default", "small", "large"];

/// Longest reach of a recall.
const FURTHEST_RECALL: usize = 300;
/// Most tokens that may be asked for: a hundred times the largest corpus of this project.
const MOST_TOKENS: u64 = 10_000_000_000;
/// Most sentence pairs: there are not many more different ones.
const MOST_PAIRS: u64 = 1_000_000;
/// Largest weight: the sum of all, times any of them, is far from what a number can hold.
const LARGEST_SHARE: f64 = 1e6;
/// Fewest words with which every sentence can be told.
const FEWEST_WORDS: usize = 3;

impl Settings {
    /// A preset by size.
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

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let tokens = |field, value: u64| {
            let holds = (1..=MOST_TOKENS).contains(&value);
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
                self.pairs == 0 || (100..=MOST_PAIRS).contains(&self.pairs),
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
            let holds = (0.0..=LARGEST_SHARE).contains(&share);
            Check::new(holds, field, share, "must be from 0 to 1000000")
        }));
        checks.extend([
            Check::new(
                sum > 0.0,
                "shares",
                sum,
                "the sum must be more than 0: nothing would be told",
            ),
            Check::new(
                (5..=FURTHEST_RECALL).contains(&self.recall_from),
                "recall_from",
                self.recall_from,
                "must be from 5 to 300",
            ),
            Check::new(
                (self.recall_from.saturating_add(20)..=FURTHEST_RECALL).contains(&self.recall_to),
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
                self.words_per_class == 0 || self.words_per_class >= FEWEST_WORDS,
                "words_per_class",
                self.words_per_class,
                "must be 0 (all words) or at least 3",
            ),
        ]);
        require(&checks)?;
        Ok(())
    }
}
