//! Dialogue contexts against which the specificity of a reply is tested.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::dialogue_state::{DialogueState, Pending};
use super::parser::Parser;
use crate::choices::{ChoiceSource, Distribution, Writer, slot};
use crate::dialogue::{self, Dialogue};
use crate::lexicon::{Word, w};
use crate::phenomenon::Phenomenon::Free;
use crate::village::{Stream, Village};

/// Contexts per group.
const CONTEXTS_PER_GROUP: usize = 40;
/// Maximum number of dialogues drawn. It is reached if the settings allow no questions.
const MAX_DIALOGUES: usize = 4_000;

/// Dialogues truncated before a reply.
#[derive(Debug, Clone, Default)]
pub(super) struct Contexts {
    questions: Vec<DialogueState>,
    statements: Vec<DialogueState>,
}

impl Contexts {
    /// Draws the contexts of a village; they are always the same.
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

    fn keep(&mut self, state: DialogueState) {
        // Only a goodbye fits after a goodbye, so such contexts would make every other reply look specific.
        if state.said_goodbye {
            return;
        }
        let group = match state.pending {
            Pending::Nothing => &mut self.statements,
            _ => &mut self.questions,
        };
        if group.len() < CONTEXTS_PER_GROUP {
            group.push(state);
        }
    }

    /// The contexts that are comparable: with a pending question if this one has one, else without.
    ///
    /// The groups are kept apart because the same reply can be specific in one and generic in the other: a pet
    /// answers a question about pets, but without a question it is one of many possible remarks.
    pub(super) fn comparable(&self, state: &DialogueState) -> &[DialogueState] {
        match state.pending {
            Pending::Nothing => &self.statements,
            _ => &self.questions,
        }
    }
}

/// Draws the turns of one dialogue.
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
    generated.expect("a writer never stops early");
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
