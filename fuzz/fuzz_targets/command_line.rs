//! `--budget` and `--set`.

#![no_main]

use harness::Budget;
use libfuzzer_sys::fuzz_target;
use neural::TranslatorConfig;

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

fuzz_target!(|data: &[u8]| {
    let Some((of, text)) = fuzz::choose(data, 9) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let overrides = settings::Overrides {
        sets: text.lines().map(str::to_owned).collect(),
        ..Default::default()
    };
    macro_rules! validate {
        ($presets:path, $config:ty) => {
            drop(
                overrides
                    .resolve(&$presets, <$config>::preset)
                    .map(|config| config.validate()),
            )
        };
    }
    match of {
        0 => validate!(ngram::PRESETS, ngram::Config),
        1 => validate!(word2vec::PRESETS, word2vec::Config),
        2 => validate!(word2vec::LM_PRESETS, word2vec::LmConfig),
        3 => validate!(seq2seq::LM_PRESETS, seq2seq::LmConfig),
        4 => validate!(seq2seq::PRESETS, seq2seq::Config),
        5 => validate!(chatbot::PRESETS, chatbot::Config),
        6 => validate!(transformer::LM_PRESETS, transformer::LmConfig),
        7 => validate!(transformer::PRESETS, transformer::Config),
        _ => {
            if let Ok(budget) = text.parse::<Budget>() {
                let again = budget.to_string().parse::<Budget>();
                assert_eq!(again, Ok(budget), "{text:?}");
                let _ = budget.tokens(1_000, 2.0);
            }
        }
    }
});
