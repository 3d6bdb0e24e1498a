//! Sentences about an action of one of the two people.

use super::{Place, Story, full_stop};
use crate::choices::{ChoiceResult, ChoiceSource, Distribution, Template, slot};
use crate::lexicon::{Word, w, words};
use crate::phenomenon::Phenomenon::{
    Agreement, Class, Free, Local, Recall, State, World as WorldFact,
};
use crate::world::Role;

/// An action; the constant [`ACTIONS`] has its first words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Go,
    Give,
    Leave,
    Take,
    Whisper,
    ThinkOfHouse,
    AskAbout,
    Find,
    FindSome,
    UseThings,
    Lose,
    Count,
    CountOn,
    Add,
    Feel,
    Miss,
    Write,
    Dream,
}

const ACTIONS: [(Action, Template); 18] = [
    (Action::Go, words!("went to the")),
    (Action::Give, words!("gave the")),
    (Action::Leave, words!("left the")),
    (Action::Take, words!("took the")),
    (Action::Whisper, words!("whispered")),
    (Action::ThinkOfHouse, words!("thought of number")),
    (Action::AskAbout, words!("asked about")),
    (Action::Find, words!("found a {t}")),
    (Action::FindSome, words!("found some {s}")),
    (Action::UseThings, words!("{v} a")),
    (Action::Lose, words!(", who {d}")),
    (Action::Count, words!("counted :")),
    (Action::CountOn, words!("counted on by")),
    (Action::Add, words!("added")),
    (Action::Feel, words!("felt {f} .")),
    (Action::Miss, words!("missed")),
    (Action::Write, words!("wrote to")),
    (Action::Dream, words!("dreamt of")),
];

impl<'w> Story<'w> {
    /// The weight of sentences about an action, relative to other sentences.
    pub(super) fn actions_weight(&self) -> f64 {
        let of = |person| {
            ACTIONS
                .iter()
                .map(|&(action, _)| self.weight(action, person))
                .sum::<f64>()
        };
        f64::midpoint(of(0), of(1))
    }

    fn weight(&self, action: Action, person: usize) -> f64 {
        let shares = &self.settings.shares;
        let holds = self.held_by(person) != [false; 2];
        let finds = self
            .things
            .iter()
            .any(|thing| thing.place == Place::At(self.people[person].place));
        let when = |possible: bool, weight: f64| if possible { weight } else { 0.0 };
        let together = self.people[0].place == self.people[1].place;
        match action {
            Action::Go => 0.4 * shares.state,
            Action::Give => when(holds && together, 0.6 * shares.state),
            Action::Leave => when(holds, 0.2 * shares.state),
            Action::Take => when(finds, 0.4 * shares.state),
            Action::Whisper => when(self.due[0], 0.4 * shares.recall),
            Action::ThinkOfHouse => when(self.due[1], 0.4 * shares.recall),
            Action::AskAbout => when(self.due[2], 0.2 * shares.recall),
            Action::Find => 0.06 * shares.class,
            Action::FindSome => 0.06 * shares.class,
            Action::UseThings => 0.88 * shares.class,
            Action::Lose => 0.15 * shares.agreement,
            Action::Count => 0.25 * shares.sum,
            Action::CountOn => 0.6 * shares.sum,
            Action::Add => 0.15 * shares.sum,
            Action::Feel => 0.5 * shares.free,
            Action::Miss | Action::Write | Action::Dream => 0.25 * shares.world,
        }
    }

    /// Which facts are within the distance of a recall.
    pub(super) fn facts_due(&self, choices: &impl ChoiceSource) -> [bool; 3] {
        /// Upper bound on the words between the start of a sentence and the fact in it.
        const MARGIN: usize = 10;
        let due = self.settings.recall_from..self.settings.recall_to - MARGIN;
        let is_due = |mentioned_at| due.contains(&(choices.position() - mentioned_at));
        self.facts
            .map_or([false; 3], |facts| facts.mentioned_at.map(is_due))
    }

    fn held_by(&self, person: usize) -> [bool; 2] {
        self.things.map(|thing| thing.place == Place::With(person))
    }

