//! The Umric side: from a meaning to a sentence.
//!
//! ```text
//! stem + number + definiteness + case        a noun       kalor-im-os-en   "the apples", eaten
//! stem + number +                case        its adjective, which stands after it
//! stem + tense  + number                     a verb, which ends its clause and agrees with its subject
//! ```
//!
//! A clause is: subject, place, object, negation, verb. A reason, and what happens meanwhile, are told first and end in
//! their conjunction.

use super::choice::{Choice, SYNONYMS, Wordings, choose};
use super::cursor::say;
use super::dictionary::Dictionary;
use super::meaning::{
    Clause, Definiteness, Link, Meaning, Nominal, Number, Phrase, Polarity, Relation, Tense,
};

/// What a noun is for its verb or its postposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Nominative,
    Accusative,
    /// Before a postposition.
    Genitive,
    /// Inside of it.
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

    /// The case that a relation asks of the place.
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
            Number::One => "",
            Number::Many => "im",
        }
    }

    fn of_verb(self) -> &'static str {
        match self {
            Number::One => "",
            Number::Many => "un",
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

/// A name with its ending; an n keeps two vowels apart.
pub(super) fn name_form(name: &str, case: Case) -> String {
    let ending = case.ending();
    let between = match name.ends_with(['a', 'e', 'i', 'o', 'u']) && !ending.is_empty() {
        true => "n",
        false => "",
    };
    [name, between, ending].concat()
}

/// Stands before the verb.
pub(super) const NOT: &str = "nu";

/// What stands after the place; the locative needs nothing.
pub(super) fn postposition(relation: Relation) -> &'static Wordings<&'static str> {
    match relation {
        Relation::Near => const { &[("lo", SYNONYMS[0]), ("hame", SYNONYMS[1])] },
        Relation::Behind => const { &[("tasi", 1.0)] },
        Relation::Beside => const { &[("weru", 1.0)] },
        Relation::In => const { &[("", 1.0)] },
    }
}

pub(super) fn conjunction(link: Link) -> &'static Wordings<&'static str> {
    match link {
        Link::And => const { &[("ka", 1.0)] },
        Link::Because => const { &[("dezha", SYNONYMS[0]), ("orimo", SYNONYMS[1])] },
        Link::While => const { &[("omi", 1.0)] },
    }
}

/// Whether the second clause is told first.
pub(super) fn comes_first(link: Link) -> bool {
    link != Link::And
}

/// Every word of the grammar.
pub(super) fn grammar() -> Vec<&'static str> {
    let of_places = Relation::ALL.into_iter().flat_map(postposition);
    let of_links = Link::ALL.into_iter().flat_map(conjunction);
    let words = of_places.chain(of_links).map(|(word, _)| *word);
    [".", NOT]
        .into_iter()
        .chain(words.filter(|word| !word.is_empty()))
        .collect()
}

/// Says it in Umric.
pub(super) fn render(
    dictionary: &Dictionary,
    meaning: &Meaning,
    choice: &mut dyn Choice,
) -> String {
    let mut text = String::new();
    match &meaning.second {
        None => clause(dictionary, &meaning.first, &mut text, choice),
        Some((link, second)) => {
            let (before, after) = match comes_first(*link) {
                true => (second, &meaning.first),
                false => (&meaning.first, second),
            };
            clause(dictionary, before, &mut text, choice);
            say(&mut text, choose(choice, conjunction(*link)));
            clause(dictionary, after, &mut text, choice);
        }
    }
    say(&mut text, ".");
    text
}

fn clause(dictionary: &Dictionary, clause: &Clause, text: &mut String, choice: &mut dyn Choice) {
    nominal(dictionary, &clause.subject, Case::Nominative, text, choice);
    if let Some((relation, ground)) = &clause.place {
        nominal(dictionary, ground, Case::of(*relation), text, choice);
        say(text, choose(choice, postposition(*relation)));
    }
    if let Some(object) = &clause.object {
        phrase(dictionary, object, Case::Accusative, text, choice);
    }
    if clause.polarity == Polarity::Negative {
        say(text, NOT);
    }
    let stem = choose(choice, &dictionary.verbs[&clause.verb].stems);
    let ending = verb_ending(clause.tense, clause.subject.number());
    say(text, [stem.as_str(), &ending].concat());
}

fn nominal(
    dictionary: &Dictionary,
    nominal: &Nominal,
    case: Case,
    text: &mut String,
    choice: &mut dyn Choice,
) {
    match nominal {
        Nominal::Person(name) => say(text, name_form(dictionary.text(*name), case)),
        Nominal::Phrase(noun) => phrase(dictionary, noun, case, text, choice),
    }
}

fn phrase(
    dictionary: &Dictionary,
    phrase: &Phrase,
    case: Case,
    text: &mut String,
    choice: &mut dyn Choice,
) {
    let stem = choose(choice, &dictionary.nouns[&phrase.noun].stems);
    let ending = noun_ending(phrase.number, phrase.definiteness, case);
    say(text, [stem.as_str(), &ending].concat());
    // The mirror of English: what stands next to the noun there does so here.
    for adjective in phrase.adjectives.iter().rev().flatten() {
        let stem = choose(choice, &dictionary.adjectives[adjective].stems);
        let ending = adjective_ending(phrase.number, case);
        say(text, [stem.as_str(), &ending].concat());
    }
}
