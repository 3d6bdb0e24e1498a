//! The phenomena by which tokens are classified.

use serde::{Deserialize, Serialize};

/// What a model must master to predict a token as well as the oracle does. Every token has one phenomenon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phenomenon {
    /// A fixed phrase or collocation within four words. An n-gram suffices.
    Local,
    /// A rare word, or the context of one, that behaves like its class. It takes word similarity.
    Class,
    /// A fact of this world (where a person is from, who makes what). It takes having read the fact in training.
    World,
    /// Number, gender or tense, decided 5 to 20 words before. It takes memory.
    Agreement,
    /// The current place of a thing or person. It takes tracking of events.
    State,
    /// A name or thing mentioned up to 29 words ago. It takes copying from a short distance.
    Repeat,
    /// A name, number or phrase mentioned 30 or more words ago. It takes copying from a long distance.
    Recall,
    /// An answer that depends on an earlier turn or on the speaker's persona.
    Reply,
    /// The result of a short calculation.
    Sum,
    /// Nothing predicts the token.
    Free,
}

impl Phenomenon {
    /// All phenomena; a tag is an index into this array.
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

    /// The name, as in settings and reports.
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

    /// The tag of a token.
    pub(crate) fn tag(self) -> u8 {
        self as u8
    }
}
