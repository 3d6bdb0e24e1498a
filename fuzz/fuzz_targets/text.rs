//! Preparing texts, sentence pairs and dialogues, compressed or not, and opening and reading the corpus.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use corpus::{Kind, OnExisting, Settings, Source, TokenizerKind, Watch, prepare};
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = fuzz::choose(data, 32) else {
        return;
    };
    // The name decides only what the bytes do not say.
    let name = ["text.txt", "text.csv", "text.zip", "text.tar"][choice / 8];
    let text = FOLDER.join(name);
    fs::write(&text, content).expect("the folder can be written");
    let Ok(source) = Source::find(&text) else {
        return;
    };
    let settings = Settings {
        kind: [Kind::Auto, Kind::Text, Kind::Pairs, Kind::Dialogues][choice / 2 % 4],
        tokens: [TokenizerKind::Words, TokenizerKind::Bytes][choice % 2],
        ..Settings::default()
    };
    let target = FOLDER.join("corpus");
    let replace = OnExisting::Replace;
    if prepare(&source, &target, &settings, replace, &mut Watch::silent()).is_ok() {
        fuzz::read_all(&target);
    }
});
