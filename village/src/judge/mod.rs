//! Judges replies. The world is known, so nobody has to be asked whether a reply makes sense: it is understood by the
//! wordings of [`acts`](crate::talk::acts), and its claims are held against the world and what was said before.
//!
//! The rules are the judge's own. Nothing is shared with the generator but wordings and facts, so that each can be
//! tested by the other.

mod assertions;
mod contexts;
mod dialogue_state;
mod parser;

#[cfg(test)]
mod tests;

use harness::Judge;

use assertions::Assertion;
use contexts::Contexts;
use dialogue_state::{DialogueState, Pending};
use parser::{Act, Parser, Sentence};

use crate::dialogue::acts::{Question, Statement};
use crate::lexicon::Word;
use crate::numbers::{LARGEST, number, value};
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
    parser: Parser,
    contexts: Contexts,
}

impl VillageJudge {
    /// The judge of a village.
    pub fn new(village: Village) -> VillageJudge {
        let parser = Parser::new(&village.world);
        let contexts = Contexts::draw(&village, &parser);
        VillageJudge {
            world: village.world,
            parser,
            contexts,
        }
    }

    fn dialogue_state(&self, turns: &[&str]) -> DialogueState {
        DialogueState::of(&self.parser, &self.world, turns)
    }

    /// Whether a reply that was understood makes sense after these turns.
    fn makes_sense(&self, before: &DialogueState, reply: &[Sentence]) -> bool {
        let greeting = usize::from(reply.first().is_some_and(is_greeting));
        let (greeted, rest) = reply.split_at(greeting);
        let goodbye_at = rest.iter().position(is_goodbye);
        !reply.is_empty()
            && (greeted.is_empty() || before.turns <= 1)
            && !rest.iter().any(is_greeting)
            && goodbye_at.is_none_or(|at| at + 1 == rest.len())
            && (goodbye_at.is_some() || !before.said_goodbye)
            && !repeats_itself(reply)
            && self.answers_first(before, reply, greeting)
            && self.fits(before, reply)
    }

    /// Whether the question that waits, if there is one, is answered at once, and nothing is answered that was not
    /// asked. A greeting may come before the answer, or be the answer.
    fn answers_first(&self, before: &DialogueState, reply: &[Sentence], greeting: usize) -> bool {
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
    fn answers(&self, before: &DialogueState, question: &Sentence, sentence: &Sentence) -> bool {
        let (Act::Question(question_kind), Act::Statement(tell)) = (question.act, sentence.act)
        else {
            return false;
        };
        let assertions = sentence.assertions();
        let on_topic = assertions
            .iter()
            .any(|assertion| assertion.answers(question_kind));
        match (question_kind, tell) {
            (_, Statement::Unknown) => true,
            (Question::IsFrom, Statement::Yes) => sentence.slot('t') == question.slot('q'),
            (Question::IsFrom, Statement::NoTown) => sentence.slot('t') != question.slot('q'),
            (_, Statement::Yes | Statement::NoTown) => false,
            (Question::Meet, _) => tell == Statement::Meet,
            (Question::MeetWhere, _) => on_topic && before.place.is_some(),
            (Question::MeetWhen, _) => on_topic && before.day.is_some(),
            (Question::Maker, _) => on_topic && sentence.slot('p') == question.slot('p'),
            (Question::Sum | Question::Less, _) => {
                result(question).is_some_and(|word| assertions.contains(&Assertion::Result(word)))
            }
            _ => on_topic,
        }
    }

    /// Whether each sentence fits what is known when it is said.
    fn fits(&self, before: &DialogueState, reply: &[Sentence]) -> bool {
        let mut now = before.clone();
        reply.iter().all(|sentence| {
            let presumes = match sentence.question() {
                Some(Question::MeetWhere) => now.place.is_some(),
                Some(Question::MeetWhen) => now.day.is_some(),
                _ => true,
            };
            presumes
                && sentence.assertions().into_iter().all(|assertion| {
                    let admitted = now.is_consistent(&self.world, assertion);
                    now.parse(&self.world, assertion);
                    admitted
                })
        })
    }
}

impl Judge for VillageJudge {
    fn is_sensible(&self, turns: &[&str], reply: &str) -> bool {
        let understood = self.parser.parse_all(reply);
        understood.is_some_and(|reply| self.makes_sense(&self.dialogue_state(turns), &reply))
    }

    fn is_specific(&self, turns: &[&str], reply: &str) -> bool {
        let Some(reply) = self.parser.parse_all(reply) else {
            return false;
        };
        let here = self.dialogue_state(turns);
        let others = self.contexts.comparable(&here);
        let fit = others
            .iter()
            .filter(|there| self.makes_sense(there, &reply));
        self.makes_sense(&here, &reply) && 2 * fit.count() < others.len()
    }
}

fn is_greeting(sentence: &Sentence) -> bool {
    matches!(
        sentence.statement(),
        Some(Statement::Hello | Statement::HelloName)
    )
}

fn is_goodbye(sentence: &Sentence) -> bool {
    sentence.statement() == Some(Statement::Goodbye)
}

/// What makes sense only after a question.
fn is_answer_only(sentence: &Sentence) -> bool {
    use Statement::{MeetWhen, MeetWhere, NoTown, Sum, Unknown, Yes};
    let answers = [MeetWhen, MeetWhere, NoTown, Sum, Unknown, Yes];
    sentence
        .statement()
        .is_some_and(|tell| answers.contains(&tell))
}

fn repeats_itself(reply: &[Sentence]) -> bool {
    let mut rest = reply.iter().enumerate();
    rest.any(|(at, sentence)| reply[..at].contains(sentence))
}

/// The number word that answers a calculation, if there is one.
fn result(question: &Sentence) -> Option<Word> {
    let operand = |letter| question.slot(letter).and_then(value);
    let result = match question.question()? {
        Question::Sum => operand('s')? + operand('u')?,
        _ => operand('z')?.checked_sub(operand('o')?)?,
    };
    (1..=LARGEST).contains(&result).then(|| number(result))
}
