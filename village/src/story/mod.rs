//! Stories: two people, two things, three facts, and what becomes of them.
//!
//! A story keeps coming back to the same few, at every distance. What it remembers is all that its sentences depend on,
//! and every sentence says in words what it changes.

mod deeds;
mod opening;
mod scenes;
mod sums;

use crate::lexicon::{Word, w};
use crate::pen::{Menu, Pen, Told};
use crate::phenomenon::Phenomenon;
use crate::settings::Settings;
use crate::world::{Gender, World};

pub(crate) use opening::OPENINGS;
pub(crate) use sums::sum_menu;

/// What a story remembers.
#[derive(Debug, Clone)]
pub(crate) struct Story<'w> {
    world: &'w World,
    settings: &'w Settings,
    people: [Actor; 2],
    things: [Thing; 2],
    facts: Option<Facts>,
    /// Who was named last; `she` or `he` is this one.
    last: usize,
    /// Which facts may be recalled in the sentence under way.
    due: [bool; 3],
    /// Sentences told so far: a clock.
    line: usize,
}

/// One of the two people.
#[derive(Debug, Clone, Copy)]
struct Actor {
    name: Word,
    gender: Gender,
    place: Word,
    /// When they came there.
    since: usize,
    /// Words written when they were last named.
    named: usize,
}

/// One of the two things.
#[derive(Debug, Clone, Copy)]
struct Thing {
    noun: Word,
    colour: Word,
    place: Place,
    since: usize,
    named: usize,
}

/// Where a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    With(usize),
    At(Word),
}

/// What is said once near the beginning, to be recalled.
#[derive(Debug, Clone, Copy)]
struct Facts {
    password: [Word; 2],
    house: [Word; 2],
    friend: Word,
    /// Words written when each was last said.
    said: [usize; 3],
}

/// Sentences that must pass before it is asked again where something is.
const SETTLED: usize = 2;

impl<'w> Story<'w> {
    /// Tells the story to its end.
    pub(crate) fn tell(mut self, pen: &mut impl Pen) -> Told<()> {
        while self.scene(pen)? {
            self.line += 1;
        }
        Ok(())
    }

    /// What it takes to say again what was said when `said` words were written.
    fn look_back(&self, pen: &impl Pen, said: usize) -> Phenomenon {
        match pen.written() - said >= self.settings.recall_from {
            true => Phenomenon::Recall,
            false => Phenomenon::Repeat,
        }
    }

    /// Names one of the people, who is certain.
    fn name(&mut self, pen: &mut impl Pen, person: usize) -> Told<()> {
        let needs = self.look_back(pen, self.people[person].named);
        pen.must(self.people[person].name, needs)?;
        self.mention(pen, person);
        Ok(())
    }

    /// Somebody has just been named, and is who `she` or `he` will be.
    fn mention(&mut self, pen: &impl Pen, person: usize) {
        self.people[person].named = pen.written();
        self.last = person;
    }

    /// Names one of several people; returns which.
    fn somebody(&mut self, pen: &mut impl Pen, weights: [f64; 2]) -> Told<usize> {
        let [a, b] = self.people;
        let menu = Menu::new()
            .word(a.name, weights[0])
            .word(b.name, weights[1]);
        // Both are never far back.
        let name = pen.pick_or_must(&menu, Phenomenon::Repeat)?;
        let person = usize::from(name == b.name);
        self.mention(pen, person);
        Ok(person)
    }

    /// The noun or the colour of one of the things, after `the`.
    fn thing_menu(&self, allowed: [bool; 2]) -> Menu<'w> {
        let mut menu = Menu::new();
        for (thing, _) in self
            .things
            .iter()
            .zip(allowed)
            .filter(|(_, allowed)| *allowed)
        {
            menu = menu.word(thing.noun, 0.5).word(thing.colour, 0.5);
        }
        menu
    }

    /// The noun, if `word` was the colour.
    fn rest_of_thing(&mut self, pen: &mut impl Pen, word: Word) -> Told<usize> {
        let is = |thing: &Thing| word == thing.noun || word == thing.colour;
        let which = usize::from(!is(&self.things[0]));
        if word == self.things[which].colour {
            let needs = self.look_back(pen, self.things[which].named);
            pen.must(self.things[which].noun, needs)?;
        }
        self.things[which].named = pen.written();
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

/// Ends a sentence, and with it the line.
fn full_stop(pen: &mut impl Pen) -> Told<()> {
    pen.say(crate::lexicon::words!(". <eos>"))
}
