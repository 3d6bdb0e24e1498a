//! A document of the village: a story or a dialogue.

use crate::choices::{ChoiceResult, ChoiceSource, Distribution, Template, slot};
use crate::dialogue::{self, Dialogue};
use crate::lexicon::Word;
use crate::phenomenon::Phenomenon::Free;
use crate::settings::Settings;
use crate::story::{OPENINGS, Story};
use crate::world::World;

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Story,
    Dialogue,
}

/// Generates one document, from its first word to its last `<eos>`.
pub(crate) fn generate(
    choices: &mut impl ChoiceSource,
    world: &World,
    settings: &Settings,
) -> ChoiceResult<Kind> {
    let stories = 1.0 - settings.conversations;
    let mut templates: Vec<(Template, f64)> = OPENINGS
        .iter()
        .map(|&(template, weight)| (template, weight * stories))
        .collect();
    templates.push((dialogue::OPENING, settings.conversations));
    let (index, slots) = choices.choose_template(&templates, Free, &|_, _| {
        (Distribution::class(&world.names), Free)
    })?;
    let first: Word = slot(&slots, 'a');
    if index < OPENINGS.len() {
        Story::open(choices, world, settings, first)?.generate(choices)?;
        return Ok(Kind::Story);
    }
    Dialogue::generate(choices, world, settings, first)?;
    Ok(Kind::Dialogue)
}
