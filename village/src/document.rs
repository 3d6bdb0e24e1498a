//! A document of the village: a story or a conversation.

use crate::lexicon::Word;
use crate::pen::{Menu, Pen, Template, Told, slot};
use crate::phenomenon::Phenomenon::Free;
use crate::settings::Settings;
use crate::story::{OPENINGS, Story};
use crate::talk::{self, Talk};
use crate::world::World;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Story,
    Conversation,
}

/// Tells one document from its first word to its last `<eos>`.
pub(crate) fn tell(pen: &mut impl Pen, world: &World, settings: &Settings) -> Told<Kind> {
    let stories = 1.0 - settings.conversations;
    let mut templates: Vec<(Template, f64)> = OPENINGS
        .iter()
        .map(|&(template, weight)| (template, weight * stories))
        .collect();
    templates.push((talk::OPENING, settings.conversations));
    let (index, slots) = pen.frame(&templates, Free, &|_, _| (Menu::class(&world.names), Free))?;
    let first: Word = slot(&slots, 'a');
    if index < OPENINGS.len() {
        Story::open(pen, world, settings, first)?.tell(pen)?;
        return Ok(Kind::Story);
    }
    Talk::tell(pen, world, settings, first)?;
    Ok(Kind::Conversation)
}
