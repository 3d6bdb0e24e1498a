//! N-gram models with one file replaced: the store's header, its transducer, its rows or the model card.

#![no_main]

use std::sync::LazyLock;

use fuzz::Sound;
use harness::LanguageModel;
use libfuzzer_sys::fuzz_target;

static SOUND: LazyLock<[Sound; 2]> = LazyLock::new(|| {
    let scratch = fuzz::scratch();
    let corpus = fuzz::small_corpus(&scratch);
    ["paper", "kneser-ney"].map(|preset| {
        let folder = scratch.join(preset);
        let card = fuzz::small_ngrams(&corpus, &folder, preset);
        Sound::of(folder, card)
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((of, data)) = fuzz::choose(data, 2) else {
        return;
    };
    SOUND[of].spoil(data, |folder| {
        let Ok(model) = ngram::Model::open(folder) else {
            return;
        };
        let tokens: Vec<u32> = (0..12)
            .map(|at| at * 5 % model.vocab_size() as u32)
            .collect();
        let _ = model.score(&tokens);
        let _ = model.next(&tokens[..5]);
        let _ = model.stupid_backoff(&tokens[..2], tokens[2]);
        let mut entries = 0_u64;
        let store = model.store();
        store.followers(store.root(), &mut |_, gram| {
            entries = entries.wrapping_add(store.count(gram));
        });
    });
});
