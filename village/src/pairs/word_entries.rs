//! Dictionary entries.

use super::meaning::{Definiteness, Number, Tense};
use super::umric_grammar::Case;
use crate::lexicon::Word;

/// Synonymous stems with their probabilities.
pub(crate) type Stems = Vec<(String, f64)>;

#[derive(Debug, Clone)]
pub(crate) struct Noun {
    pub(crate) plural: Word,
    pub(crate) semantic_class: SemanticClass,
    pub(crate) stems: Stems,
}

/// The semantic class of a noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SemanticClass {
    Person,
    Animal(usize),
    Thing(usize),
    Place,
}

impl SemanticClass {
    /// The cases in which such nouns occur.
    pub(super) fn cases(self) -> &'static [Case] {
        match self {
            SemanticClass::Person => &[Case::Nominative],
            SemanticClass::Animal(_) => &[Case::Nominative, Case::Accusative],
            SemanticClass::Thing(_) => &[Case::Accusative],
            SemanticClass::Place => &[Case::Genitive, Case::Locative],
        }
    }

    /// The class of things that it belongs to; it decides which verbs take it as their object.
    pub(super) fn class(self) -> Option<usize> {
        match self {
            SemanticClass::Animal(class) | SemanticClass::Thing(class) => Some(class),
            SemanticClass::Person | SemanticClass::Place => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Verb {
    pub(crate) base: Word,
    /// The class of its objects; none if it is intransitive.
    pub(crate) class: Option<usize>,
    pub(crate) stems: Stems,
}

#[derive(Debug, Clone)]
pub(crate) struct Adjective {
    pub(crate) rank: Rank,
    pub(crate) stems: Stems,
}

/// The rank of an adjective: it decides the order of several adjectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Feeling,
    Quality,
    Colour,
}

impl Rank {
    /// The cases in which such adjectives occur.
    pub(super) fn cases(self) -> &'static [Case] {
        match self {
            Rank::Feeling => &[Case::Nominative],
            Rank::Quality => &[
                Case::Nominative,
                Case::Accusative,
                Case::Genitive,
                Case::Locative,
            ],
            Rank::Colour => &[Case::Accusative],
        }
    }
}

/// The cases in which a name occurs.
pub(super) const NAME_CASES: [Case; 2] = [Case::Nominative, Case::Genitive];

/// The grammatical form of an English word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EnglishForm {
    Name(Word),
    Noun(Word, Number),
    Adjective(Word),
    Base(Word),
    Past(Word),
}

/// The grammatical form of an Umric word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum UmricForm {
    Name(Word, Case),
    Noun(Word, Number, Definiteness, Case),
    Adjective(Word, Number, Case),
    Verb(Word, Tense, Number),
}
