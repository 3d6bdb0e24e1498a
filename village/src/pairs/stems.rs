//! Generates the stems of Umric from random syllables.

use std::collections::HashSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Onsets of a syllable.
const ONSETS: [&str; 24] = [
    "b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "sh", "th", "zh",
    "br", "dr", "gr", "kr", "pl", "tr",
];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
/// Codas of a stem. It ends in a consonant because all endings begin with a vowel.
const CODAS: [&str; 10] = ["b", "d", "g", "k", "l", "m", "n", "r", "s", "t"];
/// Probability of a third syllable.
const LONG: f64 = 0.3;

/// Generates stems whose forms are all new.
#[derive(Debug)]
pub(super) struct StemGenerator {
    pub(super) random: ChaCha8Rng,
    taken: HashSet<String>,
}

impl StemGenerator {
    /// A generator that avoids these words.
    pub(super) fn new(
        random: ChaCha8Rng,
        taken: impl IntoIterator<Item = String>,
    ) -> StemGenerator {
        StemGenerator {
            random,
            taken: taken.into_iter().collect(),
        }
    }

    /// A new stem. Its forms with these endings become reserved.
    pub(super) fn stem<'e>(&mut self, endings: impl Iterator<Item = &'e str> + Clone) -> String {
        loop {
            let stem = self.syllables();
            let forms = endings
                .clone()
                .map(|ending| [stem.as_str(), ending].concat());
            if forms.clone().all(|form| !self.taken.contains(&form)) {
                self.taken.extend(forms.collect::<Vec<String>>());
                return stem;
            }
        }
    }

    fn syllables(&mut self) -> String {
        let count = 2 + usize::from(self.random.random_bool(LONG));
        let mut stem = String::new();
        for _ in 0..count {
            stem += ONSETS[self.random.random_range(0..ONSETS.len())];
            stem += VOWELS[self.random.random_range(0..VOWELS.len())];
        }
        stem + CODAS[self.random.random_range(0..CODAS.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn all_forms_are_distinct() {
        let mut stem_generator = StemGenerator::new(ChaCha8Rng::seed_from_u64(1), []);
        let endings = ["", "im", "en", "imen"];
        let mut forms = HashSet::new();
        for _ in 0..2000 {
            let stem = stem_generator.stem(endings.into_iter());
            for ending in endings {
                assert!(forms.insert(format!("{stem}{ending}")), "{stem}-{ending}");
            }
        }
    }
}
