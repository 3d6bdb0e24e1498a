//! What is needed to predict a token.

use serde::{Deserialize, Serialize};

/// What a model must be able to do to predict a token as well as the oracle does. Every token has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phenomenon {
    /// A fixed phrase or collocation, decided within four words: an n-gram's home ground.
    Local,
    /// A rare word behaves like its class, and so does what stands beside it: needs word similarity.
    Class,
    /// What is always so in this world (who comes from where, who makes what): needs to have read it before.
    World,
    /// Number, gender or tense, decided 5 to 20 words before: needs memory.
    Agreement,
    /// Where things and people are now: needs to follow what happens.
    State,
    /// A name or thing said up to 29 words ago is said again: needs a short look back.
    Repeat,
    /// A name, number or phrase is said again after 30 words or more: needs a long look back.
    Recall,
    /// An answer that depends on an earlier turn or on the speaker's persona.
    Reply,
    /// The result of a short calculation.
    Sum,
    /// Nothing predicts it.
    Free,
}

impl Phenomenon {
    /// All of them; a tag is an index into this.
    pub const ALL: [Phenomenon; 10] = [
        Phenomenon::Local,
        Phenomenon::Class,
        Phenomenon::World,
        Phenomenon::Agreement,
        Phenomenon::State,
        Phenomenon::Repeat,
        Phenomenon::Recall,
        Phenomenon::Reply,
        Phenomenon::Sum,
        Phenomenon::Free,
    ];

    /// Its name, as in settings and reports.
    pub fn name(self) -> &'static str {
        match self {
            Phenomenon::Local => "local",
            Phenomenon::Class => "class",
            Phenomenon::World => "world",
            Phenomenon::Agreement => "agreement",
            Phenomenon::State => "state",
            Phenomenon::Repeat => "repeat",
            Phenomenon::Recall => "recall",
            Phenomenon::Reply => "reply",
            Phenomenon::Sum => "sum",
            Phenomenon::Free => "free",
        }
    }

    /// Its tag.
    pub(crate) fn tag(self) -> u8 {
        self as u8
    }
}
