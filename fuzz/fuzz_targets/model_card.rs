//! Reading of `model.toml`, with the settings of every era.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use eras_list::ERAS;
use harness::ModelCard;
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

fuzz_target!(|data: &[u8]| {
    fs::write(FOLDER.join("model.toml"), data).expect("the folder can be written");
    let Ok(card) = ModelCard::open(&FOLDER) else {
        return;
    };
    let _ = card.verify(&FOLDER);
    for entry in ERAS.entries() {
        let _ = entry.check(&card.config);
    }
});
