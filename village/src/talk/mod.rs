//! Conversations: two speakers take turns, one line each. Who speaks is not written: they alternate.
//!
//! Where a speaker comes from, what they do, like and live with is true of the world; their pet and their age, and
//! where the two agree to meet, are of this conversation only. Once said, they are not said otherwise.

pub(crate) mod acts;

use acts::{ASKS, Ask, Tell, asking, telling};
use smallvec::{SmallVec, smallvec};

use crate::lexicon::{Word, w, words};
use crate::numbers::{LARGEST, LARGEST_STEP, TENS, number, value};
use crate::pen::{Menu, Pen, Slots, Template, Told, slot};
use crate::phenomenon::Phenomenon::{self, Agreement, Class, Free, Repeat, Reply, Sum};
use crate::settings::Settings;
use crate::story::sum_menu;
use crate::world::{Person, Role, World};

/// The days of the week.
pub(crate) const DAYS: [Word; 7] = [
    w!("monday"),
    w!("tuesday"),
    w!("wednesday"),
    w!("thursday"),
    w!("friday"),
    w!("saturday"),
    w!("sunday"),
];

/// How a conversation begins, up to the first name.
pub(crate) const OPENING: Template = words!("hello , I am {a} .");

/// What a conversation remembers.
#[derive(Debug)]
pub(crate) struct Talk<'w> {
    world: &'w World,
    settings: &'w Settings,
    speakers: [Speaker; 2],
    /// Place and day on which the two will meet.
    meeting: Option<(Word, Word)>,
    /// The question that waits for an answer, with what fills its slots.
    asked: Option<(Ask, Slots)>,
    turn: usize,
}

#[derive(Debug, Clone)]
struct Speaker {
    about: Person,
    /// Colour and animal.
    pet: Option<(Word, Word)>,
    /// Tens and unit.
    age: Option<(Word, Word)>,
    /// What they have been asked.
    heard: SmallVec<[Ask; 8]>,
}

/// What may come next within a turn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Next {
    Question(Ask),
    Statement(Tell),
    Over,
}

const OVER: Template = words!("<eos>");

impl<'w> Talk<'w> {
    /// The conversation, after [`OPENING`].
    pub(crate) fn tell(
        pen: &mut impl Pen,
        world: &'w World,
        settings: &'w Settings,
        first: Word,
    ) -> Told<()> {
        let speaker = |name| Speaker {
            about: *world.person(name),
            pet: None,
            age: None,
            heard: SmallVec::new(),
        };
        let mut talk = Talk {
            world,
            settings,
            speakers: [speaker(first), speaker(first)],
            meeting: None,
            asked: None,
            turn: 0,
        };
        talk.rest_of_turn(pen, true)?;
        talk.turn = 1;
        let (_, slots) =
            pen.frame(
                &[(telling(Tell::HelloName)[0], 1.0)],
                Free,
                &|letter, _| match letter {
                    'g' => (Menu::certain(first), Repeat),
                    _ => (Menu::new().table_except(&world.names, 1.0, &[first]), Free),
                },
            )?;
        let heard = std::mem::take(&mut talk.speakers[1].heard);
        talk.speakers[1] = Speaker {
            heard,
            ..speaker(slot(&slots, 'n'))
        };
        let mut said = true;
        loop {
            said |= talk.answer(pen)?;
            if talk.rest_of_turn(pen, said)? {
                break;
            }
            talk.turn += 1;
            said = false;
        }
        talk.turn += 1;
        pen.say(words!("goodbye"))?;
        pen.must(talk.other().about.name, Reply)?;
        pen.say(words!(". <eos>"))
    }

    fn speaker(&self) -> &Speaker {
        &self.speakers[self.turn % 2]
    }

    fn other(&self) -> &Speaker {
        &self.speakers[(self.turn + 1) % 2]
    }

