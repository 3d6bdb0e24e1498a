//! The sentences of a story and its ending.

use super::{Place, SETTLED, Story, full_stop};
use crate::choices::{ChoiceResult, ChoiceSource, Distribution, Template, slot};
use crate::lexicon::{Word, w, words};
use crate::phenomenon::Phenomenon::{Agreement, Free, Local, Repeat, State, World as WorldFact};
use crate::world::Role;

/// Lines that never vary.
pub(crate) const FIXED_LINES: [Template; 16] = [
    words!("outside , the rain fell softly on the old roof . <eos>"),
    words!("outside , a cold wind blew over the hills . <eos>"),
    words!("far away , a bell rang in the tower . <eos>"),
    words!("far away , smoke rose from the valley . <eos>"),
    words!("slowly but surely , the sun climbed over the hills . <eos>"),
    words!("slowly but surely , the night came to an end . <eos>"),
    words!("once in a while , a cart rolled by . <eos>"),
    words!("once in a while , a star fell from the sky . <eos>"),
    words!("sooner or later , every river finds the sea . <eos>"),
    words!("by and by , the clouds went away . <eos>"),
    words!("by and by , the shadows grew longer . <eos>"),
    words!("all of a sudden , the lights went out . <eos>"),
    words!("all of a sudden , there was a knock at the door . <eos>"),
    words!("in the twinkling of an eye , it was gone . <eos>"),
    words!("there was bread and butter on the table . <eos>"),
    words!("high up in the sky , the moon was as bright as day . <eos>"),
];

/// The first words of the other sentences.
const SENTENCE_STARTS: [Template; 8] = [
    words!("{s}"),
    words!("the"),
    words!("now"),
    words!("yesterday"),
    words!("today"),
    words!("tomorrow"),
    words!("it was a {w} day . <eos>"),
    words!("everyone knew that {j} made"),
];

const CLOSING: Template = words!("at last :");

