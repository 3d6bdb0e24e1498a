//! Dialogue acts: the wordings of every question and statement. The generator writes them and the judge parses them.

use crate::choices::Template;
use crate::lexicon::words;

/// A question to the other speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Question {
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

/// A statement, as an answer or unprompted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Statement {
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

/// All questions with their wordings. Slots: `q` town, `p` product, `s` plus `u` and `z` minus `o` numbers.
pub(crate) const QUESTIONS: [(Question, &[Template]); 14] = [
    (
        Question::Town,
        &[
            words!("where are you from ?"),
            words!("where is your home ?"),
        ],
    ),
    (
        Question::Job,
        &[words!("what is your work ?"), words!("what do you do ?")],
    ),
    (
        Question::Food,
        &[words!("what do you like ?"), words!("what food is best ?")],
    ),
    (
        Question::Family,
        &[
            words!("do you have a family ?"),
            words!("who is your family ?"),
        ],
    ),
    (
        Question::Pet,
        &[words!("do you have a pet ?"), words!("what is your pet ?")],
    ),
    (
        Question::Age,
        &[words!("how old are you ?"), words!("what is your age ?")],
    ),
    (
        Question::Name,
        &[words!("who are you ?"), words!("what is your name ?")],
    ),
    (Question::IsFrom, &[words!("are you from {q} ?")]),
    (Question::Meet, &[words!("shall we meet again ?")]),
    (
        Question::MeetWhere,
        &[words!("where did we want to meet ?")],
    ),
    (Question::MeetWhen, &[words!("when did we want to meet ?")]),
    (Question::Maker, &[words!("who makes {p} ?")]),
    (
        Question::Sum,
        &[
            words!("how much is {s} and {u} ?"),
            words!("what is {s} and {u} ?"),
        ],
    ),
    (
        Question::Less,
        &[
            words!("how much is {z} less {o} ?"),
            words!("what is {z} less {o} ?"),
        ],
    ),
];

/// All statements with their wordings. Slots: `t` town, `j` job, `m` makers, `f` food, `k` kinship term, `n` name,
/// `c` colour, `a` animal, `x` tens, `y` unit, `l` place, `d` day, `p` product, `r` result, `v` verb, `h`, `e` and
/// `w` its objects, `b` pastime, `i` name of the relative, `g` name of the other speaker, `A` being, `V` is or are,
/// `F` feeling, `Q` quality, `P` and `R` places.
pub(crate) const STATEMENTS: [(Statement, &[Template]); 24] = [
    (
        Statement::Town,
        &[words!("I am from {t} ."), words!("my home is in {t} .")],
    ),
    (
        Statement::Job,
        &[
            words!("I am a {j} from {t} ."),
            words!("I work as a {j} in {t} ."),
        ],
    ),
    (
        Statement::Food,
        &[words!("I like {f} best ."), words!("I love {f} .")],
    ),
    (
        Statement::Family,
        &[
            words!("I live in {t} , and {i} is my {k} ."),
            words!("my {k} is {i} , and I live in {t} ."),
        ],
    ),
    (
        Statement::Pet,
        &[words!("I have a {c} {a} ."), words!("I keep a {c} {a} .")],
    ),
    (
        Statement::Age,
        &[
            words!("I am {x} {y} years old ."),
            words!("I turned {x} {y} in spring ."),
        ],
    ),
    (
        Statement::Name,
        &[
            words!("my name is {n} ."),
            words!("I am {n} , a {j} from {t} ."),
        ],
    ),
    (Statement::Yes, &[words!("yes , I am a {j} from {t} .")]),
    (Statement::NoTown, &[words!("no , I am a {j} from {t} .")]),
    (
        Statement::Meet,
        &[words!("let us meet at the {l} on {d} .")],
    ),
    (Statement::MeetWhere, &[words!("at the {l} .")]),
    (Statement::MeetWhen, &[words!("on {d} .")]),
    (Statement::Maker, &[words!("{m} make {p} .")]),
    (
        Statement::Sum,
        &[words!("that makes {r} ."), words!("the answer is {r} .")],
    ),
    (
        Statement::Unknown,
        &[
            words!("I do not know ."),
            words!("that is a good question ."),
        ],
    ),
    (
        Statement::Habit,
        &[
            words!("sometimes I {v} a {h} ."),
            words!("I often {v} a {h} , a {e} or a {w} ."),
        ],
    ),
    (
        Statement::News,
        &[
            words!("the {A} near the {Q} {P} {V} {F} today ."),
            words!("the {A} between the {Q} {P} and the {R} {V} {F} again ."),
        ],
    ),
    (
        Statement::Pastime,
        &[words!("in the evening I like to {b} .")],
    ),
    (
        Statement::Nice,
        &[words!("that is nice ."), words!("how lovely .")],
    ),
    (Statement::See, &[words!("I see .")]),
    (
        Statement::Fixed,
        &[
            words!("what a beautiful day it is ."),
            words!("time flies when you talk to a friend ."),
            words!("all is well that ends well ."),
            words!("to tell you the truth , it was a long day ."),
        ],
    ),
    (Statement::Hello, &[words!("hello , I am {n} .")]),
    (Statement::HelloName, &[words!("hello {g} , I am {n} .")]),
    (Statement::Goodbye, &[words!("goodbye {g} .")]),
];

/// The wordings of a question.
pub(crate) fn question_wordings(question: Question) -> &'static [Template] {
    QUESTIONS
        .iter()
        .find(|(name, _)| *name == question)
        .map_or(&[], |(_, templates)| templates)
}

/// The wordings of a statement.
pub(crate) fn statement_wordings(statement: Statement) -> &'static [Template] {
    STATEMENTS
        .iter()
        .find(|(name, _)| *name == statement)
        .map_or(&[], |(_, templates)| templates)
}
