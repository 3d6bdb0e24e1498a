//! Generation of English: from a meaning to a sentence.

use super::cursor::push_words;
use super::dictionary::Dictionary;
use super::meaning::{
    Clause, Connective, Definiteness, Meaning, Nominal, NounPhrase, Number, Polarity, Relation,
    Tense,
};
use super::wording::{SYNONYM_PROBS, WordingSelector, Wordings, select};

/// A single wording.
const fn only(words: &'static str) -> [(&'static str, f64); 1] {
    [(words, 1.0)]
}

/// Two synonymous wordings.
const fn either(words: &'static str, or: &'static str) -> [(&'static str, f64); 2] {
    [(words, SYNONYM_PROBS[0]), (or, SYNONYM_PROBS[1])]
}

/// The auxiliary between a subject of this number and its verb.
pub(super) fn auxiliary(
    tense: Tense,
    polarity: Polarity,
    number: Number,
) -> &'static Wordings<&'static str> {
    use Number::{Plural, Singular};
    use Polarity::{Negative, Positive};
    match (tense, polarity, number) {
        (Tense::Past | Tense::Present, Positive, _) => const { &only("") },
        (Tense::Past, Negative, _) => const { &only("did not") },
        (Tense::Present, Negative, Singular) => const { &only("does not") },
        (Tense::Present, Negative, Plural) => const { &only("do not") },
        (Tense::Future, Positive, Singular) => const { &either("will", "is going to") },
        (Tense::Future, Positive, Plural) => const { &either("will", "are going to") },
        (Tense::Future, Negative, Singular) => const { &either("will not", "is not going to") },
        (Tense::Future, Negative, Plural) => const { &either("will not", "are not going to") },
        (Tense::Can, Positive, Singular) => const { &either("can", "is able to") },
        (Tense::Can, Positive, Plural) => const { &either("can", "are able to") },
        (Tense::Can, Negative, Singular) => const { &either("cannot", "is not able to") },
        (Tense::Can, Negative, Plural) => const { &either("cannot", "are not able to") },
        (Tense::Must, Positive, Singular) => const { &either("must", "has to") },
        (Tense::Must, Positive, Plural) => const { &either("must", "have to") },
        // The negation of `have to` has another meaning, so it is no synonym here.
        (Tense::Must, Negative, _) => const { &only("must not") },
    }
}

/// Whether the verb has its past form; otherwise it has its base form.
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

pub(super) fn conjunction(connective: Connective) -> &'static Wordings<&'static str> {
    match connective {
        Connective::And => const { &only("and") },
        Connective::Because => const { &either("because", "since") },
        Connective::While => const { &only("while") },
    }
}

/// The indefinite plural article; the second form follows a negated verb.
pub(super) const SOME: [&str; 2] = ["some", "any"];
/// The indefinite singular article, before a consonant and before a vowel.
const INDEFINITE: [&str; 2] = ["a", "an"];
const THE: &str = "the";

/// The article of a phrase whose next word is `next`.
pub(super) fn article(
    number: Number,
    definiteness: Definiteness,
    some: &'static str,
    next: &str,
) -> &'static str {
    match (definiteness, number) {
        (Definiteness::Definite, _) => THE,
        (Definiteness::Indefinite, Number::Plural) => some,
        // Spelling decides for all words of the lists: none begins with a silent h or like `unit`.
        (Definiteness::Indefinite, Number::Singular) => {
            INDEFINITE[usize::from(next.starts_with(['a', 'e', 'i', 'o', 'u']))]
        }
    }
}

/// `some` becomes `any` after a negated verb.
pub(super) fn some_after(polarity: Polarity) -> &'static str {
    match polarity {
        Polarity::Positive => SOME[0],
        Polarity::Negative => SOME[1],
    }
}

/// Every word of the grammar.
pub(super) fn grammar() -> Vec<&'static str> {
    let mut words = vec![".", THE];
    words.extend(INDEFINITE);
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
    for connective in Connective::ALL {
        add(&mut words, conjunction(connective));
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

/// Writes a meaning as an English sentence.
pub(super) fn render(
    dictionary: &Dictionary,
    meaning: &Meaning,
    selector: &mut dyn WordingSelector,
) -> String {
    let mut text = String::new();
    clause(dictionary, &meaning.first, &mut text, selector);
    if let Some((connective, second)) = &meaning.second {
        push_words(&mut text, select(selector, conjunction(*connective)));
        clause(dictionary, second, &mut text, selector);
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
    nominal(dictionary, &clause.subject, text);
    let number = clause.subject.number();
    let before = auxiliary(clause.tense, clause.polarity, number);
    push_words(text, select(selector, before));
    let verb = match is_past(clause.tense, clause.polarity) {
        true => clause.verb,
        false => dictionary.verbs[&clause.verb].base,
    };
    push_words(text, dictionary.text(verb));
    if let Some(object) = &clause.object {
        phrase(dictionary, object, some_after(clause.polarity), text);
    }
    if let Some((relation, landmark)) = &clause.place {
        push_words(text, select(selector, preposition(*relation)));
        nominal(dictionary, landmark, text);
    }
}

fn nominal(dictionary: &Dictionary, nominal: &Nominal, text: &mut String) {
    match nominal {
        Nominal::Person(name) => push_words(text, dictionary.text(*name)),
        Nominal::NounPhrase(noun) => phrase(dictionary, noun, SOME[0], text),
    }
}

fn phrase(dictionary: &Dictionary, phrase: &NounPhrase, some: &'static str, text: &mut String) {
    let noun = match phrase.number {
        Number::Singular => phrase.noun,
        Number::Plural => dictionary.nouns[&phrase.noun].plural,
    };
    let first = phrase.adjectives[0].unwrap_or(noun);
    let next = dictionary.text(first);
    push_words(
        text,
        article(phrase.number, phrase.definiteness, some, next),
    );
    for adjective in phrase.adjectives.iter().flatten() {
        push_words(text, dictionary.text(*adjective));
    }
    push_words(text, dictionary.text(noun));
}
