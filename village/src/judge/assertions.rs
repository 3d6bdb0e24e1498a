//! What a sentence asserts.

use smallvec::SmallVec;

use super::parser::{Act, Sentence};
use crate::dialogue::acts::Question;
use crate::lexicon::{Word, w};
use crate::world::{Person, World};

/// A proposition that is true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
    /// Name, town, job and favourite food of the speaker.
    Name(Word),
    Town(Word),
    Job(Word),
    Food(Word),
    /// Kinship term and name of the speaker's relative.
    Kin(Word, Word),
    /// Colour and animal.
    Pet(Word, Word),
    /// Tens and unit.
    Age(Word, Word),
    /// The name of the other speaker.
    Other(Word),
    /// Place and day of the meeting.
    Place(Word),
    Day(Word),
    /// Makers and product.
    Makes(Word, Word),
    /// A verb and its object.
    Handles(Word, Word),
    /// A subject, and `is` or `are`.
    Number(Word, Word),
    /// The result of a calculation.
    Result(Word),
}

/// The assertions of one sentence.
pub(super) type Assertions = SmallVec<[Assertion; 4]>;

impl Sentence {
    /// The assertions of the sentence. They are read off its slots, independent of the statement; questions assert
    /// nothing.
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
    /// Whether the world decides it once the speaker is known.
    pub(super) fn is_persona_fact(self) -> bool {
        use Assertion::{Food, Job, Kin, Name, Town};
        matches!(self, Name(_) | Town(_) | Job(_) | Food(_) | Kin(..))
    }

    /// Whether it answers a question.
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

    /// Whether it is true if this person says it. Assertions that the persona does not decide count as true.
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

    /// Whether it is consistent with the world, whoever says it.
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
