//! How a story begins: who, where, what with, and the facts to be recalled.

use super::{Actor, Facts, Place, Story, Thing, full_stop};
use crate::lexicon::{Word, w, words};
use crate::numbers::{TENS, number};
use crate::pen::{Menu, Pen, Template, Told};
use crate::phenomenon::Phenomenon::{Free, Local, World as Known};
use crate::settings::Settings;
use crate::world::World;

/// First words of a story, up to what the first person is.
pub(crate) const OPENINGS: [(Template, f64); 3] = [
    (words!("this is a story about {a} the"), 0.5),
    (words!("once upon a time there was {a} the"), 0.3),
    (words!("long ago there lived {a} the"), 0.2),
];

impl<'w> Story<'w> {
    /// The first lines, after one of the [`OPENINGS`] with the first name.
    pub(crate) fn open(
        pen: &mut impl Pen,
        world: &'w World,
        settings: &'w Settings,
        first: Word,
    ) -> Told<Story<'w>> {
        let first_named = pen.written();
        describe(pen, world, first)?;
        pen.must(w!("and"), Local)?;
        let second = pen.pick(&Menu::new().table_except(&world.names, 1.0, &[first]), Free)?;
        let second_named = pen.written();
        pen.must(w!("the"), Local)?;
        describe(pen, world, second)?;
        full_stop(pen)?;
        let nowhere = Word(0);
        let actor = |name: Word, named: usize| Actor {
            name,
            gender: world.person(name).gender,
            place: nowhere,
            since: 0,
            named,
        };
        let thing = |holder: usize| Thing {
            noun: nowhere,
            colour: nowhere,
            place: Place::With(holder),
            since: 0,
            named: 0,
        };
        let mut story = Story {
            world,
            settings,
            people: [actor(first, first_named), actor(second, second_named)],
            things: [thing(0), thing(1)],
            facts: None,
            last: 1,
            due: [false; 3],
            line: 0,
        };
        story.place(pen)?;
        story.equip(pen)?;
        if settings.shares.recall > 0.0 {
            story.state_facts(pen)?;
        }
        Ok(story)
    }

    fn place(&mut self, pen: &mut impl Pen) -> Told<()> {
        self.both(pen, |story, pen, person| {
            pen.say(words!("was at the"))?;
            story.people[person].place = pen.pick(&Menu::class(&story.world.places), Free)?;
            Ok(())
        })
    }

    fn equip(&mut self, pen: &mut impl Pen) -> Told<()> {
        self.both(pen, |story, pen, person| {
            let other = story.things[1 - person];
            let except = |table, word| Menu::new().table_except(table, 1.0, &[word]);
            pen.say(words!("had a"))?;
            let colour = pen.pick(&except(&story.world.colours, other.colour), Free)?;
            let noun = pen.pick(&except(&story.world.portable, other.noun), Free)?;
            let thing = &mut story.things[person];
            (thing.colour, thing.noun, thing.named) = (colour, noun, pen.written());
            Ok(())
        })
    }

    /// A sentence that says the same of both people.
    fn both<P: Pen>(
        &mut self,
        pen: &mut P,
        mut clause: impl FnMut(&mut Self, &mut P, usize) -> Told<()>,
    ) -> Told<()> {
        self.name(pen, 0)?;
        clause(self, pen, 0)?;
        pen.must(w!("and"), Local)?;
        self.name(pen, 1)?;
        clause(self, pen, 1)?;
        full_stop(pen)
    }

    fn state_facts(&mut self, pen: &mut impl Pen) -> Told<()> {
        let world = self.world;
        pen.say(words!("their password was"))?;
        let password = [
            pen.pick(&Menu::class(&world.qualities), Free)?,
            pen.pick(&Menu::class(&world.classes[world.flowers].one), Free)?,
        ];
        let password_said = pen.written();
        full_stop(pen)?;
        self.name(pen, 0)?;
        pen.say(words!("lived at number"))?;
        let menu = TENS
            .iter()
            .fold(Menu::new(), |menu, &ten| menu.word(ten, 1.0));
        let ten = pen.pick(&menu, Free)?;
        let menu = (1..10).fold(Menu::new(), |menu, unit| menu.word(number(unit), 1.0));
        let house = [ten, pen.pick(&menu, Free)?];
        let house_said = pen.written();
        full_stop(pen)?;
        self.name(pen, 1)?;
        pen.say(words!("looked for"))?;
        let known = [self.people[0].name, self.people[1].name];
        let friend = pen.pick(&Menu::new().table_except(&world.names, 1.0, &known), Free)?;
        self.facts = Some(Facts {
            password,
            house,
            friend,
            said: [password_said, house_said, pen.written()],
        });
        full_stop(pen)
    }
}

/// `Velmish baker`: always the same for a name.
fn describe(pen: &mut impl Pen, world: &World, name: Word) -> Told<()> {
    let about = world.person(name);
    pen.must(world.towns[about.town].people, Known)?;
    pen.must(world.jobs[about.job].one, Known)
}
