//! ARPA files: read, and written again.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut from = data;
    let _ = ngram::arpa::read(Path::new("input.arpa"), &mut from, None);
});
