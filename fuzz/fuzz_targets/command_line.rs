//! Parsing of `--budget` and `--set`.

#![no_main]

use eras_list::ERAS;
use harness::Budget;
use libfuzzer_sys::fuzz_target;

/// The program's module of settings, with a stand-in for its error.
#[allow(dead_code, reason = "only a part of the program's module is used here")]
#[path = "../../cli/src/settings.rs"]
mod settings;

mod output {
    pub(crate) fn usage(what: impl Into<String>) -> anyhow::Error {
        anyhow::anyhow!(what.into())
    }
}

fuzz_target!(|data: &[u8]| {
    let entries = ERAS.entries();
    let Some((of, text)) = fuzz::choose(data, entries.len() + 1) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    // Choice 0 stands for budgets, so that a new entry changes the meaning of as few seeds as possible.
    if let Some(entry) = of.checked_sub(1).and_then(|at| entries.get(at)) {
        let overrides = settings::Overrides {
            sets: text.lines().map(str::to_owned).collect(),
            ..Default::default()
        };
        let _ = overrides.configure(*entry);
    } else if let Ok(budget) = text.parse::<Budget>() {
        let again = budget.to_string().parse::<Budget>();
        assert_eq!(again, Ok(budget), "{text:?}");
        let _ = budget.tokens(1_000, 2.0);
    }
});
