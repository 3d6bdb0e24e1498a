//! What is said in conversations: the wording of every question and answer. The generator speaks by it, and the judge
//! understands by it.

use crate::lexicon::words;
use crate::pen::Template;

/// What is asked of the other speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Ask {
    Town,
    Job,
    Food,
    Family,
    Pet,
    Age,
    Name,
    IsFrom,
    Meet,
    MeetWhere,
    MeetWhen,
    Maker,
    Sum,
    Less,
}

/// What is stated, as an answer or unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Tell {
    Town,
    Job,
    Food,
    Family,
    Pet,
    Age,
    Name,
    Yes,
    NoTown,
    Meet,
    MeetWhere,
    MeetWhen,
    Maker,
    Sum,
    Unknown,
    Habit,
    News,
    Pastime,
    Nice,
    See,
    Fixed,
    Hello,
    HelloName,
    Goodbye,
}

/// All questions with their wordings. Slots: `q` town, `p` product, `s` and `u`, `z` less `o` numbers.
pub(crate) const ASKS: [(Ask, &[Template]); 14] = [
    (
        Ask::Town,
        &[
            words!("where are you from ?"),
            words!("where is your home ?"),
        ],
    ),
    (
        Ask::Job,
        &[words!("what is your work ?"), words!("what do you do ?")],
    ),
    (
        Ask::Food,
        &[words!("what do you like ?"), words!("what food is best ?")],
    ),
    (
        Ask::Family,
        &[
            words!("do you have a family ?"),
            words!("who is your family ?"),
        ],
    ),
    (
        Ask::Pet,
        &[words!("do you have a pet ?"), words!("what is your pet ?")],
    ),
    (
        Ask::Age,
        &[words!("how old are you ?"), words!("what is your age ?")],
    ),
    (
        Ask::Name,
        &[words!("who are you ?"), words!("what is your name ?")],
    ),
    (Ask::IsFrom, &[words!("are you from {q} ?")]),
    (Ask::Meet, &[words!("shall we meet again ?")]),
    (Ask::MeetWhere, &[words!("where did we want to meet ?")]),
    (Ask::MeetWhen, &[words!("when did we want to meet ?")]),
    (Ask::Maker, &[words!("who makes {p} ?")]),
    (
        Ask::Sum,
        &[
            words!("how much is {s} and {u} ?"),
            words!("what is {s} and {u} ?"),
        ],
    ),
    (
        Ask::Less,
        &[
            words!("how much is {z} less {o} ?"),
            words!("what is {z} less {o} ?"),
        ],
    ),
];

/// All statements with their wordings. Slots: `t` town, `j` job, `m` makers, `f` food, `k` kin, `n` name, `c` colour,
/// `a` animal, `x` tens, `y` unit, `l` place, `d` day, `p` product, `r` result, `v` verb and `h` its object, `b`
/// pastime, `i` name of kin, `g` name of the other speaker; `e` and `w` more objects; `A` beings who `V` are `F` somehow
/// near `Q` `P` and `R`.
pub(crate) const TELLS: [(Tell, &[Template]); 24] = [
    (
        Tell::Town,
        &[words!("I am from {t} ."), words!("my home is in {t} .")],
    ),
    (
        Tell::Job,
        &[
            words!("I am a {j} from {t} ."),
            words!("I work as a {j} in {t} ."),
        ],
    ),
    (
        Tell::Food,
        &[words!("I like {f} best ."), words!("I love {f} .")],
    ),
    (
        Tell::Family,
        &[
            words!("I live in {t} , and {i} is my {k} ."),
            words!("my {k} is {i} , and I live in {t} ."),
        ],
    ),
    (
        Tell::Pet,
        &[words!("I have a {c} {a} ."), words!("I keep a {c} {a} .")],
    ),
    (
        Tell::Age,
        &[
            words!("I am {x} {y} years old ."),
            words!("I turned {x} {y} in spring ."),
        ],
    ),
    (
        Tell::Name,
        &[
            words!("my name is {n} ."),
            words!("I am {n} , a {j} from {t} ."),
        ],
    ),
    (Tell::Yes, &[words!("yes , I am a {j} from {t} .")]),
    (Tell::NoTown, &[words!("no , I am a {j} from {t} .")]),
    (Tell::Meet, &[words!("let us meet at the {l} on {d} .")]),
    (Tell::MeetWhere, &[words!("at the {l} .")]),
    (Tell::MeetWhen, &[words!("on {d} .")]),
    (Tell::Maker, &[words!("{m} make {p} .")]),
    (
        Tell::Sum,
        &[words!("that makes {r} ."), words!("the answer is {r} .")],
    ),
    (
        Tell::Unknown,
        &[
            words!("I do not know ."),
            words!("that is a good question ."),
        ],
    ),
    (
        Tell::Habit,
        &[
            words!("sometimes I {v} a {h} ."),
            words!("I often {v} a {h} , a {e} or a {w} ."),
        ],
    ),
    (
        Tell::News,
        &[
            words!("the {A} near the {Q} {P} {V} {F} today ."),
            words!("the {A} between the {Q} {P} and the {R} {V} {F} again ."),
        ],
    ),
    (Tell::Pastime, &[words!("in the evening I like to {b} .")]),
    (
        Tell::Nice,
        &[words!("that is nice ."), words!("how lovely .")],
    ),
    (Tell::See, &[words!("I see .")]),
    (
        Tell::Fixed,
        &[
            words!("what a beautiful day it is ."),
            words!("time flies when you talk to a friend ."),
            words!("all is well that ends well ."),
            words!("to tell you the truth , it was a long day ."),
        ],
    ),
    (Tell::Hello, &[words!("hello , I am {n} .")]),
    (Tell::HelloName, &[words!("hello {g} , I am {n} .")]),
    (Tell::Goodbye, &[words!("goodbye {g} .")]),
];

/// The wordings of a question.
pub(crate) fn asking(ask: Ask) -> &'static [Template] {
    ASKS.iter()
        .find(|(name, _)| *name == ask)
        .map_or(&[], |(_, templates)| templates)
}

/// The wordings of a statement.
pub(crate) fn telling(tell: Tell) -> &'static [Template] {
    TELLS
        .iter()
        .find(|(name, _)| *name == tell)
        .map_or(&[], |(_, templates)| templates)
}
