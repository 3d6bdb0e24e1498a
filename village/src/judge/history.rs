//! What is known after some turns of a conversation.

use smallvec::SmallVec;

use super::claims::Claim;
use super::understand::{Ear, Heard, Sentence};
use crate::lexicon::Word;
use crate::talk::acts::Tell;
use crate::world::World;

/// What has been said so far, and by whom.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    speakers: [Speaker; 2],
    /// Place and day of the meeting, as far as they were told.
    pub(super) place: Option<Word>,
    pub(super) day: Option<Word>,
    pub(super) pending: Pending,
    /// Whether the last turn took leave.
    pub(super) leaving: bool,
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
    claims: SmallVec<[Claim; 8]>,
    pet: Option<Claim>,
    age: Option<Claim>,
}

impl History {
    /// Listens to a conversation from its first turn.
    pub(super) fn of(ear: &Ear, world: &World, turns: &[&str]) -> History {
        let mut history = History::default();
        for turn in turns {
            history.hear_turn(world, &ear.hear(turn));
        }
        history
    }

    fn hear_turn(&mut self, world: &World, turn: &[Heard]) {
        self.leaving = false;
        for heard in turn {
            if let Heard::Clear(sentence) = heard {
                self.leaving |= sentence.tell() == Some(Tell::Goodbye);
                for claim in sentence.claims() {
                    self.hear(world, claim);
                }
            }
        }
        self.pending = match turn.last() {
            Some(Heard::Clear(sentence)) if sentence.ask().is_some() => {
                Pending::Question(sentence.clone())
            }
            Some(Heard::Unclear { question: true }) => Pending::Unclear,
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
    pub(super) fn admits(&self, world: &World, claim: Claim) -> bool {
        let unless_known = |known: Option<Claim>| known.is_none_or(|known| known == claim);
        let is_or_unknown = |known: Option<Word>, word| known.is_none_or(|known| known == word);
        match claim {
            Claim::Name(name) if self.other().name == Some(name) => false,
            Claim::Other(name) if self.speaker().name == Some(name) => false,
            Claim::Other(name) => is_or_unknown(self.other().name, name),
            Claim::Place(place) => is_or_unknown(self.place, place),
            Claim::Day(day) => is_or_unknown(self.day, day),
            Claim::Pet(..) => unless_known(self.speaker().pet),
            Claim::Age(..) => unless_known(self.speaker().age),
            claim if claim.is_of_persona() => self.speaker().fits_somebody(world, claim),
            claim => claim.is_possible(world),
        }
    }

    /// Keeps a claim of the one whose turn it is. What was said first stays.
    pub(super) fn hear(&mut self, world: &World, claim: Claim) {
        let (now, next) = (self.turns % 2, (self.turns + 1) % 2);
        match claim {
            Claim::Other(name) => _ = self.speakers[next].name.get_or_insert(name),
            Claim::Place(place) => _ = self.place.get_or_insert(place),
            Claim::Day(day) => _ = self.day.get_or_insert(day),
            Claim::Pet(..) => _ = self.speakers[now].pet.get_or_insert(claim),
            Claim::Age(..) => _ = self.speakers[now].age.get_or_insert(claim),
            Claim::Name(name) => _ = self.speakers[now].name.get_or_insert(name),
            claim if claim.is_of_persona() && self.speakers[now].fits_somebody(world, claim) => {
                self.speakers[now].claims.push(claim);
            }
            _ => {}
        }
    }
}

impl Speaker {
    /// Whether the speaker can be somebody of whom this is true: the one whose name they bear or, as long as that is
    /// not known, anybody whom their earlier claims fit.
    fn fits_somebody(&self, world: &World, claim: Claim) -> bool {
        match self.name {
            Some(name) => claim.is_true_of(world, world.person(name)),
            None => world.people.iter().any(|person| {
                let holds = |claim: &Claim| claim.is_true_of(world, person);
                holds(&claim) && self.claims.iter().all(holds)
            }),
        }
    }
}
