//! Names of eras, entries and presets, which the parser takes as any text.

use super::commands::is_placeholder;
use crate::args::Command;
use crate::eras::Entry;
use crate::settings::Overrides;

/// Presets that are called otherwise in 0.1.
const NEW: [&str; 7] = [
    "village",
    "medium",
    "small",
    "base",
    "zaremba-small",
    "zaremba-medium",
    "zaremba-large",
];

/// Checks that the eras, entries and presets of a command exist.
pub(super) fn names(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Run(options) => Entry::chosen(&options.eras).map(drop),
        Command::Compare(options) => Entry::chosen(&options.eras).map(drop),
        Command::Train(options) if !is_placeholder(&options.era) => {
            let named = Entry::chosen(std::slice::from_ref(&options.era))?;
            let entry = Entry::leading(&options.era).unwrap_or(named[0]);
            preset(entry, options.preset.as_deref())
        }
        _ => Ok(()),
    }
}

/// Checks that the entry has the preset.
///
/// Names by size or purpose replace those by time. An entry that still has `twenty-minutes` is not renamed yet, and any of the
/// new names passes for it.
fn preset(entry: Entry, name: Option<&str>) -> anyhow::Result<()> {
    let configure = |name: &str| {
        let overrides = Overrides {
            preset: Some(name.to_owned()),
            ..Overrides::default()
        };
        entry.configure(&overrides).map(drop)
    };
    match name {
        Some(name) if is_placeholder(name) => Ok(()),
        Some(name) if NEW.contains(&name) && configure("twenty-minutes").is_ok() => Ok(()),
        Some(name) => configure(name),
        None => Ok(()),
    }
}
