//! The English side: from a meaning to a sentence.

use super::choice::{Choice, SYNONYMS, Wordings, choose};
use super::cursor::say;
use super::dictionary::Dictionary;
use super::meaning::{
    Clause, Definiteness, Link, Meaning, Nominal, Number, Phrase, Polarity, Relation, Tense,
};

/// The wordings that are always taken.
const fn only(words: &'static str) -> [(&'static str, f64); 1] {
    [(words, 1.0)]
}

/// Two wordings that say the same.
const fn either(words: &'static str, or: &'static str) -> [(&'static str, f64); 2] {
    [(words, SYNONYMS[0]), (or, SYNONYMS[1])]
}

/// What stands between a subject of this number and its verb.
pub(super) fn auxiliary(
    tense: Tense,
    polarity: Polarity,
    number: Number,
) -> &'static Wordings<&'static str> {
    use Number::{Many, One};
    use Polarity::{Negative, Positive};
    match (tense, polarity, number) {
        (Tense::Past | Tense::Present, Positive, _) => const { &only("") },
        (Tense::Past, Negative, _) => const { &only("did not") },
        (Tense::Present, Negative, One) => const { &only("does not") },
        (Tense::Present, Negative, Many) => const { &only("do not") },
        (Tense::Future, Positive, One) => const { &either("will", "is going to") },
        (Tense::Future, Positive, Many) => const { &either("will", "are going to") },
        (Tense::Future, Negative, One) => const { &either("will not", "is not going to") },
        (Tense::Future, Negative, Many) => const { &either("will not", "are not going to") },
        (Tense::Can, Positive, One) => const { &either("can", "is able to") },
        (Tense::Can, Positive, Many) => const { &either("can", "are able to") },
        (Tense::Can, Negative, One) => const { &either("cannot", "is not able to") },
        (Tense::Can, Negative, Many) => const { &either("cannot", "are not able to") },
        (Tense::Must, Positive, One) => const { &either("must", "has to") },
        (Tense::Must, Positive, Many) => const { &either("must", "have to") },
        // Who does not have to may still do it.
        (Tense::Must, Negative, _) => const { &only("must not") },
    }
}

/// Whether the verb after its auxiliary stands in the past form; all others stand in the base form.
pub(super) fn is_past(tense: Tense, polarity: Polarity) -> bool {
    (tense, polarity) == (Tense::Past, Polarity::Positive)
}

pub(super) fn preposition(relation: Relation) -> &'static Wordings<&'static str> {
    match relation {
        Relation::Near => const { &either("near", "close to") },
        Relation::Behind => const { &only("behind") },
        Relation::Beside => const { &either("beside", "next to") },
        Relation::In => const { &either("in", "inside") },
    }
}

pub(super) fn conjunction(link: Link) -> &'static Wordings<&'static str> {
    match link {
        Link::And => const { &only("and") },
        Link::Because => const { &either("because", "since") },
        Link::While => const { &only("while") },
    }
}

/// The article of several that are not known; the second after a negated verb.
pub(super) const SOME: [&str; 2] = ["some", "any"];
/// The article of one that is not known, before a consonant and before a vowel.
const ONE: [&str; 2] = ["a", "an"];
const THE: &str = "the";

/// Articles of a phrase whose other words begin with `next`.
pub(super) fn article(
    number: Number,
    definiteness: Definiteness,
    some: &'static str,
    next: &str,
) -> &'static str {
    match (definiteness, number) {
        (Definiteness::Definite, _) => THE,
        (Definiteness::Indefinite, Number::Many) => some,
        // True of all words of the lists: none begins with a silent h or like `unit`.
        (Definiteness::Indefinite, Number::One) => {
            ONE[usize::from(next.starts_with(['a', 'e', 'i', 'o', 'u']))]
        }
    }
}

/// After a negated verb `some` turns into `any`.
pub(super) fn some_after(polarity: Polarity) -> &'static str {
    match polarity {
        Polarity::Positive => SOME[0],
        Polarity::Negative => SOME[1],
    }
}

/// Every word of the grammar.
pub(super) fn grammar() -> Vec<&'static str> {
    let mut words = vec![".", THE];
    words.extend(ONE);
    words.extend(SOME);
    for tense in Tense::ALL {
        for polarity in Polarity::ALL {
            for number in Number::ALL {
                add(&mut words, auxiliary(tense, polarity, number));
            }
        }
    }
    for relation in Relation::ALL {
        add(&mut words, preposition(relation));
    }
    for link in Link::ALL {
        add(&mut words, conjunction(link));
    }
    words
}

fn add(words: &mut Vec<&'static str>, wordings: &Wordings<&'static str>) {
    words.extend(
        wordings
            .iter()
            .flat_map(|(phrase, _)| phrase.split_whitespace()),
    );
}

/// Says it in English.
pub(super) fn render(
    dictionary: &Dictionary,
    meaning: &Meaning,
    choice: &mut dyn Choice,
) -> String {
    let mut text = String::new();
    clause(dictionary, &meaning.first, &mut text, choice);
    if let Some((link, second)) = &meaning.second {
        say(&mut text, choose(choice, conjunction(*link)));
        clause(dictionary, second, &mut text, choice);
    }
    say(&mut text, ".");
    text
}

fn clause(dictionary: &Dictionary, clause: &Clause, text: &mut String, choice: &mut dyn Choice) {
    nominal(dictionary, &clause.subject, text);
    let number = clause.subject.number();
    let before = auxiliary(clause.tense, clause.polarity, number);
    say(text, choose(choice, before));
    let verb = match is_past(clause.tense, clause.polarity) {
        true => clause.verb,
        false => dictionary.verbs[&clause.verb].base,
    };
    say(text, dictionary.text(verb));
    if let Some(object) = &clause.object {
        phrase(dictionary, object, some_after(clause.polarity), text);
    }
    if let Some((relation, ground)) = &clause.place {
        say(text, choose(choice, preposition(*relation)));
        nominal(dictionary, ground, text);
    }
}

fn nominal(dictionary: &Dictionary, nominal: &Nominal, text: &mut String) {
    match nominal {
        Nominal::Person(name) => say(text, dictionary.text(*name)),
        Nominal::Phrase(noun) => phrase(dictionary, noun, SOME[0], text),
    }
}

fn phrase(dictionary: &Dictionary, phrase: &Phrase, some: &'static str, text: &mut String) {
    let noun = match phrase.number {
        Number::One => phrase.noun,
        Number::Many => dictionary.nouns[&phrase.noun].many,
    };
    let first = phrase.adjectives[0].unwrap_or(noun);
    let next = dictionary.text(first);
    say(
        text,
        article(phrase.number, phrase.definiteness, some, next),
    );
    for adjective in phrase.adjectives.iter().flatten() {
        say(text, dictionary.text(*adjective));
    }
    say(text, dictionary.text(noun));
}
