//! Replies in contexts, right or wrong by construction.

use rand::RngExt;
use rand::seq::SliceRandom;

use super::sampler::{Context, Sampler, job, kind_of_question, text, town, true_answer};
use super::*;

/// A context and a reply.
pub(super) type Case = (Context, String);
/// The name of a kind of reply, and the function that makes one.
pub(super) type Kind = (&'static str, fn(&mut Sampler) -> Case);

fn true_fact(sampler: &mut Sampler) -> Case {
    let context = sampler.context();
    true_answer(sampler, context)
}

fn generated(sampler: &mut Sampler) -> Case {
    let context = sampler.context();
    let reply = context.reply.clone();
    (context, reply)
}

fn wrong_fact(sampler: &mut Sampler) -> Case {
    let (context, reply) = true_fact(sampler);
    let who = *context.speaker();
    let world = &VILLAGE.world;
    let facts = [
        (town(&who), &world.town_names),
        (job(&who), &world.jobs_singular),
        (text(who.food), &world.classes[world.foods].plural),
        (text(who.kin.1), &world.names),
        (text(who.name), &world.names),
    ];
    let mut words: Vec<&str> = reply.split(' ').collect();
    let fact_positions: Vec<usize> = (0..words.len())
        .filter(|&at| facts.iter().any(|(fact, _)| *fact == words[at]))
        .collect();
    let at = sampler.one_of(&fact_positions);
    let (fact, table) = facts.iter().find(|(fact, _)| *fact == words[at]).unwrap();
    words[at] = sampler.other_than(table, fact);
    let reply = words.join(" ");
    (context, reply)
}

/// The context mentions a pet, an age or a meeting; the replies repeat it and contradict it.
fn dialogue_fact(sampler: &mut Sampler) -> [Case; 2] {
    let world = &VILLAGE.world;
    let animals = &world.classes[world.animals].singular;
    let context = sampler.context_without(&[
        " a pet", "your pet", "I have a", "I keep a", " old", "spring", "us meet",
    ]);
    match sampler.one_of(&[0, 1, 2]) {
        0 => {
            let colour = text(world.colours.words()[3]);
            let animal = sampler.other_than(animals, "");
            let other = sampler.other_than(animals, animal);
            let context = context.then(
                &format!("I have a {colour} {animal} ."),
                "what is your pet ?",
            );
            [animal, other].map(|animal| (context.clone(), format!("I keep a {colour} {animal} .")))
        }
        1 => {
            let context = context.then("I am forty one years old .", "how old are you ?");
            ["forty one", "thirty one"]
                .map(|age| (context.clone(), format!("I turned {age} in spring .")))
        }
        _ => {
            let place = sampler.other_than(&world.places_singular, "");
            let other = sampler.other_than(&world.places_singular, place);
            let agreed = format!("let us meet at the {place} on friday .");
            let context = context.then(&agreed, "where did we want to meet ?");
            [place, other].map(|place| (context.clone(), format!("at the {place} .")))
        }
    }
}

fn repetition(sampler: &mut Sampler) -> Case {
    dialogue_fact(sampler)[0].clone()
}

fn contradiction(sampler: &mut Sampler) -> Case {
    dialogue_fact(sampler)[1].clone()
}

/// A calculation, and an answer that is off by this much.
fn sum_off_by(sampler: &mut Sampler, off: usize) -> Case {
    let (first, second) = (
        sampler.one_of(&[2, 3, 4, 5, 6, 7]),
        sampler.one_of(&[1, 2, 3]),
    );
    let word = |value| text(number(value));
    let (question, result) = match sampler.one_of(&[true, false]) || first <= second {
        true => (
            format!("what is {} and {} ?", word(first), word(second)),
            first + second,
        ),
        false => (
            format!("how much is {} less {} ?", word(first), word(second)),
            first - second,
        ),
    };
    let wording = sampler.one_of(&["that makes", "the answer is"]);
    let context = sampler.context().last(&question);
    (context, format!("{wording} {} .", word(result + off)))
}

fn right_sum(sampler: &mut Sampler) -> Case {
    sum_off_by(sampler, 0)
}

fn wrong_sum(sampler: &mut Sampler) -> Case {
    let off = sampler.one_of(&[1, 2, 3, 10]);
    sum_off_by(sampler, off)
}

fn maker(sampler: &mut Sampler, makers: fn(&mut Sampler, &'static str) -> &'static str) -> Case {
    let jobs: Vec<_> = VILLAGE.world.jobs.iter().collect();
    let job = sampler.one_of(&jobs);
    let product = text(job.product);
    let makers = makers(sampler, text(job.plural));
    let context = sampler.context().last(&format!("who makes {product} ?"));
    (context, format!("{makers} make {product} ."))
}

fn right_maker(sampler: &mut Sampler) -> Case {
    maker(sampler, |_, makers| makers)
}

fn wrong_maker(sampler: &mut Sampler) -> Case {
    maker(sampler, |sampler, makers| {
        sampler.other_than(&VILLAGE.world.jobs_plural, makers)
    })
}

fn goodbye(sampler: &mut Sampler) -> Case {
    let context = sampler.context().last("I see .");
    let reply = format!("goodbye {} .", text(context.other().name));
    (context, reply)
}

fn wrong_goodbye(sampler: &mut Sampler) -> Case {
    let (context, _) = goodbye(sampler);
    let name = sampler.other_than(&VILLAGE.world.names, text(context.other().name));
    (context, format!("goodbye {name} ."))
}

fn wrong_kind(sampler: &mut Sampler) -> Case {
    let (context, reply) = true_fact(sampler);
    let question = kind_of_question(context.turns.last().unwrap());
    // Answers about name, job or town can also answer most other questions, but not the one about food.
    match question {
        Some("food") => (context.last("how old are you ?"), reply),
        _ => (context.last("what do you like ?"), reply),
    }
}

fn shuffled(sampler: &mut Sampler) -> Case {
    let context = sampler.context();
    let mut words: Vec<&str> = context.reply.split(' ').collect();
    let right = words.clone();
    while words == right {
        words.shuffle(&mut sampler.0);
    }
    let reply = words.join(" ");
    (context, reply)
}

/// The reply of another dialogue to another kind of question.
fn other_dialogue(sampler: &mut Sampler) -> Case {
    let idle = ["I do not know", "that is a good question"];
    loop {
        let (here, there) = (sampler.context(), sampler.context());
        let asked = |context: &Context| kind_of_question(context.turns.last().unwrap());
        let differ =
            asked(&here).is_some() && asked(&there).is_some() && asked(&here) != asked(&there);
        if differ && !idle.iter().any(|idle| there.reply.starts_with(idle)) {
            return (here, there.reply);
        }
    }
}

/// A verb of the first class with an object of class `class`.
fn object_of(sampler: &mut Sampler, class: usize) -> Case {
    let classes = &VILLAGE.world.classes;
    let verb = sampler.other_than(&classes[0].base, "");
    let object = sampler.other_than(&classes[class].singular, "");
    (
        sampler.context().last("I see ."),
        format!("sometimes I {verb} a {object} ."),
    )
}

fn right_object(sampler: &mut Sampler) -> Case {
    object_of(sampler, 0)
}

fn wrong_object(sampler: &mut Sampler) -> Case {
    let class = sampler.0.random_range(1..VILLAGE.world.classes.len());
    object_of(sampler, class)
}

/// A plural subject with the verb form `verb`.
fn plural_subject(sampler: &mut Sampler, verb: &str) -> Case {
    let being = sampler.other_than(&VILLAGE.world.beings_plural, "");
    let [quality, feeling] = [&VILLAGE.world.qualities, &VILLAGE.world.feelings]
        .map(|table| sampler.other_than(table, ""));
    let place = sampler.other_than(&VILLAGE.world.places_singular, "");
    let reply = format!("the {being} near the {quality} {place} {verb} {feeling} today .");
    (sampler.context().last("I see ."), reply)
}

fn right_number(sampler: &mut Sampler) -> Case {
    plural_subject(sampler, "are")
}

fn wrong_number(sampler: &mut Sampler) -> Case {
    plural_subject(sampler, "is")
}

/// Sensible replies. From the fourth on they are specific, too.
pub(super) const RIGHT: [Kind; 8] = [
    ("the generator's own", generated),
    ("object of its class", right_object),
    ("agreeing number", right_number),
    ("fact, either wording", true_fact),
    ("pet, age, meeting again", repetition),
    ("sum", right_sum),
    ("maker", right_maker),
    ("goodbye", goodbye),
];

pub(super) const WRONG: [Kind; 10] = [
    ("wrong fact", wrong_fact),
    ("contradiction", contradiction),
    ("wrong kind of answer", wrong_kind),
    ("wrong sum", wrong_sum),
    ("wrong maker", wrong_maker),
    ("wrong name in goodbye", wrong_goodbye),
    ("shuffled words", shuffled),
    ("of another dialogue", other_dialogue),
    ("object of another class", wrong_object),
    ("wrong number", wrong_number),
];

fn generic_answer(sampler: &mut Sampler) -> Case {
    let context = loop {
        let context = sampler.context();
        if kind_of_question(context.turns.last().unwrap()).is_some() {
            break context;
        }
    };
    let reply = sampler.one_of(&["I do not know .", "that is a good question ."]);
    (context, reply.to_owned())
}

fn generic_remark(sampler: &mut Sampler) -> Case {
    let reply = sampler.one_of(&[
        "I see .",
        "that is nice .",
        "how lovely .",
        "all is well that ends well .",
    ]);
    (
        sampler.context().last("what a beautiful day it is ."),
        reply.to_owned(),
    )
}

pub(super) const GENERIC: [Kind; 2] = [("no answer", generic_answer), ("remark", generic_remark)];
