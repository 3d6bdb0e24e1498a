//! Reading of word vectors in text and binary format.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| fuzz::scratch().join("vectors.bin"));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("the folder can be written");
    if let Ok(vectors) = word2vec::formats::read(&FILE) {
        let query = vec![1.0; vectors.dimension()];
        let _ = vectors.nearest_excluding(&query, 3, &[]);
    }
});
