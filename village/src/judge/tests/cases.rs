//! Replies in their places, right or wrong by construction.

use rand::RngExt;
use rand::seq::SliceRandom;

use super::scenes::{Scene, Source, about, job, kind_of_question, text, town};
use super::*;

/// A reply in its place.
pub(super) type Case = (Scene, String);
/// A kind of replies, and how one is made.
pub(super) type Kind = (&'static str, fn(&mut Source) -> Case);

fn true_fact(source: &mut Source) -> Case {
    let scene = source.scene();
    about(source, scene)
}

fn own(source: &mut Source) -> Case {
    let scene = source.scene();
    let reply = scene.reply.clone();
    (scene, reply)
}

fn wrong_fact(source: &mut Source) -> Case {
    let (scene, reply) = true_fact(source);
    let who = *scene.speaker();
    let world = &VILLAGE.world;
    let facts = [
        (town(&who), &world.town_names),
        (job(&who), &world.job_ones),
        (text(who.food), &world.classes[world.foods].many),
        (text(who.kin.1), &world.names),
        (text(who.name), &world.names),
    ];
    let mut words: Vec<&str> = reply.split(' ').collect();
    let told: Vec<usize> = (0..words.len())
        .filter(|&at| facts.iter().any(|(fact, _)| *fact == words[at]))
        .collect();
    let at = source.one_of(&told);
    let (fact, table) = facts.iter().find(|(fact, _)| *fact == words[at]).unwrap();
    words[at] = source.other_than(table, fact);
    let reply = words.join(" ");
    (scene, reply)
}

/// A pet, an age or a meeting was told; it is told again, or otherwise.
fn made_up(source: &mut Source) -> [Case; 2] {
    let world = &VILLAGE.world;
    let animals = &world.classes[world.animals].one;
    let scene = source.scene_without(&[
        " a pet", "your pet", "I have a", "I keep a", " old", "spring", "us meet",
    ]);
    match source.one_of(&[0, 1, 2]) {
        0 => {
            let colour = text(world.colours.words()[3]);
            let animal = source.other_than(animals, "");
            let other = source.other_than(animals, animal);
            let scene = scene.then(
                &format!("I have a {colour} {animal} ."),
                "what is your pet ?",
            );
            [animal, other].map(|animal| (scene.clone(), format!("I keep a {colour} {animal} .")))
        }
        1 => {
            let scene = scene.then("I am forty one years old .", "how old are you ?");
            ["forty one", "thirty one"]
                .map(|age| (scene.clone(), format!("I turned {age} in spring .")))
        }
        _ => {
            let place = source.other_than(&world.places, "");
            let other = source.other_than(&world.places, place);
            let agreed = format!("let us meet at the {place} on friday .");
            let scene = scene.then(&agreed, "where did we want to meet ?");
            [place, other].map(|place| (scene.clone(), format!("at the {place} .")))
        }
    }
}

fn same_again(source: &mut Source) -> Case {
    made_up(source)[0].clone()
}

fn contradiction(source: &mut Source) -> Case {
    made_up(source)[1].clone()
}

/// A sum and an answer that is wrong by this much.
fn sum_off_by(source: &mut Source, off: usize) -> Case {
    let (first, second) = (
        source.one_of(&[2, 3, 4, 5, 6, 7]),
        source.one_of(&[1, 2, 3]),
    );
    let word = |value| text(number(value));
    let (question, result) = match source.one_of(&[true, false]) || first <= second {
        true => (
            format!("what is {} and {} ?", word(first), word(second)),
            first + second,
        ),
        false => (
            format!("how much is {} less {} ?", word(first), word(second)),
            first - second,
        ),
    };
    let wording = source.one_of(&["that makes", "the answer is"]);
    let scene = source.scene().last(&question);
    (scene, format!("{wording} {} .", word(result + off)))
}

fn right_sum(source: &mut Source) -> Case {
    sum_off_by(source, 0)
}

fn wrong_sum(source: &mut Source) -> Case {
    let off = source.one_of(&[1, 2, 3, 10]);
    sum_off_by(source, off)
}

fn maker(source: &mut Source, makers: fn(&mut Source, &'static str) -> &'static str) -> Case {
    let jobs: Vec<_> = VILLAGE.world.jobs.iter().collect();
    let job = source.one_of(&jobs);
    let product = text(job.product);
    let makers = makers(source, text(job.many));
    let scene = source.scene().last(&format!("who makes {product} ?"));
    (scene, format!("{makers} make {product} ."))
}

fn right_maker(source: &mut Source) -> Case {
    maker(source, |_, makers| makers)
}

fn wrong_maker(source: &mut Source) -> Case {
    maker(source, |source, makers| {
        source.other_than(&VILLAGE.world.job_manys, makers)
    })
}

fn goodbye(source: &mut Source) -> Case {
    let scene = source.scene().last("I see .");
    let reply = format!("goodbye {} .", text(scene.other().name));
    (scene, reply)
}

fn wrong_goodbye(source: &mut Source) -> Case {
    let (scene, _) = goodbye(source);
    let name = source.other_than(&VILLAGE.world.names, text(scene.other().name));
    (scene, format!("goodbye {name} ."))
}

fn wrong_kind(source: &mut Source) -> Case {
    let (scene, reply) = true_fact(source);
    let asked = kind_of_question(scene.turns.last().unwrap());
    // All but the question about food can be answered by the way with a name, a job or a town.
    match asked {
        Some("food") => (scene.last("how old are you ?"), reply),
        _ => (scene.last("what do you like ?"), reply),
    }
}

fn salad(source: &mut Source) -> Case {
    let scene = source.scene();
    let mut words: Vec<&str> = scene.reply.split(' ').collect();
    let right = words.clone();
    while words == right {
        words.shuffle(&mut source.0);
    }
    let reply = words.join(" ");
    (scene, reply)
}

/// The reply of another conversation, in which something else was asked.
fn other_conversation(source: &mut Source) -> Case {
    let idle = ["I do not know", "that is a good question"];
    loop {
        let (here, there) = (source.scene(), source.scene());
        let asked = |scene: &Scene| kind_of_question(scene.turns.last().unwrap());
        let differ =
            asked(&here).is_some() && asked(&there).is_some() && asked(&here) != asked(&there);
        if differ && !idle.iter().any(|idle| there.reply.starts_with(idle)) {
            return (here, there.reply);
        }
    }
}

/// A verb of one class with an object of this one.
fn object_of(source: &mut Source, class: usize) -> Case {
    let classes = &VILLAGE.world.classes;
    let verb = source.other_than(&classes[0].base, "");
    let object = source.other_than(&classes[class].one, "");
    (
        source.scene().last("I see ."),
        format!("sometimes I {verb} a {object} ."),
    )
}

fn right_object(source: &mut Source) -> Case {
    object_of(source, 0)
}

fn wrong_object(source: &mut Source) -> Case {
    let class = source.0.random_range(1..VILLAGE.world.classes.len());
    object_of(source, class)
}

/// Several beings, of whom `verb` is said.
fn several(source: &mut Source, verb: &str) -> Case {
    let being = source.other_than(&VILLAGE.world.beings_many, "");
    let [quality, feeling] = [&VILLAGE.world.qualities, &VILLAGE.world.feelings]
        .map(|table| source.other_than(table, ""));
    let place = source.other_than(&VILLAGE.world.places, "");
    let reply = format!("the {being} near the {quality} {place} {verb} {feeling} today .");
    (source.scene().last("I see ."), reply)
}

fn right_number(source: &mut Source) -> Case {
    several(source, "are")
}

fn wrong_number(source: &mut Source) -> Case {
    several(source, "is")
}

/// Right ones. From the fourth on they are specific.
pub(super) const RIGHT: [Kind; 8] = [
    ("the generator's own", own),
    ("object of its class", right_object),
    ("agreeing number", right_number),
    ("fact, either wording", true_fact),
    ("pet, age, meeting again", same_again),
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
    ("shuffled words", salad),
    ("of another conversation", other_conversation),
    ("object of another class", wrong_object),
    ("wrong number", wrong_number),
];

fn generic_answer(source: &mut Source) -> Case {
    let scene = loop {
        let scene = source.scene();
        if kind_of_question(scene.turns.last().unwrap()).is_some() {
            break scene;
        }
    };
    let reply = source.one_of(&["I do not know .", "that is a good question ."]);
    (scene, reply.to_owned())
}

fn generic_remark(source: &mut Source) -> Case {
    let reply = source.one_of(&[
        "I see .",
        "that is nice .",
        "how lovely .",
        "all is well that ends well .",
    ]);
    (
        source.scene().last("what a beautiful day it is ."),
        reply.to_owned(),
    )
}

pub(super) const GENERIC: [Kind; 2] = [("no answer", generic_answer), ("remark", generic_remark)];
