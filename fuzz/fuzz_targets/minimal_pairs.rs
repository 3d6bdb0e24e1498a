//! Reading of minimal pairs in JSON lines.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use corpus::{Source, read_minimal_pairs};
use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| fuzz::scratch().join("pairs.jsonl"));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("the folder can be written");
    if let Ok(source) = Source::find(&*FILE) {
        let _ = read_minimal_pairs(&source);
    }
});
