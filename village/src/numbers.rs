//! Number words.

use crate::lexicon::{Word, w};

/// The number words from one to twenty.
const SMALL: [Word; 20] = [
    w!("one"),
    w!("two"),
    w!("three"),
    w!("four"),
    w!("five"),
    w!("six"),
    w!("seven"),
    w!("eight"),
    w!("nine"),
    w!("ten"),
    w!("eleven"),
    w!("twelve"),
    w!("thirteen"),
    w!("fourteen"),
    w!("fifteen"),
    w!("sixteen"),
    w!("seventeen"),
    w!("eighteen"),
    w!("nineteen"),
    w!("twenty"),
];

/// The tens from twenty to ninety.
pub(crate) const TENS: [Word; 8] = [
    w!("twenty"),
    w!("thirty"),
    w!("forty"),
    w!("fifty"),
    w!("sixty"),
    w!("seventy"),
    w!("eighty"),
    w!("ninety"),
];

/// The largest number in a calculation.
pub(crate) const MAX_NUMBER: usize = SMALL.len();
/// The largest second operand of a calculation.
pub(crate) const MAX_OPERAND: usize = 9;

/// The word of a number from 1 to [`MAX_NUMBER`].
pub(crate) fn number(value: usize) -> Word {
    SMALL[value - 1]
}

/// The value of a number word from 1 to [`MAX_NUMBER`].
pub(crate) fn value(word: Word) -> Option<usize> {
    SMALL
        .iter()
        .position(|&small| small == word)
        .map(|at| at + 1)
}