    /// Answers the question of the turn before; says whether there was one.
    fn answer(&mut self, pen: &mut impl Pen) -> Told<bool> {
        let Some((ask, slots)) = self.asked.take() else {
            return Ok(false);
        };
        let choices: Vec<(Next, f64)> = self
            .answers(ask, &slots)
            .into_iter()
            .map(|(tell, weight)| (Next::Statement(tell), weight))
            .collect();
        let (told, filled) = self.frame(pen, &choices, Reply, Some((ask, &slots)))?;
        if let Next::Statement(tell) = told {
            self.remember(tell, &filled);
        }
        Ok(true)
    }

    /// How a question can be answered, with weights.
    fn answers(&self, ask: Ask, slots: &Slots) -> SmallVec<[(Tell, f64); 2]> {
        /// Share of answers that say nothing, where it is no shame.
        const IGNORANCE: f64 = 0.1;
        let about = &self.speaker().about;
        let surely = |tell| smallvec![(tell, 1.0)];
        let perhaps = |tell| smallvec![(tell, 1.0 - IGNORANCE), (Tell::Unknown, IGNORANCE)];
        match ask {
            Ask::Town => surely(Tell::Town),
            Ask::Job => surely(Tell::Job),
            Ask::Food => surely(Tell::Food),
            Ask::Family => surely(Tell::Family),
            Ask::Pet => surely(Tell::Pet),
            Ask::Age => surely(Tell::Age),
            Ask::Name => surely(Tell::Name),
            Ask::IsFrom if self.world.towns[about.town].name == slot(slots, 'q') => {
                surely(Tell::Yes)
            }
            Ask::IsFrom => surely(Tell::NoTown),
            Ask::Meet => surely(Tell::Meet),
            Ask::MeetWhere => surely(Tell::MeetWhere),
            Ask::MeetWhen => surely(Tell::MeetWhen),
            Ask::Maker => perhaps(Tell::Maker),
            Ask::Sum | Ask::Less => perhaps(Tell::Sum),
        }
    }

    /// What follows an answer or a greeting, to the end of the turn; says whether it was a goodbye.
    fn rest_of_turn(&mut self, pen: &mut impl Pen, mut said: bool) -> Told<bool> {
        let mut stated = false;
        loop {
            let choices = self.continuations(said, stated);
            // Who has said enough takes leave.
            let needs = if choices.len() == 1 { Reply } else { Free };
            match self.frame(pen, &choices, needs, None)? {
                (Next::Over, _) => return Ok(false),
                (Next::Question(ask), slots) => {
                    self.speakers[(self.turn + 1) % 2].heard.push(ask);
                    self.asked = Some((ask, slots));
                    pen.say(OVER)?;
                    return Ok(false);
                }
                (Next::Statement(Tell::Goodbye), _) => {
                    pen.say(OVER)?;
                    return Ok(true);
                }
                (Next::Statement(tell), slots) => {
                    self.remember(tell, &slots);
                    (said, stated) = (true, true);
                }
            }
        }
    }

    /// What may be said next, with weights.
    fn continuations(&self, said: bool, stated: bool) -> Vec<(Next, f64)> {
        /// How often speakers leave it at that, and how often they take leave.
        const REST: f64 = 0.1;
        const LEAVE: f64 = 0.08;
        if self.turn + 2 >= self.settings.turns_to {
            return vec![(Next::Statement(Tell::Goodbye), 1.0)];
        }
        let mut choices: Vec<(Next, f64)> = ASKS
            .iter()
            .map(|&(ask, _)| (Next::Question(ask), self.interest(ask)))
            .collect();
        if !stated {
            choices.extend(
                self.statements()
                    .map(|(tell, weight)| (Next::Statement(tell), weight)),
            );
        }
        let mut told: f64 = choices.iter().map(|(_, weight)| weight).sum();
        if told <= 0.0 && !said {
            choices.push((Next::Statement(Tell::See), 1.0));
            told = 1.0;
        }
        let scale = if told > 0.0 { told } else { 1.0 };
        if said {
            choices.push((Next::Over, REST * scale));
        }
        if self.turn + 2 >= self.settings.turns_from {
            choices.push((Next::Statement(Tell::Goodbye), LEAVE * scale));
        }
        choices
    }

