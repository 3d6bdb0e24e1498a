//! The opening of a story: people, places, things, and the facts to be recalled.

use super::{Character, Facts, Place, Story, Thing, full_stop};
use crate::choices::{ChoiceResult, ChoiceSource, Distribution, Template};
use crate::lexicon::{Word, w, words};
use crate::numbers::{TENS, number};
use crate::phenomenon::Phenomenon::{Free, Local, World as WorldFact};
use crate::settings::Settings;
use crate::world::World;

/// The first words of a story, up to the name of the first person.
pub(crate) const OPENINGS: [(Template, f64); 3] = [
    (words!("this is a story about {a} the"), 0.5),
    (words!("once upon a time there was {a} the"), 0.3),
    (words!("long ago there lived {a} the"), 0.2),
];

impl<'w> Story<'w> {
    /// Generates the first lines, after one of the [`OPENINGS`] with the first name.
    pub(crate) fn open(
        choices: &mut impl ChoiceSource,
        world: &'w World,
        settings: &'w Settings,
        first: Word,
    ) -> ChoiceResult<Story<'w>> {
        let first_named = choices.position();
        describe(choices, world, first)?;
        choices.emit(w!("and"), Local)?;
        let second = choices.choose(&Distribution::class_except(&world.names, &[first]), Free)?;
        let second_named = choices.position();
        choices.emit(w!("the"), Local)?;
        describe(choices, world, second)?;
        full_stop(choices)?;
        let unset = Word(0);
        let character = |name: Word, mentioned_at: usize| Character {
            name,
            gender: world.person(name).gender,
            place: unset,
            moved_at: 0,
            mentioned_at,
        };
        let thing = |holder: usize| Thing {
            noun: unset,
            colour: unset,
            place: Place::With(holder),
            moved_at: 0,
            mentioned_at: 0,
        };
        let mut story = Story {
            world,
            settings,
            people: [
                character(first, first_named),
                character(second, second_named),
            ],
            things: [thing(0), thing(1)],
            facts: None,
            last_mentioned: 1,
            due: [false; 3],
            line: 0,
        };
        story.place_people(choices)?;
        story.give_things(choices)?;
        if settings.shares.recall > 0.0 {
            story.introduce_facts(choices)?;
        }
        Ok(story)
    }

    fn place_people(&mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        self.for_both(choices, |story, choices, person| {
            choices.emit_all(words!("was at the"))?;
            story.people[person].place =
                choices.choose(&Distribution::class(&story.world.places_singular), Free)?;
            Ok(())
        })
    }

    fn give_things(&mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        self.for_both(choices, |story, choices, person| {
            let other = story.things[1 - person];
            let except = |table, word| Distribution::class_except(table, &[word]);
            choices.emit_all(words!("had a"))?;
            let colour = choices.choose(&except(&story.world.colours, other.colour), Free)?;
            let noun = choices.choose(&except(&story.world.portable, other.noun), Free)?;
            let thing = &mut story.things[person];
            (thing.colour, thing.noun, thing.mentioned_at) = (colour, noun, choices.position());
            Ok(())
        })
    }

    /// A sentence with the same clause for each of the two people.
    fn for_both<P: ChoiceSource>(
        &mut self,
        choices: &mut P,
        mut clause: impl FnMut(&mut Self, &mut P, usize) -> ChoiceResult<()>,
    ) -> ChoiceResult<()> {
        self.name(choices, 0)?;
        clause(self, choices, 0)?;
        choices.emit(w!("and"), Local)?;
        self.name(choices, 1)?;
        clause(self, choices, 1)?;
        full_stop(choices)
    }

    fn introduce_facts(&mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        let world = self.world;
        choices.emit_all(words!("their password was"))?;
        let password = [
            choices.choose(&Distribution::class(&world.qualities), Free)?,
            choices.choose(
                &Distribution::class(&world.classes[world.flowers].singular),
                Free,
            )?,
        ];
        let password_at = choices.position();
        full_stop(choices)?;
        self.name(choices, 0)?;
        choices.emit_all(words!("lived at number"))?;
        let house = [
            choices.choose(&Distribution::uniform(TENS), Free)?,
            choices.choose(&Distribution::uniform((1..10).map(number)), Free)?,
        ];
        let house_at = choices.position();
        full_stop(choices)?;
        self.name(choices, 1)?;
        choices.emit_all(words!("looked for"))?;
        let known = [self.people[0].name, self.people[1].name];
        let friend = choices.choose(&Distribution::class_except(&world.names, &known), Free)?;
        self.facts = Some(Facts {
            password,
            house,
            friend,
            mentioned_at: [password_at, house_at, choices.position()],
        });
        full_stop(choices)
    }
}

/// `Velmish baker`: it is always the same for a name.
fn describe(choices: &mut impl ChoiceSource, world: &World, name: Word) -> ChoiceResult<()> {
    let person = world.person(name);
    choices.emit(world.towns[person.town].demonym, WorldFact)?;
    choices.emit(world.jobs[person.job].singular, WorldFact)
}
