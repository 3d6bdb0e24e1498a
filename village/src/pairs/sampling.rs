//! Draws what the sentences say. Words are drawn by the world's tables, so that rare ones occur.

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

/// Tenses, relations and links with their probabilities.
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
const LINKS: [(Connective, f64); 3] = [
    (Connective::And, 0.4),
    (Connective::Because, 0.35),
    (Connective::While, 0.25),
];
/// How often there is a second clause, a place, an object, a negation.
const SECOND: f64 = 0.4;
const PLACE: f64 = 0.4;
const OBJECT: f64 = 0.85;
const NEGATIVE: f64 = 0.2;
/// How often a subject, and a ground that somebody may be, is a person by name.
const NAME: f64 = 0.5;
const GROUND_NAME: f64 = 0.3;
/// How often there is an adjective of this rank.
const FEELING: f64 = 0.25;
const QUALITY: f64 = 0.25;
const COLOUR: f64 = 0.25;

/// A drawing of meanings.
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
            let connective = self.one_of(LINKS);
            let then = match connective {
                // What happens meanwhile happens at the same time.
                Connective::While => tense,
                Connective::And | Connective::Because => self.one_of(TENSES),
            };
            (connective, self.clause(then))
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
        // English has no form for one who does it now.
        let needs_not = tense == Tense::Present && subject.number() == Number::Singular;
        let polarity = match needs_not || self.random.random_bool(NEGATIVE) {
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
        let adjectives = [self.maybe(FEELING, feelings), self.maybe(0.1, qualities)];
        Nominal::NounPhrase(self.phrase(noun, [0.6, 0.35], adjectives))
    }

    /// A verb and what it is done to.
    fn verb_and_object(&mut self) -> (Word, Option<NounPhrase>) {
        let classes = &self.world().classes;
        let class = &classes[self.random.random_range(0..classes.len())];
        let (verb, noun) = (self.word(&class.past), self.word(&class.singular));
        let (qualities, colours) = (&self.world().qualities, &self.world().colours);
        let adjectives = [self.maybe(QUALITY, qualities), self.maybe(COLOUR, colours)];
        (verb, Some(self.phrase(noun, [0.5, 0.4], adjectives)))
    }

    fn place(&mut self) -> (Relation, Nominal) {
        let relation = self.one_of(RELATIONS);
        if relation != Relation::In && self.random.random_bool(GROUND_NAME) {
            return (relation, Nominal::Person(self.word(&self.world().names)));
        }
        let noun = self.word(&self.world().places_singular);
        let adjectives = [self.maybe(QUALITY, &self.world().qualities), None];
        (
            relation,
            Nominal::NounPhrase(self.phrase(noun, [0.8, 0.15], adjectives)),
        )
    }

    /// A phrase that is definite, and has several, with these probabilities.
    fn phrase(
        &mut self,
        noun: Word,
        [definite, many]: [f64; 2],
        [far, near]: [Option<Word>; 2],
    ) -> NounPhrase {
        NounPhrase {
            noun,
            number: match self.random.random_bool(many) {
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

    fn maybe(&mut self, prob: f64, table: &Table) -> Option<Word> {
        self.random.random_bool(prob).then(|| self.word(table))
    }

    fn one_of<T: Copy, const N: usize>(&mut self, options: [(T, f64); N]) -> T {
        *super::wording::select(self.random, &options)
    }
}
