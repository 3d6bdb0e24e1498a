//! Dialogues: two speakers alternate, one line per turn. The text does not name the speaker of a turn.
//!
//! A speaker's town, job, food and relative are facts of the world. Pets, ages and the meeting are facts of one
//! dialogue only; they are drawn when first mentioned and stay the same afterwards.

pub(crate) mod acts;

use acts::{QUESTIONS, Question, Statement, question_wordings, statement_wordings};
use smallvec::{SmallVec, smallvec};

use crate::choices::{ChoiceResult, ChoiceSource, Distribution, Slots, Template, slot};
use crate::lexicon::{Word, w, words};
use crate::numbers::{MAX_NUMBER, MAX_OPERAND, TENS, number, value};
use crate::phenomenon::Phenomenon::{self, Agreement, Class, Free, Repeat, Reply, Sum};
use crate::settings::Settings;
use crate::story::operands;
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

/// The first sentence of a dialogue.
pub(crate) const OPENING: Template = words!("hello , I am {a} .");

/// The state of a dialogue.
#[derive(Debug)]
pub(crate) struct Dialogue<'w> {
    world: &'w World,
    settings: &'w Settings,
    speakers: [Speaker; 2],
    /// Place and day of the agreed meeting.
    meeting: Option<(Word, Word)>,
    /// The question that awaits an answer, with its slots.
    pending: Option<(Question, Slots)>,
    turn: usize,
}

#[derive(Debug, Clone)]
struct Speaker {
    person: Person,
    /// Colour and animal.
    pet: Option<(Word, Word)>,
    /// Tens and unit.
    age: Option<(Word, Word)>,
    /// The questions that this speaker was asked.
    received: SmallVec<[Question; 8]>,
}

/// What can follow within a turn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Continuation {
    Question(Question),
    Statement(Statement),
    EndOfTurn,
}

const END_OF_TURN: Template = words!("<eos>");

impl<'w> Dialogue<'w> {
    /// Generates a dialogue after [`OPENING`].
    pub(crate) fn generate(
        choices: &mut impl ChoiceSource,
        world: &'w World,
        settings: &'w Settings,
        first: Word,
    ) -> ChoiceResult<()> {
        let speaker = |name| Speaker {
            person: *world.person(name),
            pet: None,
            age: None,
            received: SmallVec::new(),
        };
        let mut dialogue = Dialogue {
            world,
            settings,
            speakers: [speaker(first), speaker(first)],
            meeting: None,
            pending: None,
            turn: 0,
        };
        dialogue.rest_of_turn(choices, true)?;
        dialogue.turn = 1;
        let (_, slots) = choices.choose_template(
            &[(statement_wordings(Statement::HelloName)[0], 1.0)],
            Free,
            &|letter, _| match letter {
                'g' => (Distribution::certain(first), Repeat),
                _ => (Distribution::class_except(&world.names, &[first]), Free),
            },
        )?;
        let received = std::mem::take(&mut dialogue.speakers[1].received);
        dialogue.speakers[1] = Speaker {
            received,
            ..speaker(slot(&slots, 'n'))
        };
        let mut has_spoken = true;
        loop {
            has_spoken |= dialogue.answer(choices)?;
            if dialogue.rest_of_turn(choices, has_spoken)? {
                break;
            }
            dialogue.turn += 1;
            has_spoken = false;
        }
        dialogue.turn += 1;
        choices.emit_all(words!("goodbye"))?;
        choices.emit(dialogue.listener().person.name, Reply)?;
        choices.emit_all(words!(". <eos>"))
    }

    fn speaker(&self) -> &Speaker {
        &self.speakers[self.turn % 2]
    }

    fn listener(&self) -> &Speaker {
        &self.speakers[(self.turn + 1) % 2]
    }

    /// Answers the question of the previous turn. Returns whether there was one.
    fn answer(&mut self, choices: &mut impl ChoiceSource) -> ChoiceResult<bool> {
        let Some((question, slots)) = self.pending.take() else {
            return Ok(false);
        };
        let options: Vec<(Continuation, f64)> = self
            .answers(question, &slots)
            .into_iter()
            .map(|(statement, weight)| (Continuation::Statement(statement), weight))
            .collect();
        let (continuation, slots) =
            self.choose_continuation(choices, &options, Reply, Some((question, &slots)))?;
        if let Continuation::Statement(statement) = continuation {
            self.store_facts(statement, &slots);
        }
        Ok(true)
    }

