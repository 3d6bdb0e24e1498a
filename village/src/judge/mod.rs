//! Judges replies. The world is known, so nobody has to be asked whether a reply makes sense: it is understood by the
//! wordings of [`acts`](crate::talk::acts), and its claims are held against the world and what was said before.
//!
//! The rules are the judge's own. Nothing is shared with the generator but wordings and facts, so that each can be
//! tested by the other.

mod claims;
mod contexts;
mod history;
mod understand;

#[cfg(test)]
mod tests;

use harness::Judge;

use claims::Claim;
use contexts::Contexts;
use history::{History, Pending};
use understand::{Act, Ear, Sentence};

use crate::lexicon::Word;
use crate::numbers::{LARGEST, number, value};
use crate::talk::acts::{Ask, Tell};
use crate::village::Village;
use crate::world::World;

/// A judge of replies in conversations of the village.
///
/// A reply is *sensible* if every sentence of it is understood, a question that waits is answered first (or owned to be
/// beyond the speaker), and nothing in it contradicts the world, the speaker or an earlier turn.
///
/// It is *specific* if it is sensible and would not be in half of 80 conversations drawn from the village: those that
/// wait for an answer if this one does, those that do not if not.
#[derive(Debug, Clone)]
pub struct VillageJudge {
    world: World,
    ear: Ear,
    contexts: Contexts,
}

impl VillageJudge {
    /// The judge of a village.
    pub fn new(village: Village) -> VillageJudge {
        let ear = Ear::new(&village.world);
        let contexts = Contexts::draw(&village, &ear);
        VillageJudge {
            world: village.world,
            ear,
            contexts,
        }
    }

    fn history(&self, turns: &[&str]) -> History {
        History::of(&self.ear, &self.world, turns)
    }

    /// Whether a reply that was understood makes sense after these turns.
    fn makes_sense(&self, before: &History, reply: &[Sentence]) -> bool {
        let greeting = usize::from(reply.first().is_some_and(is_greeting));
        let (greeted, rest) = reply.split_at(greeting);
        let leave = rest.iter().position(is_leave);
        !reply.is_empty()
            && (greeted.is_empty() || before.turns <= 1)
            && !rest.iter().any(is_greeting)
            && leave.is_none_or(|at| at + 1 == rest.len())
            && (leave.is_some() || !before.leaving)
            && !repeats_itself(reply)
            && self.answers_first(before, reply, greeting)
            && self.fits(before, reply)
    }

    /// Whether the question that waits, if there is one, is answered at once, and nothing is answered that was not
    /// asked. A greeting may come before the answer, or be the answer.
    fn answers_first(&self, before: &History, reply: &[Sentence], greeting: usize) -> bool {
        let (first, later) = reply.split_at(reply.len().min(greeting + 1));
        let answered = match &before.pending {
            Pending::Question(question) => first
                .iter()
                .any(|sentence| self.answers(before, question, sentence)),
            Pending::Unclear => true,
            Pending::Nothing => !first.iter().any(is_answer_only),
        };
        answered && !later.iter().any(is_answer_only)
    }

    /// Whether a sentence is an answer of the kind that the question asks for, and a right one as far as the question
    /// itself tells.
    fn answers(&self, before: &History, question: &Sentence, sentence: &Sentence) -> bool {
        let (Act::Ask(ask), Act::Tell(tell)) = (question.act, sentence.act) else {
            return false;
        };
        let claims = sentence.claims();
        let on_topic = claims.iter().any(|claim| claim.is_about(ask));
        match (ask, tell) {
            (_, Tell::Unknown) => true,
            (Ask::IsFrom, Tell::Yes) => sentence.slot('t') == question.slot('q'),
            (Ask::IsFrom, Tell::NoTown) => sentence.slot('t') != question.slot('q'),
            (_, Tell::Yes | Tell::NoTown) => false,
            (Ask::Meet, _) => tell == Tell::Meet,
            (Ask::MeetWhere, _) => on_topic && before.place.is_some(),
            (Ask::MeetWhen, _) => on_topic && before.day.is_some(),
            (Ask::Maker, _) => on_topic && sentence.slot('p') == question.slot('p'),
            (Ask::Sum | Ask::Less, _) => {
                result(question).is_some_and(|word| claims.contains(&Claim::Result(word)))
            }
            _ => on_topic,
        }
    }

    /// Whether each sentence fits what is known when it is said.
    fn fits(&self, before: &History, reply: &[Sentence]) -> bool {
        let mut now = before.clone();
        reply.iter().all(|sentence| {
            let presumes = match sentence.ask() {
                Some(Ask::MeetWhere) => now.place.is_some(),
                Some(Ask::MeetWhen) => now.day.is_some(),
                _ => true,
            };
            presumes
                && sentence.claims().into_iter().all(|claim| {
                    let admitted = now.admits(&self.world, claim);
                    now.hear(&self.world, claim);
                    admitted
                })
        })
    }
}

impl Judge for VillageJudge {
    fn is_sensible(&self, turns: &[&str], reply: &str) -> bool {
        let understood = self.ear.hear_all(reply);
        understood.is_some_and(|reply| self.makes_sense(&self.history(turns), &reply))
    }

    fn is_specific(&self, turns: &[&str], reply: &str) -> bool {
        let Some(reply) = self.ear.hear_all(reply) else {
            return false;
        };
        let here = self.history(turns);
        let others = self.contexts.like(&here);
        let fit = others
            .iter()
            .filter(|there| self.makes_sense(there, &reply));
        self.makes_sense(&here, &reply) && 2 * fit.count() < others.len()
    }
}

fn is_greeting(sentence: &Sentence) -> bool {
    matches!(sentence.tell(), Some(Tell::Hello | Tell::HelloName))
}

fn is_leave(sentence: &Sentence) -> bool {
    sentence.tell() == Some(Tell::Goodbye)
}

/// What makes sense only after a question.
fn is_answer_only(sentence: &Sentence) -> bool {
    use Tell::{MeetWhen, MeetWhere, NoTown, Sum, Unknown, Yes};
    let answers = [MeetWhen, MeetWhere, NoTown, Sum, Unknown, Yes];
    sentence.tell().is_some_and(|tell| answers.contains(&tell))
}

fn repeats_itself(reply: &[Sentence]) -> bool {
    let mut rest = reply.iter().enumerate();
    rest.any(|(at, sentence)| reply[..at].contains(sentence))
}

/// The number word that answers a calculation, if there is one.
fn result(question: &Sentence) -> Option<Word> {
    let operand = |letter| question.slot(letter).and_then(value);
    let result = match question.ask()? {
        Ask::Sum => operand('s')? + operand('u')?,
        _ => operand('z')?.checked_sub(operand('o')?)?,
    };
    (1..=LARGEST).contains(&result).then(|| number(result))
}
