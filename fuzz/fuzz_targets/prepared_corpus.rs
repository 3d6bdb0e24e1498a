//! Prepared corpora with one file replaced: record, vocabulary, ids or spans, of dialogues or of one side of sentence pairs.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use corpus::Corpus;
use libfuzzer_sys::fuzz_target;

const RECORD: &str = "corpus.toml";

/// A corpus, the part of it (itself or one side) whose files are replaced, and the files of that part.
struct Sound {
    whole: Corpus,
    /// The path of the side within the corpus.
    side: Option<&'static str>,
    part: Corpus,
    files: Vec<(String, Vec<u8>)>,
}

static SOUND: LazyLock<[Sound; 3]> = LazyLock::new(|| {
    let pairs = fuzz::small_pairs(&fuzz::scratch());
    let (source, _) = pairs.pairs().expect("the corpus has pairs");
    let alone = |corpus: Corpus| (corpus.clone(), None, corpus);
    [
        alone(fuzz::small_corpus(&fuzz::scratch())),
        (pairs, Some("pairs/source"), source),
        alone(fuzz::small_subwords(&fuzz::scratch())),
    ]
    .map(|(whole, side, part)| Sound {
        whole,
        side,
        files: fuzz::files_of(part.folder()),
        part,
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((of, data)) = fuzz::choose(data, SOUND.len()) else {
        return;
    };
    let Sound {
        whole,
        side,
        part,
        files,
    } = &SOUND[of];
    let Some((chosen, content)) = fuzz::choose(data, files.len()) else {
        return;
    };
    let (name, original) = &files[chosen];
    let path = part.folder().join(name);
    fs::write(&path, content).expect("the folder can be written");
    let mut changed = vec![(name.clone(), content.to_vec())];
    if name != RECORD {
        changed.push((RECORD.to_owned(), fuzz::vouch(part, &changed)));
    }
    // The record of the corpus also lists all files of its sides.
    if let Some(side) = side {
        let within = |(name, content)| (format!("{side}/{name}"), content);
        fuzz::vouch(whole, &changed.into_iter().map(within).collect::<Vec<_>>());
    }
    fuzz::read_all(whole.folder());
    fs::write(&path, original).expect("the folder can be written");
    fuzz::vouch(part, &[]);
});
