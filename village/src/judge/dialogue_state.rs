//! What is known after some turns of a conversation.

use smallvec::SmallVec;

use super::assertions::Assertion;
use super::parser::{Parsed, Parser, Sentence};
use crate::dialogue::acts::Statement;
use crate::lexicon::Word;
use crate::world::World;

/// What has been said so far, and by whom.
#[derive(Debug, Clone, Default)]
pub(super) struct DialogueState {
    speakers: [Speaker; 2],
    /// Place and day of the meeting, as far as they were told.
    pub(super) place: Option<Word>,
    pub(super) day: Option<Word>,
    pub(super) pending: Pending,
    /// Whether the last turn took leave.
    pub(super) said_goodbye: bool,
    /// Turns so far; the speaker of the next is the remainder by two.
    pub(super) turns: usize,
}

/// Whether the last turn waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Pending {
    #[default]
    Nothing,
    /// A question was asked, and not understood.
    Unclear,
    Question(Sentence),
}

#[derive(Debug, Clone, Default)]
struct Speaker {
    name: Option<Word>,
    /// What they said of themselves, as long as it can be true of somebody.
    assertions: SmallVec<[Assertion; 8]>,
    pet: Option<Assertion>,
    age: Option<Assertion>,
}

impl DialogueState {
    /// Listens to a conversation from its first turn.
    pub(super) fn of(parser: &Parser, world: &World, turns: &[&str]) -> DialogueState {
        let mut dialogue_state = DialogueState::default();
        for turn in turns {
            dialogue_state.add_turn(world, &parser.parse(turn));
        }
        dialogue_state
    }

    fn add_turn(&mut self, world: &World, turn: &[Parsed]) {
        self.said_goodbye = false;
        for parsed in turn {
            if let Parsed::Clear(sentence) = parsed {
                self.said_goodbye |= sentence.statement() == Some(Statement::Goodbye);
                for assertion in sentence.assertions() {
                    self.parse(world, assertion);
                }
            }
        }
        self.pending = match turn.last() {
            Some(Parsed::Clear(sentence)) if sentence.question().is_some() => {
                Pending::Question(sentence.clone())
            }
            Some(Parsed::Unclear { question: true }) => Pending::Unclear,
            _ => Pending::Nothing,
        };
        self.turns += 1;
    }

    fn speaker(&self) -> &Speaker {
        &self.speakers[self.turns % 2]
    }

    fn other(&self) -> &Speaker {
        &self.speakers[(self.turns + 1) % 2]
    }

    /// Whether the one whose turn it is can say this without contradicting the world, themselves or an earlier turn.
    pub(super) fn is_consistent(&self, world: &World, assertion: Assertion) -> bool {
        let unless_known = |known: Option<Assertion>| known.is_none_or(|known| known == assertion);
        let is_or_unknown = |known: Option<Word>, word| known.is_none_or(|known| known == word);
        match assertion {
            Assertion::Name(name) if self.other().name == Some(name) => false,
            Assertion::Other(name) if self.speaker().name == Some(name) => false,
            Assertion::Other(name) => is_or_unknown(self.other().name, name),
            Assertion::Place(place) => is_or_unknown(self.place, place),
            Assertion::Day(day) => is_or_unknown(self.day, day),
            Assertion::Pet(..) => unless_known(self.speaker().pet),
            Assertion::Age(..) => unless_known(self.speaker().age),
            assertion if assertion.is_persona_fact() => {
                self.speaker().matches_a_person(world, assertion)
            }
            assertion => assertion.is_possible(world),
        }
    }

    /// Keeps a claim of the one whose turn it is. What was said first stays.
    pub(super) fn parse(&mut self, world: &World, assertion: Assertion) {
        let (now, next) = (self.turns % 2, (self.turns + 1) % 2);
        match assertion {
            Assertion::Other(name) => _ = self.speakers[next].name.get_or_insert(name),
            Assertion::Place(place) => _ = self.place.get_or_insert(place),
            Assertion::Day(day) => _ = self.day.get_or_insert(day),
            Assertion::Pet(..) => _ = self.speakers[now].pet.get_or_insert(assertion),
            Assertion::Age(..) => _ = self.speakers[now].age.get_or_insert(assertion),
            Assertion::Name(name) => _ = self.speakers[now].name.get_or_insert(name),
            assertion
                if assertion.is_persona_fact()
                    && self.speakers[now].matches_a_person(world, assertion) =>
            {
                self.speakers[now].assertions.push(assertion);
            }
            _ => {}
        }
    }
}

impl Speaker {
    /// Whether the speaker can be somebody of whom this is true: the one whose name they bear or, as long as that is
    /// not known, anybody whom their earlier claims fit.
    fn matches_a_person(&self, world: &World, assertion: Assertion) -> bool {
        match self.name {
            Some(name) => assertion.is_true_of(world, world.person(name)),
            None => world.people.iter().any(|person| {
                let holds = |assertion: &Assertion| assertion.is_true_of(world, person);
                holds(&assertion) && self.assertions.iter().all(holds)
            }),
        }
    }
}
