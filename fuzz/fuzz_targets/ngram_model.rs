//! Models of n-grams, of which one file is another: the store's header, its automaton, its rows.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use harness::{LanguageModel, ModelCard};
use libfuzzer_sys::fuzz_target;

struct Sound {
    folder: PathBuf,
    card: ModelCard,
    files: Vec<(String, Vec<u8>)>,
}

static SOUND: LazyLock<[Sound; 2]> = LazyLock::new(|| {
    let scratch = fuzz::scratch();
    let corpus = fuzz::small_corpus(&scratch);
    ["paper", "kneser-ney"].map(|preset| {
        let folder = scratch.join(preset);
        let card = fuzz::small_ngrams(&corpus, &folder, preset);
        let mut files = fuzz::files_of(&folder);
        files.retain(|(name, _)| name != "model.toml");
        Sound {
            folder,
            card,
            files,
        }
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((of, data)) = fuzz::choose(data, 2) else {
        return;
    };
    let sound = &SOUND[of];
    let Some((chosen, content)) = fuzz::choose(data, sound.files.len()) else {
        return;
    };
    let (name, own) = &sound.files[chosen];
    let path = sound.folder.join(name);
    fs::write(&path, content).expect("the folder can be written");
    let vouched = sound.card.clone().write(&sound.folder);
    vouched.expect("the folder can be written");
    if let Ok(model) = ngram::Model::open(&sound.folder) {
        let tokens: Vec<u32> = (0..12)
            .map(|at| at * 5 % model.vocab_size() as u32)
            .collect();
        let _ = model.score(&tokens);
        let _ = model.next(&tokens[..5]);
        let _ = model.stupid_backoff(&tokens[..2], tokens[2]);
        let mut entries = 0_u64;
        model
            .store()
            .followers(model.store().root(), &mut |_, gram| {
                entries = entries.wrapping_add(model.store().count(gram));
            });
    }
    fs::write(&path, own).expect("the folder can be written");
});
