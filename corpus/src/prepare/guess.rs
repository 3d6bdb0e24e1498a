//! Settings for a source that is given without any.

use crate::error::Result;
use crate::read::formats::{Layout, detect_layout};
use crate::read::source::Source;
use crate::settings::{Settings, TokenizerKind, Writing};

impl Settings {
    /// Vocabulary size for a text given without settings.
    pub const BARE_PATH_VOCAB: usize = 20_000;

    /// Settings for a source given without any: the tokenizer that suits how its first lines are written, see [`Writing`].
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn guess(source: &Source) -> Result<Settings> {
        Ok(Settings::suited_to(Writing::of_source(source)?))
    }

    /// Settings for a text that is written in this way: for words, the 20,000 most frequent ones.
    pub fn suited_to(writing: Writing) -> Settings {
        let tokens = writing.tokenizer();
        Settings {
            vocab: (tokens == TokenizerKind::Words).then_some(Settings::BARE_PATH_VOCAB),
            tokens,
            ..Settings::default()
        }
    }
}

impl Writing {
    /// How the first lines of a source are written.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn of_source(source: &Source) -> Result<Writing> {
        let lines = source.peek(2000)?;
        let decision = detect_layout(source, &Settings::default(), &lines);
        // The marks of a table or of a list of objects are none of its text.
        let has_marks = !decision.is_ok_and(|decision| decision.layout == Layout::Text);
        Ok(match Writing::of(&lines) {
            Writing::Code | Writing::WordList | Writing::Unbroken if has_marks => Writing::Words,
            writing => writing,
        })
    }
}
