//! Reading and writing of ARPA files.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut from = data;
    if let Ok(found) = ngram::arpa::read(Path::new("input.arpa"), &mut from, None) {
        let _ = ngram::arpa::write(&found.model, &found.vocab, &mut std::io::sink());
    }
});
