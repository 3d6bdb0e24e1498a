//! Draws random meanings. Words follow the world's tables, so rare ones occur, too.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::dictionary::Dictionary;
use super::meaning::{
    Clause, Connective, Definiteness, Meaning, Nominal, NounPhrase, Number, Polarity, Relation,
    Tense,
};
use crate::choices::Table;
use crate::lexicon::Word;
use crate::world::World;

/// Tenses, relations and connectives with their probabilities.
const TENSES: [(Tense, f64); 5] = [
    (Tense::Past, 0.5),
    (Tense::Present, 0.15),
    (Tense::Future, 0.15),
    (Tense::Can, 0.1),
    (Tense::Must, 0.1),
];
const RELATIONS: [(Relation, f64); 4] = [
    (Relation::Near, 0.25),
    (Relation::Behind, 0.25),
    (Relation::Beside, 0.2),
    (Relation::In, 0.3),
];
const CONNECTIVES: [(Connective, f64); 3] = [
    (Connective::And, 0.4),
    (Connective::Because, 0.35),
    (Connective::While, 0.25),
];
/// Probability of a second clause, a place, an object and a negation.
const SECOND: f64 = 0.4;
const PLACE: f64 = 0.4;
const OBJECT: f64 = 0.85;
const NEGATIVE: f64 = 0.2;
/// Probability that a subject, and the landmark of a place, is a person's name.
const NAME: f64 = 0.5;
const LANDMARK_NAME: f64 = 0.3;
/// Probability of an adjective of each rank.
const FEELING: f64 = 0.25;
const QUALITY: f64 = 0.25;
const COLOUR: f64 = 0.25;

/// Draws meanings.
#[derive(Debug)]
pub(super) struct MeaningSampler<'a> {
    pub(super) dictionary: &'a Dictionary,
    pub(super) random: &'a mut ChaCha8Rng,
}

impl<'a> MeaningSampler<'a> {
    pub(super) fn meaning(&mut self) -> Meaning {
        let tense = self.one_of(TENSES);
        let first = self.clause(tense);
        let second = self.random.random_bool(SECOND).then(|| {
            let connective = self.one_of(CONNECTIVES);
            let tense = match connective {
                // Simultaneous events have the same tense.
                Connective::While => tense,
                Connective::And | Connective::Because => self.one_of(TENSES),
            };
            (connective, self.clause(tense))
        });
        Meaning { first, second }
    }

    fn clause(&mut self, tense: Tense) -> Clause {
        let subject = self.subject();
        let (verb, object) = match self.random.random_bool(OBJECT) {
            true => self.verb_and_object(),
            false => (self.word(&self.world().activity.past), None),
        };
        let place = self.random.random_bool(PLACE).then(|| self.place());
        // The English grammar has no third-person singular form, so such a clause is negated.
        let must_be_negative = tense == Tense::Present && subject.number() == Number::Singular;
        let polarity = match must_be_negative || self.random.random_bool(NEGATIVE) {
            true => Polarity::Negative,
            false => Polarity::Positive,
        };
        Clause {
            subject,
            verb,
            tense,
            polarity,
            object,
            place,
        }
    }

    fn subject(&mut self) -> Nominal {
        if self.random.random_bool(NAME) {
            return Nominal::Person(self.word(&self.world().names));
        }
        let noun = self.word(&self.world().beings_singular);
        let (feelings, qualities) = (&self.world().feelings, &self.world().qualities);
        let adjectives = [
            self.optional(FEELING, feelings),
            self.optional(0.1, qualities),
        ];
        Nominal::NounPhrase(self.phrase(noun, [0.6, 0.35], adjectives))
    }

    /// A transitive verb and its object.
    fn verb_and_object(&mut self) -> (Word, Option<NounPhrase>) {
        let classes = &self.world().classes;
        let class = &classes[self.random.random_range(0..classes.len())];
        let (verb, noun) = (self.word(&class.past), self.word(&class.singular));
        let (qualities, colours) = (&self.world().qualities, &self.world().colours);
        let adjectives = [
            self.optional(QUALITY, qualities),
            self.optional(COLOUR, colours),
        ];
        (verb, Some(self.phrase(noun, [0.5, 0.4], adjectives)))
    }

    fn place(&mut self) -> (Relation, Nominal) {
        let relation = self.one_of(RELATIONS);
        if relation != Relation::In && self.random.random_bool(LANDMARK_NAME) {
            return (relation, Nominal::Person(self.word(&self.world().names)));
        }
        let noun = self.word(&self.world().places_singular);
        let adjectives = [self.optional(QUALITY, &self.world().qualities), None];
        (
            relation,
            Nominal::NounPhrase(self.phrase(noun, [0.8, 0.15], adjectives)),
        )
    }

    /// A noun phrase that is definite and plural with these probabilities.
    fn phrase(
        &mut self,
        noun: Word,
        [definite, plural]: [f64; 2],
        [far, near]: [Option<Word>; 2],
    ) -> NounPhrase {
        NounPhrase {
            noun,
            number: match self.random.random_bool(plural) {
                true => Number::Plural,
                false => Number::Singular,
            },
            definiteness: match self.random.random_bool(definite) {
                true => Definiteness::Definite,
                false => Definiteness::Indefinite,
            },
            adjectives: match far {
                Some(_) => [far, near],
                None => [near, None],
            },
        }
    }

    fn world(&self) -> &'a World {
        &self.dictionary.world
    }

    fn word(&mut self, table: &Table) -> Word {
        table.at(self.random.random())
    }

    fn optional(&mut self, prob: f64, table: &Table) -> Option<Word> {
        self.random.random_bool(prob).then(|| self.word(table))
    }

    fn one_of<T: Copy, const N: usize>(&mut self, options: [(T, f64); N]) -> T {
        *super::wording::select(self.random, &options)
    }
}