    /// The possible answers to a question, with weights.
    fn answers(&self, question: Question, slots: &Slots) -> SmallVec<[(Statement, f64); 2]> {
        /// Share of answers that admit ignorance, to questions about makers and sums.
        const UNKNOWN_SHARE: f64 = 0.1;
        let person = &self.speaker().person;
        let only = |statement| smallvec![(statement, 1.0)];
        let or_unknown = |statement| {
            smallvec![
                (statement, 1.0 - UNKNOWN_SHARE),
                (Statement::Unknown, UNKNOWN_SHARE)
            ]
        };
        match question {
            Question::Town => only(Statement::Town),
            Question::Job => only(Statement::Job),
            Question::Food => only(Statement::Food),
            Question::Family => only(Statement::Family),
            Question::Pet => only(Statement::Pet),
            Question::Age => only(Statement::Age),
            Question::Name => only(Statement::Name),
            Question::IsFrom if self.world.towns[person.town].name == slot(slots, 'q') => {
                only(Statement::Yes)
            }
            Question::IsFrom => only(Statement::NoTown),
            Question::Meet => only(Statement::Meet),
            Question::MeetWhere => only(Statement::MeetWhere),
            Question::MeetWhen => only(Statement::MeetWhen),
            Question::Maker => or_unknown(Statement::Maker),
            Question::Sum | Question::Less => or_unknown(Statement::Sum),
        }
    }

    /// Generates the rest of the turn after an answer or a greeting. Returns whether it ends the dialogue.
    fn rest_of_turn(
        &mut self,
        choices: &mut impl ChoiceSource,
        mut has_spoken: bool,
    ) -> ChoiceResult<bool> {
        let mut has_stated = false;
        loop {
            let options = self.continuations(has_spoken, has_stated);
            // At the maximum length a goodbye is the only option.
            let phenomenon = if options.len() == 1 { Reply } else { Free };
            match self.choose_continuation(choices, &options, phenomenon, None)? {
                (Continuation::EndOfTurn, _) => return Ok(false),
                (Continuation::Question(question), slots) => {
                    self.speakers[(self.turn + 1) % 2].received.push(question);
                    self.pending = Some((question, slots));
                    choices.emit_all(END_OF_TURN)?;
                    return Ok(false);
                }
                (Continuation::Statement(Statement::Goodbye), _) => {
                    choices.emit_all(END_OF_TURN)?;
                    return Ok(true);
                }
                (Continuation::Statement(statement), slots) => {
                    self.store_facts(statement, &slots);
                    (has_spoken, has_stated) = (true, true);
                }
            }
        }
    }

    /// The possible continuations of the turn, with weights.
    fn continuations(&self, has_spoken: bool, has_stated: bool) -> Vec<(Continuation, f64)> {
        /// Relative weights of ending the turn and of ending the dialogue.
        const END: f64 = 0.1;
        const GOODBYE: f64 = 0.08;
        if self.turn + 2 >= self.settings.turns_to {
            return vec![(Continuation::Statement(Statement::Goodbye), 1.0)];
        }
        let mut options: Vec<(Continuation, f64)> = QUESTIONS
            .iter()
            .map(|&(question, _)| {
                (
                    Continuation::Question(question),
                    self.question_weight(question),
                )
            })
            .collect();
        if !has_stated {
            options.extend(
                self.unprompted_statements()
                    .map(|(statement, weight)| (Continuation::Statement(statement), weight)),
            );
        }
        let mut total: f64 = options.iter().map(|(_, weight)| weight).sum();
        if total <= 0.0 && !has_spoken {
            options.push((Continuation::Statement(Statement::See), 1.0));
            total = 1.0;
        }
        let scale = if total > 0.0 { total } else { 1.0 };
        if has_spoken {
            options.push((Continuation::EndOfTurn, END * scale));
        }
        if self.turn + 2 >= self.settings.turns_from {
            options.push((Continuation::Statement(Statement::Goodbye), GOODBYE * scale));
        }
        options
    }

