//! Parsing of Umric: from a sentence to its meaning. It accepts exactly the sentences of [`super::umric`].

use super::cursor::Cursor;
use super::dictionary::Dictionary;
use super::meaning::{
    Clause, Connective, Meaning, Nominal, NounPhrase, Number, Polarity, Relation, Tense,
};
use super::umric_grammar::{Case, NOT, comes_first, conjunction, postposition};
use super::word_entries::UmricForm;
use crate::lexicon::Word;

/// The meaning, and ln p of the sentence given the meaning; none if the grammar rejects it.
pub(super) fn read(dictionary: &Dictionary, text: &str) -> Option<(Meaning, f64)> {
    let mut cursor = Cursor::new(text);
    let reader = Reader { dictionary };
    let before = reader.clause(&mut cursor)?;
    let after = Connective::ALL.into_iter().find_map(|connective| {
        cursor.one_of(conjunction(connective), |cursor| {
            Some((connective, reader.clause(cursor)?))
        })
    });
    let (first, second) = match after {
        Some((connective, after)) if comes_first(connective) => (after, Some((connective, before))),
        after => (before, after),
    };
    let meaning = Meaning { first, second };
    (cursor.at_end() && dictionary.fits(&meaning)).then_some((meaning, cursor.log_prob))
}

#[derive(Debug, Clone, Copy)]
struct Reader<'d> {
    dictionary: &'d Dictionary,
}

impl Reader<'_> {
    fn clause(&self, cursor: &mut Cursor<'_>) -> Option<Clause> {
        let subject = self.nominal(cursor, Case::Nominative)?;
        let place = Relation::ALL.into_iter().find_map(|relation| {
            cursor.attempt(|cursor| {
                let landmark = self.nominal(cursor, Case::of(relation))?;
                cursor.one_of(postposition(relation), |_| Some((relation, landmark)))
            })
        });
        let object = cursor.attempt(|cursor| self.phrase(cursor, Case::Accusative));
        let polarity = match cursor.word(NOT) {
            true => Polarity::Negative,
            false => Polarity::Positive,
        };
        let (verb, tense) = self.verb(cursor, subject.number())?;
        Some(Clause {
            subject,
            verb,
            tense,
            polarity,
            object,
            place,
        })
    }

    /// Consumes the next word if `pick` accepts one of its forms.
    fn form<T>(&self, cursor: &mut Cursor<'_>, pick: impl Fn(UmricForm) -> Option<T>) -> Option<T> {
        let (found, prob) = cursor.take(|word| {
            let (form, prob) = *self.dictionary.umric(word)?;
            Some((pick(form)?, prob))
        })?;
        cursor.log_prob += prob.ln();
        Some(found)
    }

    fn verb(&self, cursor: &mut Cursor<'_>, number: Number) -> Option<(Word, Tense)> {
        self.form(cursor, |form| match form {
            UmricForm::Verb(verb, tense, agrees) if agrees == number => Some((verb, tense)),
            _ => None,
        })
    }

    fn nominal(&self, cursor: &mut Cursor<'_>, case: Case) -> Option<Nominal> {
        let name = self.form(cursor, |form| match form {
            UmricForm::Name(name, stands_in) if stands_in == case => Some(Nominal::Person(name)),
            _ => None,
        });
        match name {
            Some(name) => Some(name),
            None => Some(Nominal::NounPhrase(self.phrase(cursor, case)?)),
        }
    }

    fn phrase(&self, cursor: &mut Cursor<'_>, case: Case) -> Option<NounPhrase> {
        let (noun, number, definiteness) = self.form(cursor, |form| match form {
            UmricForm::Noun(noun, number, definiteness, stands_in) if stands_in == case => {
                Some((noun, number, definiteness))
            }
            _ => None,
        })?;
        let adjective = |cursor: &mut Cursor<'_>| {
            self.form(cursor, |form| match form {
                UmricForm::Adjective(adjective, agrees, stands_in) => {
                    ((agrees, stands_in) == (number, case)).then_some(adjective)
                }
                _ => None,
            })
        };
        let (near, far) = (adjective(cursor), adjective(cursor));
        // The order of the adjectives is the reverse of English.
        let adjectives = match far {
            Some(_) => [far, near],
            None => [near, None],
        };
        Some(NounPhrase {
            noun,
            number,
            definiteness,
            adjectives,
        })
    }
}
