//! Reading of word vectors in every format.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| fuzz::scratch().join("vectors.bin"));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("the folder can be written");
    if let Ok(file) = word2vec::formats::read(&FILE) {
        let query = vec![1.0; file.vectors.dimension()];
        let _ = file.vectors.nearest_excluding(&query, 3, &[]);
        let _ = file.vectors.analogous(&["unknown"], &[], 3);
    }
});