    /// The weight of a question to the other speaker.
    fn question_weight(&self, question: Question) -> f64 {
        /// Factor for a question that was asked before.
        const REPEATED: f64 = 0.5;
        /// The questions about people share the weight of replies.
        const KINDS: f64 = 10.0;
        let shares = &self.settings.shares;
        let weight = match question {
            // The first turn cannot ask for a name: the greeting answers it.
            _ if self.turn == 0 && question == Question::Name => 0.0,
            Question::Meet if self.meeting.is_some() => 0.0,
            Question::MeetWhere | Question::MeetWhen if self.meeting.is_none() => 0.0,
            Question::Maker => 0.5 * shares.world,
            Question::Sum | Question::Less => 0.5 * shares.sum,
            _ => shares.reply / KINDS,
        };
        match self.listener().received.contains(&question) {
            true => REPEATED * weight,
            false => weight,
        }
    }

    /// Statements that need no question, with weights.
    fn unprompted_statements(&self) -> impl Iterator<Item = (Statement, f64)> {
        let shares = &self.settings.shares;
        let speaker = self.speaker();
        let if_new = |known: bool| if known { 0.0 } else { 0.05 * shares.reply };
        [
            (Statement::Pet, if_new(speaker.pet.is_some())),
            (Statement::Age, if_new(speaker.age.is_some())),
            (Statement::Habit, 0.3 * shares.class),
            (Statement::News, 0.04 * shares.agreement),
            (Statement::Pastime, 0.2 * shares.free),
            (Statement::Nice, 0.2 * shares.free),
            (Statement::See, 0.1 * shares.free),
            (Statement::Fixed, 0.5 * shares.local),
        ]
        .into_iter()
    }

    /// Chooses one of several continuations and one of its wordings.
    fn choose_continuation(
        &self,
        choices: &mut impl ChoiceSource,
        options: &[(Continuation, f64)],
        phenomenon: Phenomenon,
        pending: Option<(Question, &Slots)>,
    ) -> ChoiceResult<(Continuation, Slots)> {
        let (mut continuations, mut templates) = (Vec::new(), Vec::new());
        for &(continuation, weight) in options.iter().filter(|(_, weight)| *weight > 0.0) {
            let wordings = match continuation {
                Continuation::Question(question) => question_wordings(question),
                Continuation::Statement(statement) => statement_wordings(statement),
                Continuation::EndOfTurn => &[END_OF_TURN],
            };
            continuations.extend(wordings.iter().map(|_| continuation));
            templates.extend(
                wordings
                    .iter()
                    .map(|&wording| (wording, weight / wordings.len() as f64)),
            );
        }
        let (index, slots) =
            choices.choose_template(&templates, phenomenon, &|letter, before| match pending {
                Some((question, slots)) => self.fill_answer(question, slots, letter, before),
                None => self.fill(letter, before),
            })?;
        Ok((continuations[index], slots))
    }

    fn fill_answer(
        &self,
        question: Question,
        pending: &Slots,
        letter: char,
        before: &Slots,
    ) -> (Distribution<'w>, Phenomenon) {
        match (question, letter) {
            (Question::Maker, 'm') => match self.world.role(slot(pending, 'p')) {
                Role::Product(job) => (Distribution::certain(self.world.jobs[job].plural), Reply),
                role => panic!("{role:?} is not a product"),
            },
            (Question::Maker, 'p') => (Distribution::certain(slot(pending, 'p')), Repeat),
            (Question::Sum | Question::Less, 'r') => {
                let result = match question {
                    Question::Sum => known_value(pending, 's') + known_value(pending, 'u'),
                    _ => known_value(pending, 'z') - known_value(pending, 'o'),
                };
                (Distribution::certain(number(result)), Sum)
            }
            _ => self.fill(letter, before),
        }
    }