    /// How likely a question is asked of the other speaker.
    fn interest(&self, ask: Ask) -> f64 {
        /// Of a question that was asked before.
        const AGAIN: f64 = 0.5;
        /// Questions about people share the weight of replies.
        const KINDS: f64 = 10.0;
        let shares = &self.settings.shares;
        let weight = match ask {
            // Before both have said who they are there is nobody to ask about.
            _ if self.turn == 0 && ask == Ask::Name => 0.0,
            Ask::Meet if self.meeting.is_some() => 0.0,
            Ask::MeetWhere | Ask::MeetWhen if self.meeting.is_none() => 0.0,
            Ask::Maker => 0.5 * shares.world,
            Ask::Sum | Ask::Less => 0.5 * shares.sum,
            _ => shares.reply / KINDS,
        };
        match self.other().heard.contains(&ask) {
            true => AGAIN * weight,
            false => weight,
        }
    }

    /// What can be said unasked.
    fn statements(&self) -> impl Iterator<Item = (Tell, f64)> {
        let shares = &self.settings.shares;
        let speaker = self.speaker();
        let new = |known: bool| if known { 0.0 } else { 0.05 * shares.reply };
        [
            (Tell::Pet, new(speaker.pet.is_some())),
            (Tell::Age, new(speaker.age.is_some())),
            (Tell::Habit, 0.3 * shares.class),
            (Tell::News, 0.04 * shares.agreement),
            (Tell::Pastime, 0.2 * shares.free),
            (Tell::Nice, 0.2 * shares.free),
            (Tell::See, 0.1 * shares.free),
            (Tell::Fixed, 0.5 * shares.local),
        ]
        .into_iter()
    }

    /// One of several things to say, in one of its wordings.
    fn frame(
        &self,
        pen: &mut impl Pen,
        choices: &[(Next, f64)],
        needs: Phenomenon,
        asked: Option<(Ask, &Slots)>,
    ) -> Told<(Next, Slots)> {
        let (mut nexts, mut templates) = (Vec::new(), Vec::new());
        for &(next, weight) in choices.iter().filter(|(_, weight)| *weight > 0.0) {
            let wordings = match next {
                Next::Question(ask) => asking(ask),
                Next::Statement(tell) => telling(tell),
                Next::Over => &[OVER],
            };
            nexts.extend(wordings.iter().map(|_| next));
            templates.extend(
                wordings
                    .iter()
                    .map(|&wording| (wording, weight / wordings.len() as f64)),
            );
        }
        let (index, slots) = pen.frame(&templates, needs, &|letter, before| match asked {
            Some((ask, slots)) => self.fill_answer(ask, slots, letter, before),
            None => self.fill(letter, before),
        })?;
        Ok((nexts[index], slots))
    }

    fn fill_answer(
        &self,
        ask: Ask,
        asked: &Slots,
        letter: char,
        before: &Slots,
    ) -> (Menu<'w>, Phenomenon) {
        match (ask, letter) {
            (Ask::Maker, 'm') => match self.world.role(slot(asked, 'p')) {
                Role::Product(job) => (Menu::certain(self.world.jobs[job].many), Reply),
                role => panic!("{role:?} is not a product"),
            },
            (Ask::Maker, 'p') => (Menu::certain(slot(asked, 'p')), Repeat),
            (Ask::Sum | Ask::Less, 'r') => {
                let result = match ask {
                    Ask::Sum => known_value(asked, 's') + known_value(asked, 'u'),
                    _ => known_value(asked, 'z') - known_value(asked, 'o'),
                };
                (Menu::certain(number(result)), Sum)
            }
            _ => self.fill(letter, before),
        }
    }

