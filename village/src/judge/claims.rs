//! What a statement commits its speaker to.

use smallvec::SmallVec;

use super::understand::{Act, Sentence};
use crate::lexicon::{Word, w};
use crate::talk::acts::Ask;
use crate::world::{Person, World};

/// Something that can be true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Who the speaker is, and where they come from, what they do and what they like.
    Name(Word),
    Town(Word),
    Job(Word),
    Food(Word),
    /// What the relative is to the speaker, and their name.
    Kin(Word, Word),
    /// Colour and animal.
    Pet(Word, Word),
    /// Tens and unit.
    Age(Word, Word),
    /// The name of the other speaker.
    Other(Word),
    /// Where and when the two will meet.
    Place(Word),
    Day(Word),
    /// Makers and product.
    Makes(Word, Word),
    /// A verb and its object.
    Handles(Word, Word),
    /// Who, and `is` or `are`.
    Number(Word, Word),
    /// The result of a calculation.
    Result(Word),
}

/// The claims of one sentence.
pub(super) type Claims = SmallVec<[Claim; 4]>;

impl Sentence {
    /// What the sentence claims: slot by slot, whatever statement the slots are part of. Questions claim nothing.
    pub(super) fn claims(&self) -> Claims {
        if let Act::Ask(_) = self.act {
            return Claims::new();
        }
        let slots = self.slots.iter();
        slots
            .filter_map(|&(letter, word)| self.claim(letter, word))
            .collect()
    }

    fn claim(&self, letter: char, word: Word) -> Option<Claim> {
        let with = |letter, claim: fn(Word, Word) -> Claim| Some(claim(self.slot(letter)?, word));
        match letter {
            'n' => Some(Claim::Name(word)),
            't' => Some(Claim::Town(word)),
            'j' => Some(Claim::Job(word)),
            'f' => Some(Claim::Food(word)),
            'i' => with('k', Claim::Kin),
            'a' => with('c', Claim::Pet),
            'y' => with('x', Claim::Age),
            'g' => Some(Claim::Other(word)),
            'l' => Some(Claim::Place(word)),
            'd' => Some(Claim::Day(word)),
            'p' => with('m', Claim::Makes),
            'h' | 'e' | 'w' => with('v', Claim::Handles),
            'V' => with('A', Claim::Number),
            'r' => Some(Claim::Result(word)),
            _ => None,
        }
    }
}

impl Claim {
    /// Whether it is one of those that the world decides once the speaker is known.
    pub(super) fn is_of_persona(self) -> bool {
        use Claim::{Food, Job, Kin, Name, Town};
        matches!(self, Name(_) | Town(_) | Job(_) | Food(_) | Kin(..))
    }

    /// Whether it is what a question asks for.
    pub(super) fn is_about(self, ask: Ask) -> bool {
        matches!(
            (ask, self),
            (Ask::Town | Ask::IsFrom, Claim::Town(_))
                | (Ask::Job, Claim::Job(_))
                | (Ask::Food, Claim::Food(_))
                | (Ask::Family, Claim::Kin(..))
                | (Ask::Pet, Claim::Pet(..))
                | (Ask::Age, Claim::Age(..))
                | (Ask::Name, Claim::Name(_))
                | (Ask::Meet | Ask::MeetWhere, Claim::Place(_))
                | (Ask::Meet | Ask::MeetWhen, Claim::Day(_))
                | (Ask::Maker, Claim::Makes(..))
                | (Ask::Sum | Ask::Less, Claim::Result(_))
        )
    }

    /// Whether it is true if this person says it. What the person does not decide is not held against them.
    pub(super) fn is_true_of(self, world: &World, person: &Person) -> bool {
        match self {
            Claim::Name(name) => name == person.name,
            Claim::Town(town) => town == world.towns[person.town].name,
            Claim::Job(job) => job == world.jobs[person.job].one,
            Claim::Food(food) => food == person.food,
            Claim::Kin(kin, name) => (kin, name) == person.kin,
            _ => true,
        }
    }

    /// Whether the world allows it, whoever says it.
    pub(super) fn is_possible(self, world: &World) -> bool {
        match self {
            Claim::Makes(makers, product) => world
                .jobs
                .iter()
                .any(|job| job.many == makers && job.product == product),
            Claim::Handles(verb, object) => world
                .classes
                .iter()
                .any(|class| class.base.prob(verb) > 0.0 && class.one.prob(object) > 0.0),
            Claim::Number(being, verb) if verb == w!("is") => world.beings.prob(being) > 0.0,
            Claim::Number(being, _) => world.beings_many.prob(being) > 0.0,
            _ => true,
        }
    }
}
