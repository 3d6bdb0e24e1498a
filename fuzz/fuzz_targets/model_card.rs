//! `model.toml`: what a model says of itself, and its settings in every era.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use harness::ModelCard;
use libfuzzer_sys::fuzz_target;
use neural::TranslatorConfig;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

fuzz_target!(|data: &[u8]| {
    fs::write(FOLDER.join("model.toml"), data).expect("the folder can be written");
    let Ok(card) = ModelCard::open(&FOLDER) else {
        return;
    };
    let _ = card.verify(&FOLDER);
    macro_rules! validate {
        ($($config:ty),*) => {$(
            if let Ok(config) = card.settings::<$config>(&FOLDER) {
                let _ = config.validate();
            }
        )*};
    }
    validate!(
        ngram::Config,
        word2vec::Config,
        word2vec::LmConfig,
        seq2seq::LmConfig,
        seq2seq::Config,
        chatbot::Config,
        transformer::LmConfig,
        transformer::Config
    );
});
