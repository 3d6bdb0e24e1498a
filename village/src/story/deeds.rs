//! Sentences about what one of the two people does.

use super::{Place, Story, full_stop};
use crate::lexicon::{Word, w, words};
use crate::pen::{Menu, Pen, Template, Told, slot};
use crate::phenomenon::Phenomenon::{Agreement, Class, Free, Local, Recall, State, World as Known};
use crate::world::Role;

/// What a person can do: how it begins, and what it is told for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Go,
    Give,
    Leave,
    Take,
    Whisper,
    GoHome,
    Ask,
    Find,
    FindSome,
    Do,
    Lose,
    Count,
    CountOn,
    Add,
    Feel,
    Miss,
    Write,
    Dream,
}

const DEEDS: [(Deed, Template); 18] = [
    (Deed::Go, words!("went to the")),
    (Deed::Give, words!("gave the")),
    (Deed::Leave, words!("left the")),
    (Deed::Take, words!("took the")),
    (Deed::Whisper, words!("whispered")),
    (Deed::GoHome, words!("thought of number")),
    (Deed::Ask, words!("asked about")),
    (Deed::Find, words!("found a {t}")),
    (Deed::FindSome, words!("found some {s}")),
    (Deed::Do, words!("{v} a")),
    (Deed::Lose, words!(", who {d}")),
    (Deed::Count, words!("counted :")),
    (Deed::CountOn, words!("counted on by")),
    (Deed::Add, words!("added")),
    (Deed::Feel, words!("felt {f} .")),
    (Deed::Miss, words!("missed")),
    (Deed::Write, words!("wrote to")),
    (Deed::Dream, words!("dreamt of")),
];

impl<'w> Story<'w> {
    /// How likely a sentence is about a person, beside the weights of other sentences.
    pub(super) fn deeds_weight(&self) -> f64 {
        let of = |person| {
            DEEDS
                .iter()
                .map(|&(deed, _)| self.weight(deed, person))
                .sum::<f64>()
        };
        f64::midpoint(of(0), of(1))
    }

    fn weight(&self, deed: Deed, person: usize) -> f64 {
        let shares = &self.settings.shares;
        let holds = self.held_by(person) != [false; 2];
        let finds = self
            .things
            .iter()
            .any(|thing| thing.place == Place::At(self.people[person].place));
        let when = |possible: bool, weight: f64| if possible { weight } else { 0.0 };
        let together = self.people[0].place == self.people[1].place;
        match deed {
            Deed::Go => 0.4 * shares.state,
            Deed::Give => when(holds && together, 0.6 * shares.state),
            Deed::Leave => when(holds, 0.2 * shares.state),
            Deed::Take => when(finds, 0.4 * shares.state),
            Deed::Whisper => when(self.due[0], 0.4 * shares.recall),
            Deed::GoHome => when(self.due[1], 0.4 * shares.recall),
            Deed::Ask => when(self.due[2], 0.2 * shares.recall),
            Deed::Find => 0.06 * shares.class,
            Deed::FindSome => 0.06 * shares.class,
            Deed::Do => 0.88 * shares.class,
            Deed::Lose => 0.15 * shares.agreement,
            Deed::Count => 0.25 * shares.sum,
            Deed::CountOn => 0.6 * shares.sum,
            Deed::Add => 0.15 * shares.sum,
            Deed::Feel => 0.5 * shares.free,
            Deed::Miss | Deed::Write | Deed::Dream => 0.25 * shares.world,
        }
    }

    /// Which facts were said long enough ago, and not too long.
    pub(super) fn facts_due(&self, pen: &impl Pen) -> [bool; 3] {
        /// More than there is between the beginning of a sentence and the fact in it.
        const MARGIN: usize = 10;
        let due = self.settings.recall_from..self.settings.recall_to - MARGIN;
        let is_due = |said| due.contains(&(pen.written() - said));
        self.facts
            .map_or([false; 3], |facts| facts.said.map(is_due))
    }

    fn held_by(&self, person: usize) -> [bool; 2] {
        self.things.map(|thing| thing.place == Place::With(person))
    }