    /// What stands in a slot of a question, or of what the one who speaks says of themselves: what is known, or what may
    /// be made up now.
    fn fill(&self, letter: char, before: &Slots) -> (Menu<'w>, Phenomenon) {
        let speaker = self.speaker();
        let (about, world) = (&speaker.about, self.world);
        let certain = |word: Word| (Menu::certain(word), Reply);
        let or_new = |known: Option<Word>, menu: &dyn Fn() -> Menu<'w>| match known {
            Some(word) => certain(word),
            None => (menu(), Free),
        };
        match letter {
            't' => certain(world.towns[about.town].name),
            'j' => certain(world.jobs[about.job].one),
            'f' => certain(about.food),
            'k' => certain(about.kin.0),
            'i' => certain(about.kin.1),
            'n' => certain(about.name),
            'g' => certain(self.other().about.name),
            'c' => or_new(speaker.pet.map(|pet| pet.0), &|| {
                Menu::class(&world.colours)
            }),
            'a' => or_new(speaker.pet.map(|pet| pet.1), &|| {
                Menu::class(&world.classes[world.animals].one)
            }),
            'x' => or_new(speaker.age.map(|age| age.0), &|| one_of(&TENS)),
            'y' => or_new(speaker.age.map(|age| age.1), &|| numbers(1..=LARGEST_STEP)),
            'l' => or_new(self.meeting.map(|meeting| meeting.0), &|| {
                Menu::class(&world.places)
            }),
            'd' => or_new(self.meeting.map(|meeting| meeting.1), &|| one_of(&DAYS)),
            'v' => (Menu::class(&world.does), Free),
            'h' | 'e' | 'w' => {
                let Role::Do(class) = world.role(slot(before, 'v')) else {
                    panic!("slot v holds a verb of a class");
                };
                // Not the same thing twice in a row.
                let last = before.last().map_or(w!("a"), |&(_, word)| word);
                let things = &world.classes[class].one;
                (Menu::new().table_except(things, 1.0, &[last]), Class)
            }
            'b' => (Menu::class(&world.activity.base), Free),
            'A' => (
                Menu::new()
                    .table(&world.beings, 0.5)
                    .table(&world.beings_many, 0.5),
                Free,
            ),
            'V' => {
                let many = world.beings_many.prob(slot(before, 'A')) > 0.0;
                (
                    Menu::certain(if many { w!("are") } else { w!("is") }),
                    Agreement,
                )
            }
            'F' => (Menu::class(&world.feelings), Free),
            'Q' => (Menu::class(&world.qualities), Free),
            'P' | 'R' => (
                Menu::new()
                    .table(&world.places, 0.5)
                    .table(&world.places_many, 0.5),
                Free,
            ),
            // Questions.
            'q' => {
                let menu = Menu::class(&world.town_names);
                let about = &self.other().about;
                // At the first turn nobody has said who the other is.
                let truly = if self.turn > 0 { 1.0 } else { 0.0 };
                (menu.word(world.towns[about.town].name, truly), Free)
            }
            'p' => (Menu::class(&world.products), Free),
            's' => (numbers(1..=LARGEST_STEP), Free),
            'u' => (sum_menu(known_value(before, 's'), w!("and")), Free),
            'z' => (numbers(2..=LARGEST), Free),
            'o' => (sum_menu(known_value(before, 'z'), w!("less")), Free),
            other => panic!("nobody fills slot {other}"),
        }
    }

    /// Keeps what was made up.
    fn remember(&mut self, tell: Tell, slots: &Slots) {
        let speaker = &mut self.speakers[self.turn % 2];
        match tell {
            Tell::Pet => speaker.pet = Some((slot(slots, 'c'), slot(slots, 'a'))),
            Tell::Age => speaker.age = Some((slot(slots, 'x'), slot(slots, 'y'))),
            Tell::Meet => self.meeting = Some((slot(slots, 'l'), slot(slots, 'd'))),
            _ => {}
        }
    }
}

fn one_of<'w>(words: &[Word]) -> Menu<'w> {
    words
        .iter()
        .fold(Menu::new(), |menu, &word| menu.word(word, 1.0))
}

fn numbers<'w>(range: std::ops::RangeInclusive<usize>) -> Menu<'w> {
    range.fold(Menu::new(), |menu, value| menu.word(number(value), 1.0))
}

fn known_value(slots: &Slots, letter: char) -> usize {
    value(slot(slots, letter)).expect("the slot holds a number")
}
