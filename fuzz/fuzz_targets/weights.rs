//! Reading of weight files (safetensors).

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| fuzz::scratch().join("model.safetensors"));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("the folder can be written");
    let _ = neural::weights::load(&FILE);
});