    /// Fills a slot of a question or of a statement about the speaker: with the known fact, or with a new one.
    fn fill(&self, letter: char, before: &Slots) -> (Distribution<'w>, Phenomenon) {
        let speaker = self.speaker();
        let (person, world) = (&speaker.person, self.world);
        let certain = |word: Word| (Distribution::certain(word), Reply);
        let or_new = |known: Option<Word>, distribution: &dyn Fn() -> Distribution<'w>| match known
        {
            Some(word) => certain(word),
            None => (distribution(), Free),
        };
        match letter {
            't' => certain(world.towns[person.town].name),
            'j' => certain(world.jobs[person.job].singular),
            'f' => certain(person.food),
            'k' => certain(person.kin.0),
            'i' => certain(person.kin.1),
            'n' => certain(person.name),
            'g' => certain(self.listener().person.name),
            'c' => or_new(speaker.pet.map(|pet| pet.0), &|| {
                Distribution::class(&world.colours)
            }),
            'a' => or_new(speaker.pet.map(|pet| pet.1), &|| {
                Distribution::class(&world.classes[world.animals].singular)
            }),
            'x' => or_new(speaker.age.map(|age| age.0), &|| {
                Distribution::uniform(TENS)
            }),
            'y' => or_new(speaker.age.map(|age| age.1), &|| numbers(1..=MAX_OPERAND)),
            'l' => or_new(self.meeting.map(|meeting| meeting.0), &|| {
                Distribution::class(&world.places_singular)
            }),
            'd' => or_new(self.meeting.map(|meeting| meeting.1), &|| {
                Distribution::uniform(DAYS)
            }),
            'v' => (Distribution::class(&world.verbs_base), Free),
            'h' | 'e' | 'w' => {
                let Role::VerbBase(class) = world.role(slot(before, 'v')) else {
                    panic!("slot v holds a verb of a class");
                };
                // No two consecutive objects are the same.
                let last = before.last().map_or(w!("a"), |&(_, word)| word);
                let things = &world.classes[class].singular;
                (Distribution::class_except(things, &[last]), Class)
            }
            'b' => (Distribution::class(&world.activity.base), Free),
            'A' => (
                Distribution::new()
                    .table(&world.beings_singular, 0.5)
                    .table(&world.beings_plural, 0.5),
                Free,
            ),
            'V' => {
                let is_plural = world.beings_plural.prob(slot(before, 'A')) > 0.0;
                (
                    Distribution::certain(if is_plural { w!("are") } else { w!("is") }),
                    Agreement,
                )
            }
            'F' => (Distribution::class(&world.feelings), Free),
            'Q' => (Distribution::class(&world.qualities), Free),
            'P' | 'R' => (
                Distribution::new()
                    .table(&world.places_singular, 0.5)
                    .table(&world.places_plural, 0.5),
                Free,
            ),
            // Slots of questions.
            'q' => {
                let distribution = Distribution::class(&world.town_names);
                let person = &self.listener().person;
                // In the first turn the other speaker is not known yet.
                let true_weight = if self.turn > 0 { 1.0 } else { 0.0 };
                (
                    distribution.word(world.towns[person.town].name, true_weight),
                    Free,
                )
            }
            'p' => (Distribution::class(&world.products), Free),
            's' => (numbers(1..=MAX_OPERAND), Free),
            'u' => (operands(known_value(before, 's'), w!("and")), Free),
            'z' => (numbers(2..=MAX_NUMBER), Free),
            'o' => (operands(known_value(before, 'z'), w!("less")), Free),
            other => panic!("no rule fills slot {other}"),
        }
    }

    /// Stores facts that were drawn for this dialogue.
    fn store_facts(&mut self, statement: Statement, slots: &Slots) {
        let speaker = &mut self.speakers[self.turn % 2];
        match statement {
            Statement::Pet => speaker.pet = Some((slot(slots, 'c'), slot(slots, 'a'))),
            Statement::Age => speaker.age = Some((slot(slots, 'x'), slot(slots, 'y'))),
            Statement::Meet => self.meeting = Some((slot(slots, 'l'), slot(slots, 'd'))),
            _ => {}
        }
    }
}

fn numbers<'w>(range: std::ops::RangeInclusive<usize>) -> Distribution<'w> {
    Distribution::uniform(range.map(number))
}

fn known_value(slots: &Slots, letter: char) -> usize {
    value(slot(slots, letter)).expect("the slot holds a number")
}
