//! Parsing of English: from a sentence to its meaning. It accepts exactly the sentences of [`super::english`].

use super::cursor::Cursor;
use super::dictionary::Dictionary;
use super::english::{SOME, article, auxiliary, conjunction, is_past, preposition, some_after};
use super::meaning::{
    Clause, Connective, Definiteness, Meaning, Nominal, NounPhrase, Number, Polarity, Relation,
    Tense,
};
use super::word_entries::EnglishForm;
use crate::lexicon::Word;

/// The meaning, and ln p of the sentence given the meaning; none if the grammar rejects it.
pub(super) fn read(dictionary: &Dictionary, text: &str) -> Option<(Meaning, f64)> {
    let mut cursor = Cursor::new(text);
    let reader = Reader { dictionary };
    let first = reader.clause(&mut cursor)?;
    let second = Connective::ALL.into_iter().find_map(|connective| {
        cursor.one_of(conjunction(connective), |cursor| {
            Some((connective, reader.clause(cursor)?))
        })
    });
    let meaning = Meaning { first, second };
    (cursor.at_end() && dictionary.fits(&meaning)).then_some((meaning, cursor.log_prob))
}

#[derive(Debug, Clone, Copy)]
struct Reader<'d> {
    dictionary: &'d Dictionary,
}

/// The content of the words between subject and object.
type Predicate = (Tense, Polarity, Word);

impl Reader<'_> {
    fn clause(&self, cursor: &mut Cursor<'_>) -> Option<Clause> {
        let subject = self.nominal(cursor)?;
        let (tense, polarity, verb) = self.predicate(cursor, subject.number())?;
        let takes_object = self.dictionary.verbs[&verb].class.is_some();
        let object = match takes_object {
            true => Some(self.phrase(cursor, some_after(polarity))?),
            false => None,
        };
        let place = Relation::ALL.into_iter().find_map(|relation| {
            cursor.one_of(preposition(relation), |cursor| {
                Some((relation, self.nominal(cursor)?))
            })
        });
        Some(Clause {
            subject,
            verb,
            tense,
            polarity,
            object,
            place,
        })
    }

    fn predicate(&self, cursor: &mut Cursor<'_>, number: Number) -> Option<Predicate> {
        let all = Tense::ALL
            .into_iter()
            .flat_map(|tense| Polarity::ALL.map(|polarity| (tense, polarity)));
        all.into_iter().find_map(|(tense, polarity)| {
            cursor.one_of(auxiliary(tense, polarity, number), |cursor| {
                let verb = cursor.take(|word| match *self.dictionary.english(word)? {
                    EnglishForm::Past(verb) => is_past(tense, polarity).then_some(verb),
                    EnglishForm::Base(verb) => (!is_past(tense, polarity)).then_some(verb),
                    _ => None,
                })?;
                Some((tense, polarity, verb))
            })
        })
    }

    fn nominal(&self, cursor: &mut Cursor<'_>) -> Option<Nominal> {
        let name = cursor.take(|word| match *self.dictionary.english(word)? {
            EnglishForm::Name(name) => Some(Nominal::Person(name)),
            _ => None,
        });
        match name {
            Some(name) => Some(name),
            None => Some(Nominal::NounPhrase(self.phrase(cursor, SOME[0])?)),
        }
    }

    fn phrase(&self, cursor: &mut Cursor<'_>, some: &'static str) -> Option<NounPhrase> {
        let before = cursor.take(|word| Some(word.to_owned()))?;
        let next = cursor.peek()?.to_owned();
        let mut adjectives = [None; 2];
        for slot in &mut adjectives {
            *slot = cursor.take(|word| match *self.dictionary.english(word)? {
                EnglishForm::Adjective(adjective) => Some(adjective),
                _ => None,
            });
        }
        let (noun, number) = cursor.take(|word| match *self.dictionary.english(word)? {
            EnglishForm::Noun(noun, number) => Some((noun, number)),
            _ => None,
        })?;
        let definiteness = Definiteness::ALL
            .into_iter()
            .find(|&definiteness| article(number, definiteness, some, &next) == before)?;
        Some(NounPhrase {
            noun,
            number,
            definiteness,
            adjectives,
        })
    }
}
