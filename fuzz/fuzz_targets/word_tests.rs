//! Reading of word-vector tests: analogies, and word pairs with human similarity scores.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(fuzz::scratch);

fuzz_target!(|data: &[u8]| {
    let path = FOLDER.join("test.txt");
    fs::write(&path, data).expect("the folder can be written");
    fuzz::records::word_test(&path);
});
