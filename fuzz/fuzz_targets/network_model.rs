//! Models of networks, of which one file is another: words, weights, or what the card says of them.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use harness::{LanguageModel, ModelCard, Prompt, Responder, Turn};
use libfuzzer_sys::fuzz_target;

struct Sound {
    folder: PathBuf,
    card: ModelCard,
    files: Vec<(String, Vec<u8>)>,
}

static SOUND: LazyLock<[Sound; 2]> = LazyLock::new(|| {
    let scratch = fuzz::scratch();
    let corpus = fuzz::small_corpus(&scratch);
    [fuzz::small_cbow, fuzz::small_chatbot].map(|make| {
        let folder = fuzz::scratch();
        let card = make(&corpus, &folder);
        let files = fuzz::files_of(&folder);
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
    if name != "model.toml" {
        let vouched = sound.card.clone().write(&sound.folder);
        vouched.expect("the folder can be written");
    }
    match of {
        0 => {
            if let Ok(model) = word2vec::CbowLm::open(&sound.folder) {
                let tokens: Vec<u32> = (0..12)
                    .map(|at| at * 5 % model.vocab_size() as u32)
                    .collect();
                let _ = model.score(&tokens);
            }
        }
        _ => {
            if let Ok(chatbot) = chatbot::Chatbot::open(&sound.folder) {
                let turns = [Turn {
                    speaker: 0,
                    text: "the cat sat on mat 1".to_owned(),
                }];
                let prompt = Prompt {
                    turns: &turns,
                    speaker: 1,
                };
                let _ = chatbot.reply(&[prompt]);
            }
        }
    }
    fs::write(&path, own).expect("the folder can be written");
    let restored = sound.card.clone().write(&sound.folder);
    restored.expect("the folder can be written");
});
