//! Short calculations in words, step by step or all at once.

use super::{Story, full_stop};
use crate::choices::{ChoiceResult, ChoiceSource, Distribution};
use crate::lexicon::{Word, w, words};
use crate::numbers::{MAX_NUMBER, MAX_OPERAND, number, value};
use crate::phenomenon::Phenomenon::{Free, Local, Sum};

/// The operation after a number, `and` or `less`. The result must stay between one and twenty.
fn operation(choices: &mut impl ChoiceSource, so_far: usize) -> ChoiceResult<Word> {
    let distribution = Distribution::new()
        .word(w!("and"), if so_far < MAX_NUMBER { 0.6 } else { 0.0 })
        .word(w!("less"), if so_far > 1 { 0.4 } else { 0.0 });
    choices.choose_or_emit(&distribution, Free)
}

/// The numbers that can be added to a number or subtracted from it.
pub(crate) fn operands<'w>(so_far: usize, operation: Word) -> Distribution<'w> {
    let max = match operation == w!("and") {
        true => MAX_NUMBER - so_far,
        false => so_far - 1,
    };
    Distribution::uniform((1..=max.min(MAX_OPERAND)).map(number))
}

/// An operation and its operand. Returns the result.
fn step(choices: &mut impl ChoiceSource, so_far: usize) -> ChoiceResult<usize> {
    let operation = operation(choices, so_far)?;
    let word = choices.choose_or_emit(&operands(so_far, operation), Free)?;
    let step = value(word).expect("all options are numbers");
    Ok(match operation == w!("and") {
        true => so_far + step,
        false => so_far - step,
    })
}

impl Story<'_> {
    /// `counted : two and three make five , and four make nine , less one make eight .` Every intermediate result is
    /// in the text.
    pub(super) fn count_aloud(&self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        const STEPS: usize = 3;
        let mut result = any(choices, MAX_OPERAND)?;
        for steps in 1..=STEPS {
            result = step(choices, result)?;
            choices.emit_all(words!("make"))?;
            choices.emit(number(result), Sum)?;
            choices.emit(if steps < STEPS { w!(",") } else { w!(".") }, Local)?;
        }
        choices.emit_all(words!("<eos>"))
    }

    /// `counted on by three from four : seven , ten , thirteen .`
    pub(super) fn count_on(&self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        const STEPS: usize = 5;
        const MAX_STEP: usize = 3;
        let step = any(choices, MAX_STEP)?;
        choices.emit_all(words!("from"))?;
        let start = any(choices, MAX_NUMBER - STEPS * MAX_STEP)?;
        for steps in 1..=STEPS {
            choices.emit(if steps == 1 { w!(":") } else { w!(",") }, Local)?;
            choices.emit(number(start + steps * step), Sum)?;
        }
        full_stop(choices)
    }

    /// `added up two and three and four and got nine .` The intermediate results are not in the text.
    pub(super) fn add_up(&self, choices: &mut impl ChoiceSource) -> ChoiceResult<()> {
        choices.emit_all(words!("up"))?;
        let start = any(choices, MAX_OPERAND)?;
        let middle = step(choices, start)?;
        let result = step(choices, middle)?;
        choices.emit_all(words!(", and got"))?;
        choices.emit(number(result), Sum)?;
        full_stop(choices)
    }
}

/// Any number up to `max`.
fn any(choices: &mut impl ChoiceSource, max: usize) -> ChoiceResult<usize> {
    let word = choices.choose(&Distribution::uniform((1..=max).map(number)), Free)?;
    Ok(value(word).expect("all options are numbers"))
}