    /// The subject of a sentence: a name, `she` or `he`.
    pub(super) fn subject_distribution(&self) -> Distribution<'w> {
        let [a, b] = self.people;
        Distribution::new()
            .word(a.name, 0.4)
            .word(b.name, 0.4)
            .word(self.pronoun(self.last_mentioned), 0.2)
    }

    /// Generates the sentence after its subject.
    pub(super) fn action(
        &mut self,
        choices: &mut impl ChoiceSource,
        subject: Word,
    ) -> ChoiceResult<()> {
        let named = self.people.iter().position(|person| person.name == subject);
        let person = named.unwrap_or(self.last_mentioned);
        if named.is_some() {
            self.mark_mentioned(choices, person);
        }
        let templates = ACTIONS.map(|(action, template)| (template, self.weight(action, person)));
        let world = self.world;
        // The two things of the story are excluded.
        let nouns = self.things.map(|thing| thing.noun);
        let other_things = Distribution::class_except(&world.things_singular, &nouns);
        let (index, slots) =
            choices.choose_template(&templates, Free, &|letter, _| match letter {
                't' => (other_things.clone(), Free),
                's' => (Distribution::class(&world.things_plural), Free),
                'v' => (Distribution::class(&world.verbs_past), Free),
                'd' => (Distribution::class(&world.activity.past), Free),
                _ => (Distribution::class(&world.feelings), Free),
            })?;
        match ACTIONS[index].0 {
            Action::Go => self.go(choices, person),
            Action::Give => self.give(choices, person),
            Action::Leave => self.leave(choices, person),
            Action::Take => self.take(choices, person),
            Action::Whisper => self.recall(choices, 0),
            Action::ThinkOfHouse => self.recall(choices, 1),
            Action::AskAbout => self.recall(choices, 2),
            Action::Find => self.use_found_thing(choices, slot(&slots, 't'), w!("it")),
            Action::FindSome => self.use_found_thing(choices, slot(&slots, 's'), w!("them")),
            Action::UseThings => self.use_things(choices, slot(&slots, 'v')),
            Action::Lose => self.lose(choices, person),
            Action::Count => self.count_aloud(choices),
            Action::CountOn => self.count_on(choices),
            Action::Add => self.add_up(choices),
            Action::Feel => choices.emit_all(words!("<eos>")),
            Action::Miss => self.persona_fact(choices, person, Action::Miss),
            Action::Write => self.persona_fact(choices, person, Action::Write),
            Action::Dream => self.persona_fact(choices, person, Action::Dream),
        }
    }

    fn go(&mut self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        let (here, there) = (self.people[person].place, self.people[1 - person].place);
        let mut distribution =
            Distribution::new().table_except(&self.world.places_singular, 0.6, &[here]);
        if there != here {
            distribution = distribution.word(there, 0.2);
        }
        for thing in &self.things {
            if let Place::At(place) = thing.place
                && place != here
            {
                distribution = distribution.word(place, 0.1);
            }
        }
        self.people[person].place = choices.choose(&distribution, Free)?;
        self.people[person].moved_at = self.line;
        full_stop(choices)
    }

    fn give(&mut self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        let held = self.held_by(person);
        let thing = self.thing_known_by_state(choices, held)?;
        choices.emit_all(words!("to"))?;
        self.name(choices, 1 - person)?;
        self.things[thing].place = Place::With(1 - person);
        self.things[thing].moved_at = self.line;
        full_stop(choices)
    }

    fn leave(&mut self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        let held = self.held_by(person);
        let thing = self.thing_known_by_state(choices, held)?;
        choices.emit_all(words!("at the"))?;
        choices.emit(self.people[person].place, State)?;
        self.things[thing].place = Place::At(self.people[person].place);
        self.things[thing].moved_at = self.line;
        full_stop(choices)
    }

    fn take(&mut self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        let here = Place::At(self.people[person].place);
        let thing =
            self.thing_known_by_state(choices, self.things.map(|thing| thing.place == here))?;
        self.things[thing].place = Place::With(person);
        self.things[thing].moved_at = self.line;
        full_stop(choices)
    }

    /// A thing that the current state determines.
    fn thing_known_by_state(
        &mut self,
        choices: &mut impl ChoiceSource,
        allowed: [bool; 2],
    ) -> ChoiceResult<usize> {
        let word = choices.choose(&self.thing_distribution(allowed), State)?;
        self.complete_thing(choices, word)
    }

    /// Repeats a fact word by word.
    fn recall(&mut self, choices: &mut impl ChoiceSource, fact: usize) -> ChoiceResult<()> {
        let facts = self.facts.as_mut().expect("only existing facts are due");
        match fact {
            0 => facts
                .password
                .iter()
                .try_for_each(|&word| choices.emit(word, Recall))?,
            1 => facts
                .house
                .iter()
                .try_for_each(|&word| choices.emit(word, Recall))?,
            _ => choices.emit(facts.friend, Recall)?,
        }
        facts.mentioned_at[fact] = choices.position();
        full_stop(choices)
    }

    /// `. she peeled it and ate it .` The class of a thing decides what is done with it.
    fn use_found_thing(
        &mut self,
        choices: &mut impl ChoiceSource,
        thing: Word,
        pronoun: Word,
    ) -> ChoiceResult<()> {
        let (Role::ThingSingular(class) | Role::ThingPlural(class)) = self.world.role(thing) else {
            panic!("{} is not a thing", self.world.text(thing));
        };
        choices.emit(w!("."), Local)?;
        choices.emit(self.pronoun(self.last_mentioned), Agreement)?;
        let verbs = &self.world.classes[class].past;
        let first = choices.choose(&Distribution::class(verbs), Class)?;
        choices.emit(pronoun, Local)?;
        let distribution = Distribution::new().word(w!("and"), 0.7).word(w!("."), 0.3);
        if choices.choose(&distribution, Free)? == w!(".") {
            return choices.emit_all(words!("<eos>"));
        }
        choices.choose(&Distribution::class_except(verbs, &[first]), Class)?;
        choices.emit(pronoun, Local)?;
        full_stop(choices)
    }

    /// `a leek , a plum and a bean . she cooked them .` The verb decides the class of its objects.
    fn use_things(&mut self, choices: &mut impl ChoiceSource, verb: Word) -> ChoiceResult<()> {
        let Role::VerbPast(class) = self.world.role(verb) else {
            panic!("{} is not a verb of a class", self.world.text(verb));
        };
        let class = &self.world.classes[class];
        let mut last = choices.choose(&Distribution::class(&class.singular), Class)?;
        let distribution = Distribution::new()
            .word(w!(","), 0.85)
            .word(w!("and"), 0.15);
        if choices.choose(&distribution, Free)? == w!(",") {
            choices.emit(w!("a"), Local)?;
            last = choices.choose(&Distribution::class_except(&class.singular, &[last]), Class)?;
            choices.emit(w!("and"), Local)?;
        }
        choices.emit(w!("a"), Local)?;
        choices.choose(&Distribution::class_except(&class.singular, &[last]), Class)?;
        choices.emit(w!("."), Local)?;
        choices.emit(self.pronoun(self.last_mentioned), Agreement)?;
        choices.choose(&Distribution::class_except(&class.past, &[verb]), Class)?;
        choices.emit(w!("them"), Agreement)?;
        full_stop(choices)
    }

    /// `near the old mill , lost her lamp .` The name decides between her and his.
    fn lose(&mut self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        self.location_phrase(choices)?;
        choices.emit_all(words!(", lost"))?;
        choices.emit(self.possessive(person), Agreement)?;
        let nouns = self.things.map(|thing| thing.noun);
        let distribution = Distribution::class_except(&self.world.portable, &nouns);
        choices.choose(&distribution, Free)?;
        full_stop(choices)
    }

    /// A fact of the world about a person.
    fn persona_fact(
        &mut self,
        choices: &mut impl ChoiceSource,
        person: usize,
        action: Action,
    ) -> ChoiceResult<()> {
        let persona = *self.world.person(self.people[person].name);
        match action {
            Action::Miss => choices.emit(self.world.towns[persona.town].name, WorldFact)?,
            Action::Dream => choices.emit(persona.food, WorldFact)?,
            _ => {
                choices.emit(self.possessive(person), WorldFact)?;
                choices.emit(persona.kin.0, WorldFact)?;
                choices.emit(persona.kin.1, WorldFact)?;
            }
        }
        full_stop(choices)
    }
}
