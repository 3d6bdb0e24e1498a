//! The tracks of a run, each a section of the page with its charts and tables: a file here, behind [`Section`].

mod conversation;
mod language_modelling;
pub(crate) mod rows;
mod translation;
mod words;

use harness::Track;
use maud::Markup;

use crate::data::RunData;
use crate::error::Result;
use crate::writer::Writer;

/// A track as a report shows it.
pub(crate) trait Section: Sync {
    /// Writes charts and tables, and returns the section of the page; none if no entry has a result in the track.
    fn write(&self, data: &RunData, writer: &mut Writer) -> Result<Option<Markup>>;
}

/// The sections of all tracks, in their order.
pub(crate) fn sections() -> [&'static dyn Section; 4] {
    Track::ALL.map(section)
}

fn section(track: Track) -> &'static dyn Section {
    match track {
        Track::LanguageModelling => &language_modelling::LanguageModelling,
        Track::Translation => &translation::Translation,
        Track::Conversation => &conversation::Conversation,
        Track::Words => &words::Words,
    }
}
