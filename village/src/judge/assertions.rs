//! What a statement commits its speaker to.

use smallvec::SmallVec;

use super::parser::{Act, Sentence};
use crate::dialogue::acts::Question;
use crate::lexicon::{Word, w};
use crate::world::{Person, World};

/// Something that can be true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
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
pub(super) type Assertions = SmallVec<[Assertion; 4]>;

impl Sentence {
    /// What the sentence claims: slot by slot, whatever statement the slots are part of. Questions claim nothing.
    pub(super) fn assertions(&self) -> Assertions {
        if let Act::Question(_) = self.act {
            return Assertions::new();
        }
        let slots = self.slots.iter();
        slots
            .filter_map(|&(letter, word)| self.assertion(letter, word))
            .collect()
    }

    fn assertion(&self, letter: char, word: Word) -> Option<Assertion> {
        let with = |letter, assertion: fn(Word, Word) -> Assertion| {
            Some(assertion(self.slot(letter)?, word))
        };
        match letter {
            'n' => Some(Assertion::Name(word)),
            't' => Some(Assertion::Town(word)),
            'j' => Some(Assertion::Job(word)),
            'f' => Some(Assertion::Food(word)),
            'i' => with('k', Assertion::Kin),
            'a' => with('c', Assertion::Pet),
            'y' => with('x', Assertion::Age),
            'g' => Some(Assertion::Other(word)),
            'l' => Some(Assertion::Place(word)),
            'd' => Some(Assertion::Day(word)),
            'p' => with('m', Assertion::Makes),
            'h' | 'e' | 'w' => with('v', Assertion::Handles),
            'V' => with('A', Assertion::Number),
            'r' => Some(Assertion::Result(word)),
            _ => None,
        }
    }
}

impl Assertion {
    /// Whether it is one of those that the world decides once the speaker is known.
    pub(super) fn is_persona_fact(self) -> bool {
        use Assertion::{Food, Job, Kin, Name, Town};
        matches!(self, Name(_) | Town(_) | Job(_) | Food(_) | Kin(..))
    }

    /// Whether it is what a question asks for.
    pub(super) fn answers(self, question: Question) -> bool {
        matches!(
            (question, self),
            (Question::Town | Question::IsFrom, Assertion::Town(_))
                | (Question::Job, Assertion::Job(_))
                | (Question::Food, Assertion::Food(_))
                | (Question::Family, Assertion::Kin(..))
                | (Question::Pet, Assertion::Pet(..))
                | (Question::Age, Assertion::Age(..))
                | (Question::Name, Assertion::Name(_))
                | (Question::Meet | Question::MeetWhere, Assertion::Place(_))
                | (Question::Meet | Question::MeetWhen, Assertion::Day(_))
                | (Question::Maker, Assertion::Makes(..))
                | (Question::Sum | Question::Less, Assertion::Result(_))
        )
    }

    /// Whether it is true if this person says it. What the person does not decide is not held against them.
    pub(super) fn is_true_of(self, world: &World, person: &Person) -> bool {
        match self {
            Assertion::Name(name) => name == person.name,
            Assertion::Town(town) => town == world.towns[person.town].name,
            Assertion::Job(job) => job == world.jobs[person.job].singular,
            Assertion::Food(food) => food == person.food,
            Assertion::Kin(kin, name) => (kin, name) == person.kin,
            _ => true,
        }
    }

    /// Whether the world allows it, whoever says it.
    pub(super) fn is_possible(self, world: &World) -> bool {
        match self {
            Assertion::Makes(makers, product) => world
                .jobs
                .iter()
                .any(|job| job.plural == makers && job.product == product),
            Assertion::Handles(verb, object) => world
                .classes
                .iter()
                .any(|class| class.base.prob(verb) > 0.0 && class.singular.prob(object) > 0.0),
            Assertion::Number(being, verb) if verb == w!("is") => {
                world.beings_singular.prob(being) > 0.0
            }
            Assertion::Number(being, _) => world.beings_plural.prob(being) > 0.0,
            _ => true,
        }
    }
}
