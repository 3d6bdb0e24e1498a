//! Stories about two people, two things and three facts.
//!
//! A story refers to the same few people, things and facts at all distances. Its sentences depend only on its state,
//! and every change of the state is stated in words.

mod actions;
mod arithmetic;
mod opening;
mod sentences;

use crate::choices::{ChoiceResult, ChoiceSource, Distribution};
use crate::lexicon::{Word, w};
use crate::phenomenon::Phenomenon;
use crate::settings::Settings;
use crate::world::{Gender, World};

pub(crate) use arithmetic::operands;
pub(crate) use opening::OPENINGS;

/// The state of a story.
#[derive(Debug, Clone)]
pub(crate) struct Story<'w> {
    world: &'w World,
    settings: &'w Settings,
    people: [Character; 2],
    things: [Thing; 2],
    facts: Option<Facts>,
    /// The person mentioned last, to whom `she` or `he` refers.
    last_mentioned: usize,
    /// Which facts may be recalled in the current sentence.
    due: [bool; 3],
    /// Number of sentences so far; it serves as a clock.
    line: usize,
}

/// One of the two people.
#[derive(Debug, Clone, Copy)]
struct Character {
    name: Word,
    gender: Gender,
    place: Word,
    /// When they arrived at their place.
    moved_at: usize,
    /// Position of the last mention.
    mentioned_at: usize,
}

/// One of the two things.
#[derive(Debug, Clone, Copy)]
struct Thing {
    noun: Word,
    colour: Word,
    place: Place,
    moved_at: usize,
    mentioned_at: usize,
}

/// The place of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    With(usize),
    At(Word),
}

/// Facts stated once near the beginning, to be recalled later.
#[derive(Debug, Clone, Copy)]
struct Facts {
    password: [Word; 2],
    house: [Word; 2],
    friend: Word,
    /// Position of the last mention of each.
    mentioned_at: [usize; 3],
}

/// Number of sentences that must pass before the story states a changed place again.
const SETTLED: usize = 2;

impl<'w> Story<'w> {
    /// Generates the story to its end.
    pub(crate) fn generate(mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        while self.sentence(choices)? {
            self.line += 1;
        }
        Ok(())
    }

    /// The phenomenon that predicts another mention: it depends on the distance.
    fn repeat_or_recall(&self, choices: &impl ChoiceSource, mentioned_at: usize) -> Phenomenon {
        match choices.position() - mentioned_at >= self.settings.recall_from {
            true => Phenomenon::Recall,
            false => Phenomenon::Repeat,
        }
    }

    /// Mentions a person whose name is certain.
    fn name(&mut self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        let phenomenon = self.repeat_or_recall(choices, self.people[person].mentioned_at);
        choices.emit(self.people[person].name, phenomenon)?;
        self.mark_mentioned(choices, person);
        Ok(())
    }

    /// Records a mention of a person, to whom the next `she` or `he` refers.
    fn mark_mentioned(&mut self, choices: &impl ChoiceSource, person: usize) {
        self.people[person].mentioned_at = choices.position();
        self.last_mentioned = person;
    }

    /// Mentions one of two people by name. Returns which.
    fn choose_person(
        &mut self,
        choices: &mut impl ChoiceSource,
        weights: [f64; 2],
    ) -> ChoiceResult<usize> {
        let [a, b] = self.people;
        let distribution = Distribution::new()
            .word(a.name, weights[0])
            .word(b.name, weights[1]);
        // The last mentions of both are never far back.
        let name = choices.choose_or_emit(&distribution, Phenomenon::Repeat)?;
        let person = usize::from(name == b.name);
        self.mark_mentioned(choices, person);
        Ok(person)
    }

    /// The noun or the colour of one of the things, after `the`.
    fn thing_distribution(&self, allowed: [bool; 2]) -> Distribution<'w> {
        let mut distribution = Distribution::new();
        for (thing, _) in self
            .things
            .iter()
            .zip(allowed)
            .filter(|(_, allowed)| *allowed)
        {
            distribution = distribution.word(thing.noun, 0.5).word(thing.colour, 0.5);
        }
        distribution
    }

    /// Emits the noun if `word` is the colour. Returns which thing it is.
    fn complete_thing(
        &mut self,
        choices: &mut impl ChoiceSource,
        word: Word,
    ) -> ChoiceResult<usize> {
        let is = |thing: &Thing| word == thing.noun || word == thing.colour;
        let which = usize::from(!is(&self.things[0]));
        if word == self.things[which].colour {
            let phenomenon = self.repeat_or_recall(choices, self.things[which].mentioned_at);
            choices.emit(self.things[which].noun, phenomenon)?;
        }
        self.things[which].mentioned_at = choices.position();
        Ok(which)
    }

    fn pronoun(&self, person: usize) -> Word {
        match self.people[person].gender {
            Gender::Female => w!("she"),
            Gender::Male => w!("he"),
        }
    }

    fn possessive(&self, person: usize) -> Word {
        match self.people[person].gender {
            Gender::Female => w!("her"),
            Gender::Male => w!("his"),
        }
    }
}

/// Ends a sentence and its line.
fn full_stop(choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
    choices.emit_all(crate::lexicon::words!(". <eos>"))
}
