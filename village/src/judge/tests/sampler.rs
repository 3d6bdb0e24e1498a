//! Dialogue contexts drawn from the generator, and questions appended to them.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::VILLAGE;
use crate::choices::Table;
use crate::judge::contexts::dialogue;
use crate::lexicon::Word;
use crate::world::Person;

/// A dialogue context with the generator's reply.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) turns: Vec<String>,
    pub(super) reply: String,
    people: [Person; 2],
}

/// Draws contexts and words.
pub(super) struct Sampler(pub(super) ChaCha8Rng);

impl Sampler {
    pub(super) fn new(seed: u64) -> Sampler {
        Sampler(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A whole dialogue.
    pub(super) fn dialogue(&mut self) -> Vec<String> {
        dialogue(&VILLAGE, &mut self.0)
    }

    /// A context in which both speakers are known and neither has said goodbye.
    pub(super) fn context(&mut self) -> Context {
        let mut turns = self.dialogue();
        turns.pop();
        let length = self.0.random_range(2..turns.len());
        let reply = turns[length].clone();
        turns.truncate(length);
        let name = |turn: usize, at: usize| person(turns[turn].split(' ').nth(at).unwrap());
        let people = [name(0, 4), name(1, 5)];
        Context {
            turns,
            reply,
            people,
        }
    }

    /// A context that contains none of the phrases.
    pub(super) fn context_without(&mut self, phrases: &[&str]) -> Context {
        loop {
            let context = self.context();
            let text = |phrase: &&str| context.turns.iter().any(|turn| turn.contains(phrase));
            if !phrases.iter().any(text) {
                return context;
            }
        }
    }

    /// A word of a class other than this one.
    pub(super) fn other_than(&mut self, table: &Table, word: &str) -> &'static str {
        loop {
            let drawn = text(table.words()[self.0.random_range(0..table.words().len())]);
            if drawn != word {
                return drawn;
            }
        }
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        *choices.choose(&mut self.0).unwrap()
    }
}

impl Context {
    /// The speaker of the next turn.
    pub(super) fn speaker(&self) -> &Person {
        &self.people[self.turns.len() % 2]
    }

    pub(super) fn other(&self) -> &Person {
        &self.people[(self.turns.len() + 1) % 2]
    }

    /// The same context with this as its last turn.
    pub(super) fn last(mut self, text: &str) -> Context {
        let greeting = self.turns.len() == 2;
        let last = self.turns.last_mut().unwrap();
        let end = last.find(" .").unwrap_or(last.len());
        *last = match greeting {
            true => format!("{} . {text}", &last[..end]),
            false => text.to_owned(),
        };
        self
    }

    /// The same context two turns later.
    pub(super) fn then(mut self, text: &str, question: &str) -> Context {
        self = self.last("I see .");
        self.turns.push(text.to_owned());
        self.turns.push(question.to_owned());
        self
    }
}

pub(super) fn person(name: &str) -> Person {
    let mut people = VILLAGE.world.people.iter();
    *people
        .find(|person| text(person.name) == name)
        .unwrap_or_else(|| panic!("nobody has the name {name}"))
}

pub(super) fn text(word: Word) -> &'static str {
    VILLAGE.world.text(word)
}

pub(super) fn town(person: &Person) -> &'static str {
    text(VILLAGE.world.towns[person.town].name)
}

pub(super) fn job(person: &Person) -> &'static str {
    text(VILLAGE.world.jobs[person.job].singular)
}

/// A context that ends in a question about the speaker, and a true answer.
pub(super) fn true_answer(sampler: &mut Sampler, context: Context) -> (Context, String) {
    let who = *context.speaker();
    let (town, job, food) = (town(&who), job(&who), text(who.food));
    let [kin, name, kin_name] = [who.kin.0, who.name, who.kin.1].map(text);
    let (question, answers) = sampler.one_of(&QUESTIONS);
    let reply = sampler
        .one_of(&answers)
        .replace("{t}", town)
        .replace("{j}", job)
        .replace("{f}", food)
        .replace("{k}", kin)
        .replace("{i}", kin_name)
        .replace("{n}", name);
    (context.last(question), reply)
}

const QUESTIONS: [(&str, [&str; 2]); 5] = [
    (
        "where are you from ?",
        ["I am from {t} .", "my home is in {t} ."],
    ),
    (
        "what is your work ?",
        ["I am a {j} from {t} .", "I work as a {j} in {t} ."],
    ),
    ("what food is best ?", ["I like {f} best .", "I love {f} ."]),
    (
        "who is your family ?",
        [
            "I live in {t} , and {i} is my {k} .",
            "my {k} is {i} , and I live in {t} .",
        ],
    ),
    (
        "who are you ?",
        ["my name is {n} .", "I am {n} , a {j} from {t} ."],
    ),
];

/// The kind of question at the end of a turn.
pub(super) fn kind_of_question(turn: &str) -> Option<&'static str> {
    const KINDS: [(&str, &[&str]); 14] = [
        ("town", &["where are you from ?", "where is your home ?"]),
        ("job", &["what is your work ?", "what do you do ?"]),
        ("food", &["what do you like ?", "what food is best ?"]),
        (
            "family",
            &["do you have a family ?", "who is your family ?"],
        ),
        ("pet", &["do you have a pet ?", "what is your pet ?"]),
        ("age", &["how old are you ?", "what is your age ?"]),
        ("name", &["who are you ?", "what is your name ?"]),
        ("is from", &["are you from "]),
        ("meet", &["shall we meet"]),
        ("where", &["where did we want"]),
        ("when", &["when did we want"]),
        ("maker", &["who makes"]),
        ("less", &[" less "]),
        ("sum", &[" and "]),
    ];
    let question = turn.strip_suffix(" ?")?;
    let question = question.rsplit(" . ").next()?;
    let found = KINDS.iter().find(|(_, wordings)| {
        wordings
            .iter()
            .any(|wording| question.contains(wording.trim_end_matches(" ?")))
    });
    found.map(|(kind, _)| *kind)
}
