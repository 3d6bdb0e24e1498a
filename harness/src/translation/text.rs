//! Words and phrases as sacreBLEU sees them.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// White space as Python understands it: Unicode's, and four separators of ASCII besides.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// What stands between white space.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// The phrases of a sentence that have this many words or characters, with their counts.
pub(super) fn phrases<T: Eq + Hash>(sentence: &[T], order: usize) -> FxHashMap<&[T], u64> {
    let mut counts = FxHashMap::default();
    for phrase in sentence.windows(order) {
        *counts.entry(phrase).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_python_white_space() {
        let found: Vec<&str> = words(" a\u{1c}b\u{a0}c\u{3000}\u{2028}d\u{200b}e\n").collect();
        assert_eq!(found, ["a", "b", "c", "d\u{200b}e"]);
    }

    #[test]
    fn ngrams_are_counted() {
        let counts = phrases(&['a', 'b', 'a', 'b'], 2);
        assert_eq!(counts[&['a', 'b'][..]], 2);
        assert_eq!(counts[&['b', 'a'][..]], 1);
        assert!(phrases(&['a'], 2).is_empty());
    }
}
