//! Short calculations told in words, step by step or all at once.

use super::{Story, full_stop};
use crate::lexicon::{Word, w, words};
use crate::numbers::{LARGEST, LARGEST_STEP, number, value};
use crate::pen::{Menu, Pen, Told};
use crate::phenomenon::Phenomenon::{Free, Local, Sum};

/// What may follow a number in a calculation: `and` or `less`, where a result from 1 to twenty is left.
fn operation(pen: &mut impl Pen, so_far: usize) -> Told<Word> {
    let menu = Menu::new()
        .word(w!("and"), if so_far < LARGEST { 0.6 } else { 0.0 })
        .word(w!("less"), if so_far > 1 { 0.4 } else { 0.0 });
    pen.pick_or_must(&menu, Free)
}

/// The numbers that may be added to a number, or taken from it.
pub(crate) fn sum_menu<'w>(so_far: usize, operation: Word) -> Menu<'w> {
    let most = match operation == w!("and") {
        true => LARGEST - so_far,
        false => so_far - 1,
    };
    (1..=most.min(LARGEST_STEP)).fold(Menu::new(), |menu, step| menu.word(number(step), 1.0))
}

/// An operation with its number; returns the result.
fn step(pen: &mut impl Pen, so_far: usize) -> Told<usize> {
    let operation = operation(pen, so_far)?;
    let word = pen.pick_or_must(&sum_menu(so_far, operation), Free)?;
    let step = value(word).expect("the menu holds numbers");
    Ok(match operation == w!("and") {
        true => so_far + step,
        false => so_far - step,
    })
}

impl Story<'_> {
    /// `counted : two and three make five , and four make nine , less one make eight .` Each step shows its result.
    pub(super) fn count_aloud(&self, pen: &mut impl Pen) -> Told<()> {
        const STEPS: usize = 3;
        let mut result = any(pen, LARGEST_STEP)?;
        for steps in 1..=STEPS {
            result = step(pen, result)?;
            pen.say(words!("make"))?;
            pen.must(number(result), Sum)?;
            pen.must(if steps < STEPS { w!(",") } else { w!(".") }, Local)?;
        }
        pen.say(words!("<eos>"))
    }

    /// `counted on by three from four : seven , ten , thirteen .`
    pub(super) fn count_on(&self, pen: &mut impl Pen) -> Told<()> {
        const STEPS: usize = 5;
        const WIDEST: usize = 3;
        let step = any(pen, WIDEST)?;
        pen.say(words!("from"))?;
        let start = any(pen, LARGEST - STEPS * WIDEST)?;
        for steps in 1..=STEPS {
            pen.must(if steps == 1 { w!(":") } else { w!(",") }, Local)?;
            pen.must(number(start + steps * step), Sum)?;
        }
        full_stop(pen)
    }

    /// `added up two and three and four and got nine .` The steps are hidden.
    pub(super) fn count_silently(&self, pen: &mut impl Pen) -> Told<()> {
        pen.say(words!("up"))?;
        let start = any(pen, LARGEST_STEP)?;
        let middle = step(pen, start)?;
        let result = step(pen, middle)?;
        pen.say(words!(", and got"))?;
        pen.must(number(result), Sum)?;
        full_stop(pen)
    }
}

/// Any number up to `most`.
fn any(pen: &mut impl Pen, most: usize) -> Told<usize> {
    let menu = (1..=most).fold(Menu::new(), |menu, start| menu.word(number(start), 1.0));
    let word = pen.pick(&menu, Free)?;
    Ok(value(word).expect("the menu holds numbers"))
}
