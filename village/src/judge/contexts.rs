//! Conversations with which a reply is compared: does it fit them as well?

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::history::{History, Pending};
use super::understand::Ear;
use crate::lexicon::{Word, w};
use crate::pen::{Menu, Pen, Writer, slot};
use crate::phenomenon::Phenomenon::Free;
use crate::talk::{self, Talk};
use crate::village::{Stream, Village};

/// Contexts of each kind.
const EACH: usize = 40;
/// Conversations that are drawn at most: settings can forbid all questions.
const MOST_DRAWN: usize = 4_000;

/// Conversations that were broken off where somebody is to reply.
#[derive(Debug, Clone, Default)]
pub(super) struct Contexts {
    asking: Vec<History>,
    resting: Vec<History>,
}

impl Contexts {
    /// Draws the contexts of a village, always the same.
    pub(super) fn draw(village: &Village, ear: &Ear) -> Contexts {
        let mut random = village.random(Stream::Contexts);
        let mut contexts = Contexts::default();
        for _ in 0..MOST_DRAWN {
            let turns = conversation(village, &mut random);
            let length = random.random_range(1..turns.len().max(2));
            let turns: Vec<&str> = turns.iter().take(length).map(String::as_str).collect();
            contexts.keep(History::of(ear, &village.world, &turns));
            if contexts.asking.len() + contexts.resting.len() == 2 * EACH {
                break;
            }
        }
        contexts
    }

    fn keep(&mut self, history: History) {
        // After a goodbye nothing but a goodbye fits, so such contexts would make every other reply look specific.
        if history.leaving {
            return;
        }
        let group = match history.pending {
            Pending::Nothing => &mut self.resting,
            _ => &mut self.asking,
        };
        if group.len() < EACH {
            group.push(history);
        }
    }

    /// The contexts that wait for an answer if this one does, and those that do not if it does not.
    ///
    /// Not both groups at once: a pet is a fact after a question for it, and one of many things to say where nothing
    /// was asked.
    pub(super) fn like(&self, history: &History) -> &[History] {
        match history.pending {
            Pending::Nothing => &self.resting,
            _ => &self.asking,
        }
    }
}

/// The turns of one conversation.
pub(super) fn conversation(village: &Village, random: &mut ChaCha8Rng) -> Vec<String> {
    let world = &village.world;
    let mut writer = Writer::new(random);
    let told = writer
        .frame(&[(talk::OPENING, 1.0)], Free, &|_, _| {
            (Menu::class(&world.names), Free)
        })
        .and_then(|(_, slots)| {
            Talk::tell(&mut writer, world, &village.settings, slot(&slots, 'a'))
        });
    told.expect("a writer has no end of its own");
    let text = |turn: &[Word]| {
        let words: Vec<&str> = turn.iter().map(|&word| world.text(word)).collect();
        words.join(" ")
    };
    let turns = writer.words.split(|&word| word == w!("<eos>"));
    turns.filter(|turn| !turn.is_empty()).map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn both_groups_are_filled() {
        let village = Village::new(&Settings::default()).unwrap();
        let contexts = Contexts::draw(&village, &Ear::new(&village.world));
        assert_eq!(
            (contexts.asking.len(), contexts.resting.len()),
            (EACH, EACH)
        );
    }
}
