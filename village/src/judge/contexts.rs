//! Conversations with which a reply is compared: does it fit them as well?

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::dialogue_state::{DialogueState, Pending};
use super::parser::Parser;
use crate::choices::{ChoiceSource, Distribution, Writer, slot};
use crate::dialogue::{self, Dialogue};
use crate::lexicon::{Word, w};
use crate::phenomenon::Phenomenon::Free;
use crate::village::{Stream, Village};

/// Contexts of each kind.
const CONTEXTS_PER_GROUP: usize = 40;
/// Conversations that are drawn at most: settings can forbid all questions.
const MAX_DIALOGUES: usize = 4_000;

/// Conversations that were broken off where somebody is to reply.
#[derive(Debug, Clone, Default)]
pub(super) struct Contexts {
    questions: Vec<DialogueState>,
    statements: Vec<DialogueState>,
}

impl Contexts {
    /// Draws the contexts of a village, always the same.
    pub(super) fn draw(village: &Village, parser: &Parser) -> Contexts {
        let mut random = village.random(Stream::Contexts);
        let mut contexts = Contexts::default();
        for _ in 0..MAX_DIALOGUES {
            let turns = dialogue(village, &mut random);
            let length = random.random_range(1..turns.len().max(2));
            let turns: Vec<&str> = turns.iter().take(length).map(String::as_str).collect();
            contexts.keep(DialogueState::of(parser, &village.world, &turns));
            if contexts.questions.len() + contexts.statements.len() == 2 * CONTEXTS_PER_GROUP {
                break;
            }
        }
        contexts
    }

    fn keep(&mut self, dialogue_state: DialogueState) {
        // After a goodbye nothing but a goodbye fits, so such contexts would make every other reply look specific.
        if dialogue_state.said_goodbye {
            return;
        }
        let group = match dialogue_state.pending {
            Pending::Nothing => &mut self.statements,
            _ => &mut self.questions,
        };
        if group.len() < CONTEXTS_PER_GROUP {
            group.push(dialogue_state);
        }
    }

    /// The contexts that wait for an answer if this one does, and those that do not if it does not.
    ///
    /// Not both groups at once: a pet is a fact after a question for it, and one of many things to say where nothing
    /// was asked.
    pub(super) fn comparable(&self, dialogue_state: &DialogueState) -> &[DialogueState] {
        match dialogue_state.pending {
            Pending::Nothing => &self.statements,
            _ => &self.questions,
        }
    }
}

/// The turns of one conversation.
pub(super) fn dialogue(village: &Village, random: &mut ChaCha8Rng) -> Vec<String> {
    let world = &village.world;
    let mut writer = Writer::new(random);
    let generated = writer
        .choose_template(&[(dialogue::OPENING, 1.0)], Free, &|_, _| {
            (Distribution::class(&world.names), Free)
        })
        .and_then(|(_, slots)| {
            Dialogue::generate(&mut writer, world, &village.settings, slot(&slots, 'a'))
        });
    generated.expect("a writer has no end of its own");
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
        let contexts = Contexts::draw(&village, &Parser::new(&village.world));
        assert_eq!(
            (contexts.questions.len(), contexts.statements.len()),
            (CONTEXTS_PER_GROUP, CONTEXTS_PER_GROUP)
        );
    }
}
