//! A prepared corpus, one of whose files is another: record, vocabulary, ids, spans, of conversations or of a side of pairs.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use corpus::Corpus;
use libfuzzer_sys::fuzz_target;

/// A corpus, that of its own or its side whose file is spoilt, and the files of that.
struct Sound {
    whole: PathBuf,
    part: Corpus,
    files: Vec<(String, Vec<u8>)>,
}

static SOUND: LazyLock<[Sound; 2]> = LazyLock::new(|| {
    let talks = fuzz::small_corpus(&fuzz::scratch());
    let pairs = fuzz::small_pairs(&fuzz::scratch());
    let (source, _) = pairs.pairs().expect("it has pairs");
    [
        (talks.folder().to_owned(), talks),
        (pairs.folder().to_owned(), source),
    ]
    .map(|(whole, part)| Sound {
        whole,
        files: fuzz::files_of(part.folder()),
        part,
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((of, data)) = fuzz::choose(data, 2) else {
        return;
    };
    let Sound { whole, part, files } = &SOUND[of];
    let Some((chosen, content)) = fuzz::choose(data, files.len()) else {
        return;
    };
    let (name, sound) = &files[chosen];
    let path = part.folder().join(name);
    fs::write(&path, content).expect("the folder can be written");
    if name != "corpus.toml" {
        fuzz::vouch(part, name, content);
    }
    fuzz::read_all(whole);
    fs::write(&path, sound).expect("the folder can be written");
});
