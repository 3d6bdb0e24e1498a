//! What a sentence says, in no language.

use crate::lexicon::Word;

/// What both sentences of a pair say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Meaning {
    pub(crate) first: Clause,
    /// What is said with it, and how the two belong together.
    pub(crate) second: Option<(Connective, Clause)>,
}

/// Somebody does something, somewhere perhaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Clause {
    pub(crate) subject: Nominal,
    /// The verb, named by its past form.
    pub(crate) verb: Word,
    pub(crate) tense: Tense,
    pub(crate) polarity: Polarity,
    /// Whatever the verb takes; an activity takes nothing.
    pub(crate) object: Option<NounPhrase>,
    pub(crate) place: Option<(Relation, Nominal)>,
}

/// A person by name, or a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Nominal {
    Person(Word),
    NounPhrase(NounPhrase),
}

impl Nominal {
    pub(crate) fn number(&self) -> Number {
        match self {
            Nominal::Person(_) => Number::Singular,
            Nominal::NounPhrase(phrase) => phrase.number,
        }
    }
}

/// A noun and what is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NounPhrase {
    /// The noun, named by its singular.
    pub(crate) noun: Word,
    pub(crate) number: Number,
    pub(crate) definiteness: Definiteness,
    /// In the order of English: a feeling, a quality, a colour; none after a gap.
    pub(crate) adjectives: [Option<Word>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Number {
    Singular,
    Plural,
}

impl Number {
    pub(crate) const ALL: [Number; 2] = [Number::Singular, Number::Plural];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Definiteness {
    Definite,
    Indefinite,
}

impl Definiteness {
    pub(crate) const ALL: [Definiteness; 2] = [Definiteness::Definite, Definiteness::Indefinite];
}

/// Tense, and what can or must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tense {
    Past,
    Present,
    Future,
    Can,
    Must,
}

impl Tense {
    pub(crate) const ALL: [Tense; 5] = [
        Tense::Past,
        Tense::Present,
        Tense::Future,
        Tense::Can,
        Tense::Must,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Polarity {
    Positive,
    Negative,
}

impl Polarity {
    pub(crate) const ALL: [Polarity; 2] = [Polarity::Positive, Polarity::Negative];
}

/// Where something is, seen from somebody or from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Relation {
    Near,
    Behind,
    Beside,
    In,
}

impl Relation {
    pub(crate) const ALL: [Relation; 4] = [
        Relation::Near,
        Relation::Behind,
        Relation::Beside,
        Relation::In,
    ];
}

/// How two clauses belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Connective {
    And,
    Because,
    While,
}

impl Connective {
    pub(crate) const ALL: [Connective; 3] =
        [Connective::And, Connective::Because, Connective::While];
}
