//! Generation of Umric: from a meaning to a sentence.
//!
//! The order of a clause is subject, place, object, negation, verb. A clause that gives a reason or a simultaneous event
//! precedes the main clause and ends in its conjunction.

use super::cursor::push_words;
use super::dictionary::Dictionary;
use super::meaning::{Clause, Meaning, Nominal, NounPhrase, Polarity};
use super::umric_grammar::{
    Case, NOT, adjective_ending, comes_first, conjunction, name_form, noun_ending, postposition,
    verb_ending,
};
use super::wording::{WordingSelector, select};

/// Writes a meaning as an Umric sentence.
pub(super) fn render(
    dictionary: &Dictionary,
    meaning: &Meaning,
    selector: &mut dyn WordingSelector,
) -> String {
    let mut text = String::new();
    match &meaning.second {
        None => clause(dictionary, &meaning.first, &mut text, selector),
        Some((connective, second)) => {
            let (before, after) = match comes_first(*connective) {
                true => (second, &meaning.first),
                false => (&meaning.first, second),
            };
            clause(dictionary, before, &mut text, selector);
            push_words(&mut text, select(selector, conjunction(*connective)));
            clause(dictionary, after, &mut text, selector);
        }
    }
    push_words(&mut text, ".");
    text
}

fn clause(
    dictionary: &Dictionary,
    clause: &Clause,
    text: &mut String,
    selector: &mut dyn WordingSelector,
) {
    nominal(
        dictionary,
        &clause.subject,
        Case::Nominative,
        text,
        selector,
    );
    if let Some((relation, landmark)) = &clause.place {
        nominal(dictionary, landmark, Case::of(*relation), text, selector);
        push_words(text, select(selector, postposition(*relation)));
    }
    if let Some(object) = &clause.object {
        phrase(dictionary, object, Case::Accusative, text, selector);
    }
    if clause.polarity == Polarity::Negative {
        push_words(text, NOT);
    }
    let stem = select(selector, &dictionary.verbs[&clause.verb].stems);
    let ending = verb_ending(clause.tense, clause.subject.number());
    push_words(text, [stem.as_str(), &ending].concat());
}

fn nominal(
    dictionary: &Dictionary,
    nominal: &Nominal,
    case: Case,
    text: &mut String,
    selector: &mut dyn WordingSelector,
) {
    match nominal {
        Nominal::Person(name) => push_words(text, name_form(dictionary.text(*name), case)),
        Nominal::NounPhrase(noun) => phrase(dictionary, noun, case, text, selector),
    }
}

fn phrase(
    dictionary: &Dictionary,
    phrase: &NounPhrase,
    case: Case,
    text: &mut String,
    selector: &mut dyn WordingSelector,
) {
    let stem = select(selector, &dictionary.nouns[&phrase.noun].stems);
    let ending = noun_ending(phrase.number, phrase.definiteness, case);
    push_words(text, [stem.as_str(), &ending].concat());
    // The order mirrors English: the adjective next to the noun in English is next to it in Umric, too.
    for adjective in phrase.adjectives.iter().rev().flatten() {
        let stem = select(selector, &dictionary.adjectives[adjective].stems);
        let ending = adjective_ending(phrase.number, case);
        push_words(text, [stem.as_str(), &ending].concat());
    }
}
