//! Words as numbers. The closed-class words are compile-time constants, so a misspelt word in a phrase of the grammar
//! does not compile.

use crate::closed_class::CLOSED_CLASS;

/// A word of the village; an index into [`crate::world::World::words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Word(pub(crate) u16);

impl Word {
    /// Numbers from here on are slots of templates, named by a lower-case or capital letter.
    const SLOTS: u16 = 0xff00;

    /// The letter, if this is a slot.
    pub(crate) fn slot(self) -> Option<char> {
        let letter = self.0.checked_sub(Word::SLOTS)?;
        Some(char::from(letter as u8))
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A closed-class word: `w!("the")`.
macro_rules! w {
    ($word:expr) => {
        const { $crate::lexicon::closed($word.as_bytes()) }
    };
}

/// A phrase of closed-class words and slots: `words!("went to the {p} .")`.
macro_rules! words {
    ($text:expr) => {
        const {
            &$crate::lexicon::split::<{ $crate::lexicon::count($text) }>($text)
                as &[$crate::lexicon::Word]
        }
    };
}

pub(crate) use {w, words};

/// Number of words in a phrase.
pub(crate) const fn count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut spaces) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b' ' {
            spaces += 1;
        }
        at += 1;
    }
    spaces + 1
}

/// The words of a phrase, which are separated by single spaces.
pub(crate) const fn split<const N: usize>(text: &str) -> [Word; N] {
    let mut words = [Word(0); N];
    let mut rest = text.as_bytes();
    let mut index = 0;
    while index < N {
        let mut end = 0;
        while end < rest.len() && rest[end] != b' ' {
            end += 1;
        }
        let (word, tail) = rest.split_at(end);
        words[index] = match word {
            [b'{', letter, b'}'] => Word(Word::SLOTS + *letter as u16),
            word => closed(word),
        };
        rest = match tail {
            [_, after @ ..] => after,
            [] => tail,
        };
        index += 1;
    }
    words
}

/// The number of a closed-class word.
pub(crate) const fn closed(word: &[u8]) -> Word {
    let mut index = 0;
    while index < CLOSED_CLASS.len() {
        if same(CLOSED_CLASS[index].as_bytes(), word) {
            return Word(index as u16);
        }
        index += 1;
    }
    match core::str::from_utf8(word) {
        Ok(word) => panic!("{}", word),
        Err(_) => panic!("a closed-class word must be UTF-8"),
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
