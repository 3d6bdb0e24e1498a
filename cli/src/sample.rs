//! The built-in text of `eras run`, made by a seeded generator: small stories told by a grammar.
//!
//! It makes the two commands of the README work with no download. Words within a class follow Zipf's law, what a story
//! is about stays the same throughout it, and so there is something to learn at every range.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Stories in the text.
const STORIES: usize = 4000;

const NAMES: [&str; 24] = [
    "Ada", "Boris", "Clara", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katya",
    "Lars", "Mira", "Nils", "Olga", "Pavel", "Quentin", "Rosa", "Sven", "Tilda", "Umar", "Vera",
    "Walter", "Yara",
];
const JOBS: [&str; 12] = [
    "baker", "farmer", "teacher", "smith", "doctor", "sailor", "painter", "weaver", "miller",
    "guard", "cook", "clerk",
];
const PLACES: [&str; 16] = [
    "market", "river", "mill", "harbour", "school", "bridge", "forest", "garden", "tower", "inn",
    "square", "field", "library", "well", "gate", "hill",
];
const THINGS: [&str; 20] = [
    "bread", "basket", "lamp", "rope", "letter", "coat", "boat", "hammer", "kettle", "ribbon",
    "apple", "map", "key", "drum", "mirror", "ladder", "flute", "saddle", "candle", "clock",
];
const ADJECTIVES: [&str; 14] = [
    "old", "small", "red", "heavy", "new", "broken", "bright", "cheap", "strange", "fine", "empty",
    "warm", "grey", "narrow",
];
const DEEDS: [[&str; 2]; 10] = [
    ["finds", "found"],
    ["buys", "bought"],
    ["sells", "sold"],
    ["carries", "carried"],
    ["loses", "lost"],
    ["mends", "mended"],
    ["hides", "hid"],
    ["paints", "painted"],
    ["brings", "brought"],
    ["keeps", "kept"],
];
const MOODS: [&str; 8] = [
    "glad", "tired", "angry", "proud", "afraid", "calm", "hungry", "curious",
];

/// The text: a story per paragraph, a sentence per line, stories divided by blank lines.
pub(crate) fn text(seed: u64) -> String {
    let mut teller = Teller {
        random: ChaCha8Rng::seed_from_u64(seed),
        text: String::new(),
    };
    for _ in 0..STORIES {
        teller.story();
        teller.text.push('\n');
    }
    teller.text
}

struct Teller {
    random: ChaCha8Rng,
    text: String,
}

impl Teller {
    /// Item i with a probability proportional to 1 / (i + 1).
    fn pick<'w, T: ?Sized>(&mut self, words: &[&'w T]) -> &'w T {
        words[self.rank(words.len())]
    }

    fn rank(&mut self, length: usize) -> usize {
        let total: f64 = (1..=length).map(|rank| 1.0 / rank as f64).sum();
        let mut rest = self.random.random::<f64>() * total;
        for index in 0..length {
            rest -= 1.0 / (index + 1) as f64;
            if rest < 0.0 {
                return index;
            }
        }
        length - 1
    }

    fn say(&mut self, sentence: &str) {
        self.text.push_str(sentence);
        self.text.push('\n');
    }

    /// One person, one thing, one place, one tense: what the first line says, the others keep to.
    fn story(&mut self) {
        let (name, job) = (self.pick(&NAMES), self.pick(&JOBS));
        let (thing, place) = (self.pick(&THINGS), self.pick(&PLACES));
        let past = usize::from(self.random.random_bool(0.5));
        let is = ["is", "was"][past];
        self.say(&format!("{name} the {job} {is} at the {place}."));
        for _ in 0..2 + self.rank(5) {
            let sentence = self.sentence(name, thing, place, past);
            self.say(&sentence);
        }
        let mood = self.pick(&MOODS);
        self.say(&format!("In the end {name} {is} {mood}."));
    }

    fn sentence(&mut self, name: &str, thing: &str, place: &str, past: usize) -> String {
        let deed = DEEDS[self.rank(DEEDS.len())][past];
        let adjective = self.pick(&ADJECTIVES);
        let other = self.pick(&NAMES);
        match self.rank(6) {
            0 => format!("{name} {deed} the {adjective} {thing}."),
            1 => format!(
                "There {} a {adjective} {thing} near the {place}.",
                ["is", "was"][past]
            ),
            2 => format!(
                "\"Where is my {thing}?\" {} {other}.",
                ["asks", "asked"][past]
            ),
            3 => format!(
                "{other} {} with {name} to the {place}.",
                ["walks", "walked"][past]
            ),
            4 => format!("The {thing} {} very {adjective}.", ["is", "was"][past]),
            _ => format!(
                "{name} {} {other} the {thing} at the {place}.",
                ["gives", "gave"][past]
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_stories() {
        let told = text(1);
        assert_eq!(told, text(1));
        assert_ne!(told, text(2));
        assert_eq!(
            told.split("\n\n")
                .filter(|story| !story.trim().is_empty())
                .count(),
            STORIES
        );
    }
}
