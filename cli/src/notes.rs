//! Notes of the corpus crate about odd files, as lines on standard error.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::output::{complain, visible};

/// Prints each note once: a file may be read several times.
struct Notes {
    printed: Mutex<BTreeSet<String>>,
}

static NOTES: Notes = Notes {
    printed: Mutex::new(BTreeSet::new()),
};

/// Prints notes from now on.
pub(crate) fn listen() {
    // Fails only if there is a listener already.
    if log::set_logger(&NOTES).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}

/// Prints a note unless it was printed before.
pub(crate) fn print_once(note: &str) {
    let note = visible(note);
    let mut printed = NOTES.printed.lock().unwrap_or_else(PoisonError::into_inner);
    if printed.insert(note.clone()) {
        complain(&format!("note: {note}"));
    }
}

impl Log for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn && metadata.target().starts_with("corpus")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        print_once(&record.args().to_string());
    }

    fn flush(&self) {}
}
