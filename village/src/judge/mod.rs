//! Evaluates replies automatically. The judge parses a reply with the wordings of [`acts`](crate::dialogue::acts) and
//! checks its assertions against the world and the dialogue so far.
//!
//! The judge has its own rules and shares only wordings and facts with the generator, so each can test the other.

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
use crate::numbers::{MAX_NUMBER, number, value};
use crate::village::Village;
use crate::world::World;

/// A judge of replies in dialogues of the village.
///
/// A reply is *sensible* if every sentence can be parsed, a pending question is answered first (`I do not know`
/// counts), and nothing contradicts the world, the speaker or an earlier turn.
///
/// It is *specific* if it is sensible here, but in fewer than half of 40 other contexts drawn from the village. These
/// have a pending question if this dialogue has one, else none.
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

    fn state(&self, turns: &[&str]) -> DialogueState {
        DialogueState::of(&self.parser, &self.world, turns)
    }

    /// Whether a parsed reply is sensible in a dialogue state.
    fn makes_sense(&self, before: &DialogueState, reply: &[Sentence]) -> bool {
        let greeting = usize::from(reply.first().is_some_and(is_greeting));
        let (greetings, rest) = reply.split_at(greeting);
        let goodbye_at = rest.iter().position(is_goodbye);
        !reply.is_empty()
            && (greetings.is_empty() || before.turns <= 1)
            && !rest.iter().any(is_greeting)
            && goodbye_at.is_none_or(|at| at + 1 == rest.len())
            && (goodbye_at.is_some() || !before.said_goodbye)
            && !repeats_itself(reply)
            && self.answers_first(before, reply, greeting)
            && self.fits(before, reply)
    }

    /// Whether the reply first answers the pending question, if any, and contains no answer without a question. A
    /// greeting may precede the answer or be the answer.
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

    /// Whether a sentence is the right kind of answer to a question, and correct as far as the question alone decides
    /// it.
    fn answers(&self, before: &DialogueState, question: &Sentence, sentence: &Sentence) -> bool {
        let (Act::Question(question_kind), Act::Statement(statement_kind)) =
            (question.act, sentence.act)
        else {
            return false;
        };
        let assertions = sentence.assertions();
        let on_topic = assertions
            .iter()
            .any(|assertion| assertion.answers(question_kind));
        match (question_kind, statement_kind) {
            (_, Statement::Unknown) => true,
            (Question::IsFrom, Statement::Yes) => sentence.slot('t') == question.slot('q'),
            (Question::IsFrom, Statement::NoTown) => sentence.slot('t') != question.slot('q'),
            (_, Statement::Yes | Statement::NoTown) => false,
            (Question::Meet, _) => statement_kind == Statement::Meet,
            (Question::MeetWhere, _) => on_topic && before.place.is_some(),
            (Question::MeetWhen, _) => on_topic && before.day.is_some(),
            (Question::Maker, _) => on_topic && sentence.slot('p') == question.slot('p'),
            (Question::Sum | Question::Less, _) => {
                result(question).is_some_and(|word| assertions.contains(&Assertion::Result(word)))
            }
            _ => on_topic,
        }
    }

    /// Whether each sentence is consistent with the dialogue state at its position.
    fn fits(&self, before: &DialogueState, reply: &[Sentence]) -> bool {
        let mut state = before.clone();
        reply.iter().all(|sentence| {
            let presupposition_holds = match sentence.question() {
                Some(Question::MeetWhere) => state.place.is_some(),
                Some(Question::MeetWhen) => state.day.is_some(),
                _ => true,
            };
            presupposition_holds
                && sentence.assertions().into_iter().all(|assertion| {
                    let is_consistent = state.is_consistent(&self.world, assertion);
                    state.add(&self.world, assertion);
                    is_consistent
                })
        })
    }
}

impl Judge for VillageJudge {
    fn is_sensible(&self, turns: &[&str], reply: &str) -> bool {
        let parsed = self.parser.parse_all(reply);
        parsed.is_some_and(|reply| self.makes_sense(&self.state(turns), &reply))
    }

    fn is_specific(&self, turns: &[&str], reply: &str) -> bool {
        let Some(reply) = self.parser.parse_all(reply) else {
            return false;
        };
        let state = self.state(turns);
        let others = self.contexts.comparable(&state);
        let fit = others
            .iter()
            .filter(|other| self.makes_sense(other, &reply));
        self.makes_sense(&state, &reply) && 2 * fit.count() < others.len()
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

/// Whether a sentence makes sense only after a question.
fn is_answer_only(sentence: &Sentence) -> bool {
    use Statement::{MeetWhen, MeetWhere, NoTown, Sum, Unknown, Yes};
    let answers = [MeetWhen, MeetWhere, NoTown, Sum, Unknown, Yes];
    sentence
        .statement()
        .is_some_and(|statement_kind| answers.contains(&statement_kind))
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
    (1..=MAX_NUMBER).contains(&result).then(|| number(result))
}
