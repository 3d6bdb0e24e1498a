//! Words that differ only in case, and words with similar spellings.

use rustc_hash::FxHashMap;

/// Words without regard to case: of those that fold to the same, the first stands for all.
pub(super) struct Folded {
    firsts: FxHashMap<String, usize>,
    /// For each word the first that folds to the same.
    pub(super) first: Vec<usize>,
}

impl Folded {
    /// Of words, the most frequent first.
    pub(super) fn new(words: &[String]) -> Folded {
        let mut firsts = FxHashMap::default();
        let first = words
            .iter()
            .enumerate()
            .map(|(id, word)| *firsts.entry(fold(word)).or_insert(id))
            .collect();
        Folded { firsts, first }
    }

    /// The most frequent word that folds to the same as this.
    pub(super) fn id(&self, word: &str) -> Option<usize> {
        self.firsts.get(&fold(word)).copied()
    }
}

/// Upper case, as compute-accuracy and gensim have it: ß and SS are the same.
fn fold(word: &str) -> String {
    word.to_uppercase()
}

/// How many spellings are proposed.
const PROPOSED: usize = 3;

/// The few words with the spelling closest to `word`, by distance, then by frequency. Case is ignored; at most 2 letters may
/// differ, or 1 in words of up to 3 letters.
pub(super) fn closest<'a>(words: &'a [String], word: &str) -> Vec<&'a str> {
    let wanted: Vec<char> = word.to_lowercase().chars().collect();
    let farthest = if wanted.len() > 3 { 2 } else { 1 };
    let mut letters = Vec::new();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (id, candidate) in words.iter().enumerate() {
        letters.clear();
        letters.extend(candidate.chars().flat_map(char::to_lowercase));
        // Cheaper than the distance, and never more than it.
        if letters.len().abs_diff(wanted.len()) <= farthest {
            let distance = edit_distance(&wanted, &letters);
            if distance <= farthest {
                found.push((distance, id));
            }
        }
    }
    found.sort_unstable();
    found.truncate(PROPOSED);
    found.iter().map(|&(_, id)| words[id].as_str()).collect()
}

/// Fewest letters to insert, remove or replace that make one word into another (Levenshtein 1966).
fn edit_distance(a: &[char], b: &[char]) -> usize {
    // Distances from the letters of `a` so far to each beginning of `b`.
    let mut distances: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        distances[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = distances[j + 1];
            distances[j + 1] = replaced.min(diagonal + 1).min(distances[j] + 1);
        }
    }
    distances[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn distances_worked_by_hand() {
        let distance = |a: &str, b: &str| {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            edit_distance(&letters(a), &letters(b))
        };
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("naïve", "naive"), 1);
    }

    #[test]
    fn suggestions_are_ordered_by_distance_then_frequency() {
        let words = words("green been queen queens Paris the");
        assert_eq!(closest(&words, "qeen"), ["been", "queen", "green"]);
        assert_eq!(closest(&words, "PARIS"), ["Paris"]);
        assert_eq!(closest(&words, "te"), ["the"]);
        assert!(closest(&words, "xylophone").is_empty());
    }

    #[test]
    fn the_most_frequent_spelling_represents_all() {
        let folded = Folded::new(&words("the The cat THE Straße STRASSE"));
        assert_eq!(folded.first, [0, 0, 2, 0, 4, 4]);
        assert_eq!(folded.id("tHe"), Some(0));
        assert_eq!(folded.id("dog"), None);
    }
}
