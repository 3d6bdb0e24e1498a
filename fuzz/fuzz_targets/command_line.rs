//! `--budget` and `--set`.

#![no_main]

use harness::Budget;
use libfuzzer_sys::fuzz_target;

/// The program's own settings; its error has another home here.
#[allow(
    dead_code,
    reason = "a module of the program, of which a part is asked"
)]
#[path = "../../cli/src/settings.rs"]
mod settings;

mod output {
    pub(crate) fn usage(what: impl Into<String>) -> anyhow::Error {
        anyhow::anyhow!(what.into())
    }
}

fuzz_target!(|text: &str| {
    if let Ok(budget) = text.parse::<Budget>() {
        let again = budget.to_string().parse::<Budget>();
        assert_eq!(again, Ok(budget), "{text:?}");
        let _ = budget.tokens(1_000, 2.0);
    }
    let overrides = settings::Overrides {
        sets: text.lines().map(str::to_owned).collect(),
        ..Default::default()
    };
    let ngrams = overrides.resolve(&ngram::PRESETS, ngram::Config::preset);
    drop(ngrams.map(|config: ngram::Config| config.validate()));
    let decoder = overrides.resolve(&transformer::LM_PRESETS, transformer::LmConfig::preset);
    drop(decoder.map(|config: transformer::LmConfig| config.validate()));
});
