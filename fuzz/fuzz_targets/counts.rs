//! Counts of other programs, and the models trained on them.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use corpus::Source;
use harness::{LanguageModel, Silent};
use libfuzzer_sys::fuzz_target;
use ngram::{Config, CountFiles, Smoothing};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = fuzz::choose(data, 8) else {
        return;
    };
    let path = FOLDER.join("text.counts");
    fs::write(&path, content).expect("the folder can be written");
    let Ok(source) = Source::find(&path) else {
        return;
    };
    let config = Config {
        order: 1 + choice % 4,
        smoothing: [Smoothing::StupidBackoff, Smoothing::KneserNey][choice / 4],
        discount_fallback: true,
        ..Config::default()
    };
    let files = CountFiles {
        sources: vec![source],
        vocab: None,
    };
    if let Ok(found) = files.train(&config, None, &mut Silent) {
        let _ = found.model.next(&[0, 1]);
    }
});