    /// A name or `she` or `he`, as a menu.
    pub(super) fn subject_menu(&self) -> Menu<'w> {
        let [a, b] = self.people;
        Menu::new()
            .word(a.name, 0.4)
            .word(b.name, 0.4)
            .word(self.pronoun(self.last), 0.2)
    }

    /// The rest of the sentence after its subject.
    pub(super) fn deed(&mut self, pen: &mut impl Pen, subject: Word) -> Told<()> {
        let named = self.people.iter().position(|person| person.name == subject);
        let person = named.unwrap_or(self.last);
        if named.is_some() {
            self.mention(pen, person);
        }
        let templates = DEEDS.map(|(deed, template)| (template, self.weight(deed, person)));
        let world = self.world;
        // Something else than the two things of the story.
        let nouns = self.things.map(|thing| thing.noun);
        let anything = Menu::new().table_except(&world.anything, 1.0, &nouns);
        let (index, slots) = pen.frame(&templates, Free, &|letter, _| match letter {
            't' => (anything.clone(), Free),
            's' => (Menu::class(&world.any_things), Free),
            'v' => (Menu::class(&world.did), Free),
            'd' => (Menu::class(&world.activity.past), Free),
            _ => (Menu::class(&world.feelings), Free),
        })?;
        match DEEDS[index].0 {
            Deed::Go => self.go(pen, person),
            Deed::Give => self.give(pen, person),
            Deed::Leave => self.leave(pen, person),
            Deed::Take => self.take(pen, person),
            Deed::Whisper => self.recall(pen, 0),
            Deed::GoHome => self.recall(pen, 1),
            Deed::Ask => self.recall(pen, 2),
            Deed::Find => self.use_it(pen, slot(&slots, 't'), w!("it")),
            Deed::FindSome => self.use_it(pen, slot(&slots, 's'), w!("them")),
            Deed::Do => self.use_a(pen, slot(&slots, 'v')),
            Deed::Lose => self.lose(pen, person),
            Deed::Count => self.count_aloud(pen),
            Deed::CountOn => self.count_on(pen),
            Deed::Add => self.count_silently(pen),
            Deed::Feel => pen.say(words!("<eos>")),
            Deed::Miss => self.known(pen, person, Deed::Miss),
            Deed::Write => self.known(pen, person, Deed::Write),
            Deed::Dream => self.known(pen, person, Deed::Dream),
        }
    }

    fn go(&mut self, pen: &mut impl Pen, person: usize) -> Told<()> {
        let (here, there) = (self.people[person].place, self.people[1 - person].place);
        let mut menu = Menu::new().table_except(&self.world.places, 0.6, &[here]);
        if there != here {
            menu = menu.word(there, 0.2);
        }
        for thing in &self.things {
            if let Place::At(place) = thing.place
                && place != here
            {
                menu = menu.word(place, 0.1);
            }
        }
        self.people[person].place = pen.pick(&menu, Free)?;
        self.people[person].since = self.line;
        full_stop(pen)
    }

    fn give(&mut self, pen: &mut impl Pen, person: usize) -> Told<()> {
        let held = self.held_by(person);
        let thing = self.thing_known_by_state(pen, held)?;
        pen.say(words!("to"))?;
        self.name(pen, 1 - person)?;
        self.things[thing].place = Place::With(1 - person);
        self.things[thing].since = self.line;
        full_stop(pen)
    }

    fn leave(&mut self, pen: &mut impl Pen, person: usize) -> Told<()> {
        let held = self.held_by(person);
        let thing = self.thing_known_by_state(pen, held)?;
        pen.say(words!("at the"))?;
        pen.must(self.people[person].place, State)?;
        self.things[thing].place = Place::At(self.people[person].place);
        self.things[thing].since = self.line;
        full_stop(pen)
    }

    fn take(&mut self, pen: &mut impl Pen, person: usize) -> Told<()> {
        let here = Place::At(self.people[person].place);
        let thing = self.thing_known_by_state(pen, self.things.map(|thing| thing.place == here))?;
        self.things[thing].place = Place::With(person);
        self.things[thing].since = self.line;
        full_stop(pen)
    }

    /// A thing, where what has happened tells which.
    fn thing_known_by_state(&mut self, pen: &mut impl Pen, allowed: [bool; 2]) -> Told<usize> {
        let word = pen.pick(&self.thing_menu(allowed), State)?;
        self.rest_of_thing(pen, word)
    }

    /// One of the facts, word by word.
    fn recall(&mut self, pen: &mut impl Pen, fact: usize) -> Told<()> {
        let facts = self
            .facts
            .as_mut()
            .expect("only facts that are there are due");
        match fact {
            0 => facts
                .password
                .iter()
                .try_for_each(|&word| pen.must(word, Recall))?,
            1 => facts
                .house
                .iter()
                .try_for_each(|&word| pen.must(word, Recall))?,
            _ => pen.must(facts.friend, Recall)?,
        }
        facts.said[fact] = pen.written();
        full_stop(pen)
    }

    /// `. she peeled it and ate it .` What is done with a thing depends on its class.
    fn use_it(&mut self, pen: &mut impl Pen, thing: Word, pronoun: Word) -> Told<()> {
        let (Role::Thing(class) | Role::Things(class)) = self.world.role(thing) else {
            panic!("{} is not a thing", self.world.text(thing));
        };
        pen.must(w!("."), Local)?;
        pen.must(self.pronoun(self.last), Agreement)?;
        let verbs = &self.world.classes[class].past;
        let first = pen.pick(&Menu::class(verbs), Class)?;
        pen.must(pronoun, Local)?;
        let menu = Menu::new().word(w!("and"), 0.7).word(w!("."), 0.3);
        if pen.pick(&menu, Free)? == w!(".") {
            return pen.say(words!("<eos>"));
        }
        pen.pick(&Menu::new().table_except(verbs, 1.0, &[first]), Class)?;
        pen.must(pronoun, Local)?;
        full_stop(pen)
    }

    /// `a leek , a plum and a bean . she cooked them .` What something can be done with depends on what is done.
    fn use_a(&mut self, pen: &mut impl Pen, verb: Word) -> Told<()> {
        let Role::Did(class) = self.world.role(verb) else {
            panic!("{} is not a verb of a class", self.world.text(verb));
        };
        let class = &self.world.classes[class];
        let mut last = pen.pick(&Menu::class(&class.one), Class)?;
        let menu = Menu::new().word(w!(","), 0.85).word(w!("and"), 0.15);
        if pen.pick(&menu, Free)? == w!(",") {
            pen.must(w!("a"), Local)?;
            last = pen.pick(&Menu::new().table_except(&class.one, 1.0, &[last]), Class)?;
            pen.must(w!("and"), Local)?;
        }
        pen.must(w!("a"), Local)?;
        pen.pick(&Menu::new().table_except(&class.one, 1.0, &[last]), Class)?;
        pen.must(w!("."), Local)?;
        pen.must(self.pronoun(self.last), Agreement)?;
        pen.pick(&Menu::new().table_except(&class.past, 1.0, &[verb]), Class)?;
        pen.must(w!("them"), Agreement)?;
        full_stop(pen)
    }

    /// `near the old mill , lost her lamp .` The name decides over her and his.
    fn lose(&mut self, pen: &mut impl Pen, person: usize) -> Told<()> {
        self.whereabouts(pen)?;
        pen.say(words!(", lost"))?;
        pen.must(self.possessive(person), Agreement)?;
        let nouns = self.things.map(|thing| thing.noun);
        let menu = Menu::new().table_except(&self.world.portable, 1.0, &nouns);
        pen.pick(&menu, Free)?;
        full_stop(pen)
    }

    /// What is always true of a person.
    fn known(&mut self, pen: &mut impl Pen, person: usize, deed: Deed) -> Told<()> {
        let about = *self.world.person(self.people[person].name);
        match deed {
            Deed::Miss => pen.must(self.world.towns[about.town].name, Known)?,
            Deed::Dream => pen.must(about.food, Known)?,
            _ => {
                pen.must(self.possessive(person), Known)?;
                pen.must(about.kin.0, Known)?;
                pen.must(about.kin.1, Known)?;
            }
        }
        full_stop(pen)
    }
}
