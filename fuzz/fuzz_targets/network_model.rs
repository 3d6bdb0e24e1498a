//! Models of all entries except n-grams, with one file replaced: vocabulary, weights or model card.

#![no_main]

use std::sync::LazyLock;

use fuzz::models::{Corpora, ask, entries, make};
use fuzz::{Sound, choose, scratch};
use libfuzzer_sys::fuzz_target;

static SOUND: LazyLock<Vec<Sound>> = LazyLock::new(|| {
    let corpora = Corpora::small();
    let model_of = |entry| {
        let folder = scratch();
        let card = make(entry, &corpora, &folder);
        Sound::of(folder, card)
    };
    entries().into_iter().map(model_of).collect()
});

fuzz_target!(|data: &[u8]| {
    if let Some((of, data)) = choose(data, SOUND.len()) {
        SOUND[of].spoil(data, ask);
    }
});