impl Story<'_> {
    /// Generates one sentence. Returns whether the story continues.
    pub(super) fn sentence(&mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<bool> {
        self.due = self.facts_due(choices);
        let shares = &self.settings.shares;
        let people_settled = self.people.map(|person| self.is_settled(person.moved_at));
        let things_settled = self.things.map(|thing| self.is_settled(thing.moved_at));
        let any =
            |settled: [bool; 2], weight: f64| if settled == [false; 2] { 0.0 } else { weight };
        let (things, beings) = (any(things_settled, 0.9 * shares.state), shares.agreement);
        let weights = [
            self.actions_weight(),
            things + beings,
            any(people_settled, 0.3 * shares.state),
            0.06 * shares.agreement,
            0.06 * shares.agreement,
            0.06 * shares.agreement,
            0.5 * shares.free,
            0.5 * shares.world,
        ];
        let mut templates: Vec<(Template, f64)> =
            SENTENCE_STARTS.into_iter().zip(weights).collect();
        let total: f64 = weights.iter().sum();
        // Fixed lines fill the story if no other sentence is possible.
        let fixed = if total + shares.local > 0.0 {
            shares.local
        } else {
            1.0
        };
        templates.extend(FIXED_LINES.map(|line| (line, fixed / FIXED_LINES.len() as f64)));
        let total = total + fixed;
        templates.push((CLOSING, self.closing_weight(choices, total)));
        if self.must_close(choices) {
            choices.emit_all(CLOSING)?;
            self.close(choices)?;
            return Ok(false);
        }
        let world = self.world;
        // Only the names of the two people are predictable at the start of a sentence.
        let (index, slots) =
            choices.choose_template(&templates, Repeat, &|letter, _| match letter {
                's' => (self.subject_distribution(), Repeat),
                'w' => (Distribution::class(&world.weathers), Free),
                _ => (Distribution::class(&world.jobs_plural), Free),
            })?;
        if index + 1 == templates.len() {
            self.close(choices)?;
            return Ok(false);
        }
        match index {
            0 => self.action(choices, slot(&slots, 's'))?,
            1 => self.thing_or_being(choices, things, things_settled, beings)?,
            2 => self.person_location(choices, people_settled)?,
            3 => self.tensed_sentence(choices, words!("was"))?,
            4 => self.tensed_sentence(choices, words!("is"))?,
            5 => self.tensed_sentence(choices, words!("will be"))?,
            7 => self.product(choices, slot(&slots, 'j'))?,
            _ => {}
        }
        Ok(true)
    }

    fn is_settled(&self, moved_at: usize) -> bool {
        self.line >= moved_at + SETTLED
    }

    /// The weight of ending the story, relative to sentences of total weight `total`.
    fn closing_weight(&self, choices: &impl ChoiceSource, total: f64) -> f64 {
        /// Probability of ending the story at each sentence, once it may end.
        const END_SHARE: f64 = 0.1;
        match choices.position() >= 2 * self.settings.recall_to {
            true => total * END_SHARE / (1.0 - END_SHARE),
            false => 0.0,
        }
    }

    /// The maximum length of a story, apart from its ending.
    fn must_close(&self, choices: &impl ChoiceSource) -> bool {
        choices.position() >= 3 * self.settings.recall_to
    }

    /// The ending states the place of every thing and person.
    fn close(&mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        if self.settings.shares.state <= 0.0 {
            return choices.emit_all(words!("all was well . <eos>"));
        }
        for thing in [0, 1] {
            choices.emit(w!("the"), Local)?;
            choices.emit(
                self.things[thing].noun,
                self.repeat_or_recall(choices, self.things[thing].mentioned_at),
            )?;
            self.place_of_thing(choices, thing)?;
            choices.emit(w!(","), Local)?;
        }
        for person in [0, 1] {
            self.name(choices, person)?;
            self.place_of_person(choices, person)?;
            choices.emit(if person == 0 { w!("and") } else { w!(".") }, Local)?;
        }
        choices.emit_all(words!("<eos>"))
    }

    /// After `the`: the place of one of the things, or the feeling of some being.
    fn thing_or_being(
        &mut self,
        choices: &mut impl ChoiceSource,
        things: f64,
        settled: [bool; 2],
        beings: f64,
    ) -> ChoiceResult<()> {
        let mut distribution = Distribution::new();
        if things > 0.0 {
            distribution.add(&self.thing_distribution(settled), things);
        }
        distribution = distribution
            .table(&self.world.beings_singular, 0.5 * beings)
            .table(&self.world.beings_plural, 0.5 * beings);
        let phenomenon = if things > 0.0 { Repeat } else { Free };
        let word = choices.choose(&distribution, phenomenon)?;
        let is_thing = |thing: &super::Thing| word == thing.noun || word == thing.colour;
        if self.things.iter().any(is_thing) {
            return self.thing_location(choices, word);
        }
        let is_plural = self.world.beings_plural.prob(word) > 0.0;
        self.location_phrase(choices)?;
        choices.emit(if is_plural { w!("were") } else { w!("was") }, Agreement)?;
        choices.choose(&Distribution::class(&self.world.feelings), Free)?;
        full_stop(choices)
    }

    /// `the kettle was at the mill`, optionally with the place of a person.
    fn thing_location(&mut self, choices: &mut impl ChoiceSource, word: Word) -> ChoiceResult<()> {
        let thing = self.complete_thing(choices, word)?;
        self.place_of_thing(choices, thing)?;
        let distribution = Distribution::new().word(w!("and"), 0.7).word(w!("."), 0.3);
        if choices.choose(&distribution, Free)? == w!(".") {
            return choices.emit_all(words!("<eos>"));
        }
        self.person_location(choices, [true; 2])
    }

    /// `was at the mill` or `was with Ada`.
    fn place_of_thing(
        &mut self,
        choices: &mut impl ChoiceSource,
        thing: usize,
    ) -> ChoiceResult<()> {
        choices.emit_all(words!("was"))?;
        match self.things[thing].place {
            Place::At(place) => {
                choices.emit(w!("at"), State)?;
                choices.emit(w!("the"), Local)?;
                choices.emit(place, State)
            }
            Place::With(person) => {
                choices.emit(w!("with"), State)?;
                choices.emit(self.people[person].name, State)?;
                self.mark_mentioned(choices, person);
                Ok(())
            }
        }
    }

    fn place_of_person(&self, choices: &mut impl ChoiceSource, person: usize) -> ChoiceResult<()> {
        choices.emit_all(words!("was at the"))?;
        choices.emit(self.people[person].place, State)
    }

    /// `Ada was at the mill .`
    fn person_location(
        &mut self,
        choices: &mut impl ChoiceSource,
        settled: [bool; 2],
    ) -> ChoiceResult<()> {
        let person =
            self.choose_person(choices, settled.map(|settled| f64::from(u8::from(settled))))?;
        self.place_of_person(choices, person)?;
        full_stop(choices)
    }

    /// `the baker near the old mill was singing .` The first word of the sentence decides the tense.
    fn tensed_sentence(
        &mut self,
        choices: &mut impl ChoiceSource,
        verb: &[Word],
    ) -> ChoiceResult<()> {
        choices.emit_all(words!("the"))?;
        choices.choose(&Distribution::class(&self.world.jobs_singular), Free)?;
        self.location_phrase(choices)?;
        choices.emit(verb[0], Agreement)?;
        choices.emit_all(&verb[1..])?;
        choices.choose(&Distribution::class(&self.world.activity.ing), Free)?;
        full_stop(choices)
    }

    /// `near the old mill`, `between the mills and the wide bridge`: it separates a subject from its verb.
    pub(super) fn location_phrase(&self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        let distribution = Distribution::new()
            .word(w!("near"), 0.3)
            .word(w!("behind"), 0.3)
            .word(w!("beside"), 0.3)
            .word(w!("between"), 0.1);
        let preposition = choices.choose(&distribution, Free)?;
        self.place_phrase(choices)?;
        if preposition == w!("between") {
            choices.emit(w!("and"), Local)?;
            self.place_phrase(choices)?;
        }
        Ok(())
    }

    fn place_phrase(&self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        choices.emit(w!("the"), Local)?;
        choices.choose(&Distribution::class(&self.world.qualities), Free)?;
        let distribution = Distribution::new()
            .table(&self.world.places_singular, 0.5)
            .table(&self.world.places_plural, 0.5);
        choices.choose(&distribution, Free).map(drop)
    }

    /// The product of a job is a fact of the world.
    fn product(&mut self, choices: &mut impl ChoiceSource, makers: Word) -> ChoiceResult<()> {
        let Role::JobPlural(job) = self.world.role(makers) else {
            panic!("{} are not makers", self.world.text(makers));
        };
        choices.emit(self.world.jobs[job].product, WorldFact)?;
        full_stop(choices)
    }
}
