//! The dialogue state: what is known after some turns.

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
    /// Place and day of the meeting, if mentioned.
    pub(super) place: Option<Word>,
    pub(super) day: Option<Word>,
    pub(super) pending: Pending,
    /// Whether the last turn said goodbye.
    pub(super) said_goodbye: bool,
    /// Number of turns so far; its parity gives the next speaker.
    pub(super) turns: usize,
}

/// Whether the last turn awaits an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Pending {
    #[default]
    Nothing,
    /// A question that could not be parsed.
    Unclear,
    Question(Sentence),
}

#[derive(Debug, Clone, Default)]
struct Speaker {
    name: Option<Word>,
    /// Assertions about themselves, as long as some person satisfies all of them.
    assertions: SmallVec<[Assertion; 8]>,
    pet: Option<Assertion>,
    age: Option<Assertion>,
}

impl DialogueState {
    /// The state after a sequence of turns.
    pub(super) fn of(parser: &Parser, world: &World, turns: &[&str]) -> DialogueState {
        let mut state = DialogueState::default();
        for turn in turns {
            state.add_turn(world, &parser.parse(turn));
        }
        state
    }

    fn add_turn(&mut self, world: &World, turn: &[Parsed]) {
        self.said_goodbye = false;
        for parsed in turn {
            if let Parsed::Clear(sentence) = parsed {
                self.said_goodbye |= sentence.statement() == Some(Statement::Goodbye);
                for assertion in sentence.assertions() {
                    self.add(world, assertion);
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

    /// Whether the current speaker can assert this without contradicting the world, themselves or an earlier turn.
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

    /// Stores an assertion of the current speaker. The first mention of a fact counts.
    pub(super) fn add(&mut self, world: &World, assertion: Assertion) {
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
    /// Whether the assertion can be true of the speaker: of the person with the speaker's name or, as long as no name
    /// is known, of any person who satisfies the earlier assertions.
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
