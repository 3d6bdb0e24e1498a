//! Generation of Umric: from a meaning to a sentence.
//!
//! The order of a clause is subject, place, object, negation, verb. A clause that gives a reason or a simultaneous event
//! precedes the main clause and ends in its conjunction.

use super::choice::{Choice, choose};
use super::cursor::say;
use super::dictionary::Dictionary;
use super::meaning::{Clause, Meaning, Nominal, Phrase, Polarity};
use super::umric_grammar::{
    Case, NOT, adjective_ending, comes_first, conjunction, name_form, noun_ending, postposition,
    verb_ending,
};

/// Writes a meaning as an Umric sentence.
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
    // The mirror image of English: the adjective nearest to the noun there is the nearest here.
    for adjective in phrase.adjectives.iter().rev().flatten() {
        let stem = choose(choice, &dictionary.adjectives[adjective].stems);
        let ending = adjective_ending(phrase.number, case);
        say(text, [stem.as_str(), &ending].concat());
    }
}
