//! A sentence after the other: what it can be about, and how the story ends.

use super::{Place, SETTLED, Story, full_stop};
use crate::lexicon::{Word, w, words};
use crate::pen::{Menu, Pen, Template, Told, slot};
use crate::phenomenon::Phenomenon::{Agreement, Free, Local, Repeat, State, World as Known};
use crate::world::Role;

/// Lines that are always the same.
pub(crate) const FIXED: [Template; 16] = [
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

/// Other ways to begin a sentence.
const BEGINNINGS: [Template; 8] = [
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
    /// One sentence; says whether the story goes on.
    pub(super) fn scene(&mut self, pen: &mut impl Pen) -> Told<bool> {
        self.due = self.facts_due(pen);
        let shares = &self.settings.shares;
        let people_settled = self.people.map(|person| self.is_settled(person.since));
        let things_settled = self.things.map(|thing| self.is_settled(thing.since));
        let any =
            |settled: [bool; 2], weight: f64| if settled == [false; 2] { 0.0 } else { weight };
        let (things, beings) = (any(things_settled, 0.9 * shares.state), shares.agreement);
        let weights = [
            self.deeds_weight(),
            things + beings,
            any(people_settled, 0.3 * shares.state),
            0.06 * shares.agreement,
            0.06 * shares.agreement,
            0.06 * shares.agreement,
            0.5 * shares.free,
            0.5 * shares.world,
        ];
        let mut templates: Vec<(Template, f64)> = BEGINNINGS.into_iter().zip(weights).collect();
        let told: f64 = weights.iter().sum();
        // Where nothing else can be told, fixed lines fill the time.
        let fixed = if told + shares.local > 0.0 {
            shares.local
        } else {
            1.0
        };
        templates.extend(FIXED.map(|line| (line, fixed / FIXED.len() as f64)));
        let told = told + fixed;
        templates.push((CLOSING, self.closing_weight(pen, told)));
        if self.must_close(pen) {
            pen.say(CLOSING)?;
            self.close(pen)?;
            return Ok(false);
        }
        let world = self.world;
        // Where a sentence begins, the names of the two are what can be known.
        let (index, slots) = pen.frame(&templates, Repeat, &|letter, _| match letter {
            's' => (self.subject_menu(), Repeat),
            'w' => (Menu::class(&world.weathers), Free),
            _ => (Menu::class(&world.job_manys), Free),
        })?;
        if index + 1 == templates.len() {
            self.close(pen)?;
            return Ok(false);
        }
        match index {
            0 => self.deed(pen, slot(&slots, 's'))?,
            1 => self.something(pen, things, things_settled, beings)?,
            2 => self.now(pen, people_settled)?,
            3 => self.somebody_is(pen, words!("was"))?,
            4 => self.somebody_is(pen, words!("is"))?,
            5 => self.somebody_is(pen, words!("will be"))?,
            7 => self.product(pen, slot(&slots, 'j'))?,
            _ => {}
        }
        Ok(true)
    }

    fn is_settled(&self, since: usize) -> bool {
        self.line >= since + SETTLED
    }

    /// Beside sentences of this weight, that of ending the story.
    fn closing_weight(&self, pen: &impl Pen, told: f64) -> f64 {
        /// Share of the sentences that end a story which may end.
        const CHANCE: f64 = 0.1;
        match pen.written() >= 2 * self.settings.recall_to {
            true => told * CHANCE / (1.0 - CHANCE),
            false => 0.0,
        }
    }

    /// No story is longer than this, but for its end.
    fn must_close(&self, pen: &impl Pen) -> bool {
        pen.written() >= 3 * self.settings.recall_to
    }

    /// Where everything and everybody is in the end.
    fn close(&mut self, pen: &mut impl Pen) -> Told<()> {
        if self.settings.shares.state <= 0.0 {
            return pen.say(words!("all was well . <eos>"));
        }
        for thing in [0, 1] {
            pen.must(w!("the"), Local)?;
            pen.must(
                self.things[thing].noun,
                self.look_back(pen, self.things[thing].named),
            )?;
            self.place_of_thing(pen, thing)?;
            pen.must(w!(","), Local)?;
        }
        for person in [0, 1] {
            self.name(pen, person)?;
            self.place_of_person(pen, person)?;
            pen.must(if person == 0 { w!("and") } else { w!(".") }, Local)?;
        }
        pen.say(words!("<eos>"))
    }

    /// After `the`: where one of the things is, or how somebody is.
    fn something(
        &mut self,
        pen: &mut impl Pen,
        things: f64,
        settled: [bool; 2],
        beings: f64,
    ) -> Told<()> {
        let mut menu = Menu::new();
        if things > 0.0 {
            menu.add(&self.thing_menu(settled), things);
        }
        menu = menu
            .table(&self.world.beings, 0.5 * beings)
            .table(&self.world.beings_many, 0.5 * beings);
        let needs = if things > 0.0 { Repeat } else { Free };
        let word = pen.pick(&menu, needs)?;
        let is_thing = |thing: &super::Thing| word == thing.noun || word == thing.colour;
        if self.things.iter().any(is_thing) {
            return self.where_it_was(pen, word);
        }
        let many = self.world.beings_many.prob(word) > 0.0;
        self.whereabouts(pen)?;
        pen.must(if many { w!("were") } else { w!("was") }, Agreement)?;
        pen.pick(&Menu::class(&self.world.feelings), Free)?;
        full_stop(pen)
    }

    /// `the kettle was at the mill`, and perhaps where somebody was.
    fn where_it_was(&mut self, pen: &mut impl Pen, word: Word) -> Told<()> {
        let thing = self.rest_of_thing(pen, word)?;
        self.place_of_thing(pen, thing)?;
        let menu = Menu::new().word(w!("and"), 0.7).word(w!("."), 0.3);
        if pen.pick(&menu, Free)? == w!(".") {
            return pen.say(words!("<eos>"));
        }
        self.now(pen, [true; 2])
    }

    /// `was at the mill` or `was with Ada`.
    fn place_of_thing(&mut self, pen: &mut impl Pen, thing: usize) -> Told<()> {
        pen.say(words!("was"))?;
        match self.things[thing].place {
            Place::At(place) => {
                pen.must(w!("at"), State)?;
                pen.must(w!("the"), Local)?;
                pen.must(place, State)
            }
            Place::With(person) => {
                pen.must(w!("with"), State)?;
                pen.must(self.people[person].name, State)?;
                self.mention(pen, person);
                Ok(())
            }
        }
    }

    fn place_of_person(&self, pen: &mut impl Pen, person: usize) -> Told<()> {
        pen.say(words!("was at the"))?;
        pen.must(self.people[person].place, State)
    }

    /// `Ada was at the mill .`
    fn now(&mut self, pen: &mut impl Pen, settled: [bool; 2]) -> Told<()> {
        let person = self.somebody(pen, settled.map(|settled| f64::from(u8::from(settled))))?;
        self.place_of_person(pen, person)?;
        full_stop(pen)
    }

    /// `the baker near the old mill was singing .` The first word of the sentence decides over the tense.
    fn somebody_is(&mut self, pen: &mut impl Pen, verb: &[Word]) -> Told<()> {
        pen.say(words!("the"))?;
        pen.pick(&Menu::class(&self.world.job_ones), Free)?;
        self.whereabouts(pen)?;
        pen.must(verb[0], Agreement)?;
        pen.say(&verb[1..])?;
        pen.pick(&Menu::class(&self.world.activity.ing), Free)?;
        full_stop(pen)
    }

    /// `near the old mill`, `between the mills and the wide bridge`: words to be remembered over.
    pub(super) fn whereabouts(&self, pen: &mut impl Pen) -> Told<()> {
        let menu = Menu::new()
            .word(w!("near"), 0.3)
            .word(w!("behind"), 0.3)
            .word(w!("beside"), 0.3)
            .word(w!("between"), 0.1);
        let preposition = pen.pick(&menu, Free)?;
        self.place_phrase(pen)?;
        if preposition == w!("between") {
            pen.must(w!("and"), Local)?;
            self.place_phrase(pen)?;
        }
        Ok(())
    }

    fn place_phrase(&self, pen: &mut impl Pen) -> Told<()> {
        pen.must(w!("the"), Local)?;
        pen.pick(&Menu::class(&self.world.qualities), Free)?;
        let menu = Menu::new()
            .table(&self.world.places, 0.5)
            .table(&self.world.places_many, 0.5);
        pen.pick(&menu, Free).map(drop)
    }

    /// Who makes what is always so.
    fn product(&mut self, pen: &mut impl Pen, makers: Word) -> Told<()> {
        let Role::Jobs(job) = self.world.role(makers) else {
            panic!("{} are not makers", self.world.text(makers));
        };
        pen.must(self.world.jobs[job].product, Known)?;
        full_stop(pen)
    }
}
