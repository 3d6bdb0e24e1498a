//! Names of eras, entries and presets, which the parser takes as any text.

use super::markdown::is_placeholder;
use crate::args::Command;
use crate::choice;
use crate::settings::Overrides;

/// Checks that the eras, entries and presets of a command exist.
pub(super) fn names(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Run(options) => choice::entries_of_run(&options.eras).map(drop),
        Command::Compare(options) => choice::entries(&options.eras).map(drop),
        Command::Train(options) if !is_placeholder(&options.era) => {
            let preset = options.preset.clone();
            let overrides = Overrides {
                preset: preset.filter(|name| !is_placeholder(name)),
                ..Overrides::default()
            };
            overrides.configure(choice::entry(&options.era)?).map(drop)
        }
        _ => Ok(()),
    }
}
