//! A prepared corpus, one of whose files is another: record, vocabulary, ids, spans.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use corpus::Corpus;
use libfuzzer_sys::fuzz_target;

static SOUND: LazyLock<(Corpus, Vec<(String, Vec<u8>)>)> = LazyLock::new(|| {
    let corpus = fuzz::small_corpus(&fuzz::scratch());
    let files = fuzz::files_of(corpus.folder());
    (corpus, files)
});

fuzz_target!(|data: &[u8]| {
    let (corpus, files) = &*SOUND;
    let Some((chosen, content)) = fuzz::choose(data, files.len()) else {
        return;
    };
    let (name, sound) = &files[chosen];
    let path = corpus.folder().join(name);
    fs::write(&path, content).expect("the folder can be written");
    if name != "corpus.toml" {
        fuzz::vouch(corpus, name, content);
    }
    fuzz::read_all(corpus.folder());
    fs::write(&path, sound).expect("the folder can be written");
});
