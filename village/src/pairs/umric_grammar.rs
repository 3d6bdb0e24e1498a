//! The grammar of Umric: its cases, endings and function words.
//!
//! ```text
//! stem + number + definiteness + case        a noun       kalor-im-os-en   "the apples", eaten
//! stem + number +                case        its adjective, which follows it
//! stem + tense  + number                     a verb, which ends its clause and agrees with its subject
//! ```

use super::meaning::{Connective, Definiteness, Number, Relation, Tense};
use super::wording::{SYNONYM_PROBS, Wordings};

/// The case of a noun, marked by an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Nominative,
    Accusative,
    /// Before a postposition.
    Genitive,
    /// Inside a place.
    Locative,
}

impl Case {
    fn ending(self) -> &'static str {
        match self {
            Case::Nominative => "",
            Case::Accusative => "en",
            Case::Genitive => "ud",
            Case::Locative => "ari",
        }
    }

    /// The case that the postposition of a relation governs.
    pub(super) fn of(relation: Relation) -> Case {
        match relation {
            Relation::Near | Relation::Behind | Relation::Beside => Case::Genitive,
            Relation::In => Case::Locative,
        }
    }
}

impl Number {
    fn of_noun(self) -> &'static str {
        match self {
            Number::Singular => "",
            Number::Plural => "im",
        }
    }

    fn of_verb(self) -> &'static str {
        match self {
            Number::Singular => "",
            Number::Plural => "un",
        }
    }
}

/// The ending of a noun.
pub(super) fn noun_ending(number: Number, definiteness: Definiteness, case: Case) -> String {
    let definiteness = match definiteness {
        Definiteness::Definite => "os",
        Definiteness::Indefinite => "",
    };
    [number.of_noun(), definiteness, case.ending()].concat()
}

/// The ending of an adjective.
pub(super) fn adjective_ending(number: Number, case: Case) -> String {
    [number.of_noun(), case.ending()].concat()
}

/// The ending of a verb.
pub(super) fn verb_ending(tense: Tense, number: Number) -> String {
    let tense = match tense {
        Tense::Past => "av",
        Tense::Present => "et",
        Tense::Future => "ur",
        Tense::Can => "esk",
        Tense::Must => "olm",
    };
    [tense, number.of_verb()].concat()
}

/// A name with its ending. An n separates two vowels.
pub(super) fn name_form(name: &str, case: Case) -> String {
    let ending = case.ending();
    let between = match name.ends_with(['a', 'e', 'i', 'o', 'u']) && !ending.is_empty() {
        true => "n",
        false => "",
    };
    [name, between, ending].concat()
}

/// The negation, which precedes the verb.
pub(super) const NOT: &str = "nu";

/// The postposition after a place; the locative has none.
pub(super) fn postposition(relation: Relation) -> &'static Wordings<&'static str> {
    match relation {
        Relation::Near => const { &[("lo", SYNONYM_PROBS[0]), ("hame", SYNONYM_PROBS[1])] },
        Relation::Behind => const { &[("tasi", 1.0)] },
        Relation::Beside => const { &[("weru", 1.0)] },
        Relation::In => const { &[("", 1.0)] },
    }
}

pub(super) fn conjunction(connective: Connective) -> &'static Wordings<&'static str> {
    match connective {
        Connective::And => const { &[("ka", 1.0)] },
        Connective::Because => {
            const { &[("dezha", SYNONYM_PROBS[0]), ("orimo", SYNONYM_PROBS[1])] }
        }
        Connective::While => const { &[("omi", 1.0)] },
    }
}

/// Whether the second clause precedes the first.
pub(super) fn comes_first(connective: Connective) -> bool {
    connective != Connective::And
}

/// Every word of the grammar, including the full stop.
pub(super) fn grammar() -> Vec<&'static str> {
    let of_places = Relation::ALL.into_iter().flat_map(postposition);
    let of_links = Connective::ALL.into_iter().flat_map(conjunction);
    let words = of_places.chain(of_links).map(|(word, _)| *word);
    [".", NOT]
        .into_iter()
        .chain(words.filter(|word| !word.is_empty()))
        .collect()
}
