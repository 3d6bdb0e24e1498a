//! The meaning of a sentence, independent of language.

use crate::lexicon::Word;

/// The meaning that both sentences of a pair express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Meaning {
    pub(crate) first: Clause,
    /// The second clause, and its relation to the first.
    pub(crate) second: Option<(Connective, Clause)>,
}

/// A subject and a predicate, with an optional place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Clause {
    pub(crate) subject: Nominal,
    /// The verb, identified by its past form.
    pub(crate) verb: Word,
    pub(crate) tense: Tense,
    pub(crate) polarity: Polarity,
    /// The object, if the verb is transitive.
    pub(crate) object: Option<NounPhrase>,
    pub(crate) place: Option<(Relation, Nominal)>,
}

/// A person's name, or a noun phrase.
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

/// A noun with its determiner and adjectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NounPhrase {
    /// The noun, identified by its singular.
    pub(crate) noun: Word,
    pub(crate) number: Number,
    pub(crate) definiteness: Definiteness,
    /// In English order: feeling, quality, colour. The second is none if the first is.
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

/// Tense or modality.
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

/// The spatial relation of a clause to a person or a place.
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

/// The relation between two clauses.
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
