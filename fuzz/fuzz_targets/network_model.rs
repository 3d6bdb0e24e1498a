//! Models of all kinds but n-grams, of which one file is another: words, weights, or what the card says of them.

#![no_main]

use std::sync::LazyLock;

use fuzz::models::{Corpora, KINDS};
use fuzz::{Sound, choose, scratch};
use libfuzzer_sys::fuzz_target;

static SOUND: LazyLock<Vec<Sound>> = LazyLock::new(|| {
    let corpora = Corpora::small();
    let make = |kind: &fuzz::models::Kind| {
        let folder = scratch();
        let card = kind.make(&corpora, &folder);
        Sound::of(folder, card)
    };
    KINDS.iter().map(make).collect()
});

fuzz_target!(|data: &[u8]| {
    if let Some((of, data)) = choose(data, KINDS.len()) {
        SOUND[of].spoil(data, KINDS[of].ask);
    }
});
