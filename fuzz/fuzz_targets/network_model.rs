//! Models of networks, of which one file is another: words, weights, or what the card says of them.

#![no_main]

use std::sync::LazyLock;

use fuzz::Sound;
use harness::{LanguageModel, Prompt, Responder, Turn};
use libfuzzer_sys::fuzz_target;

static SOUND: LazyLock<[Sound; 2]> = LazyLock::new(|| {
    let corpus = fuzz::small_corpus(&fuzz::scratch());
    [fuzz::small_cbow, fuzz::small_chatbot].map(|make| {
        let folder = fuzz::scratch();
        let card = make(&corpus, &folder);
        Sound::of(folder, card)
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((of, data)) = fuzz::choose(data, 2) else {
        return;
    };
    SOUND[of].spoil(data, |folder| match of {
        0 => {
            let Ok(model) = word2vec::CbowLm::open(folder) else {
                return;
            };
            let tokens: Vec<u32> = (0..12)
                .map(|at| at * 5 % model.vocab_size() as u32)
                .collect();
            let _ = model.score(&tokens);
        }
        _ => {
            let Ok(chatbot) = chatbot::Chatbot::open(folder) else {
                return;
            };
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
    });
});
