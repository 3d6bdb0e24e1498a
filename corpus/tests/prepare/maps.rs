//! Token ids are memory-mapped: which changes of the file are noticed when.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use corpus::{Error, Settings, Split, SplitRule};

use crate::{Place, tokenized_as};

#[test]
fn ids_are_checked_once_when_a_split_is_opened() {
    let place = Place::with(&[("a.txt", "a b c\na b\na\n")]);
    let settings = Settings {
        split: SplitRule::None,
        ..tokenized_as("words")
    };
    let corpus = place.prepare(&settings).unwrap();
    let stream = corpus.split(Split::Train).unwrap();
    let before = stream.to_vec();
    // Another program changes the second id, in place; ids of a small vocabulary take two bytes.
    let path = corpus.folder().join("train.tokens");
    let mut file = File::options().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(2)).unwrap();
    file.write_all(&[0xFF, 0xFF]).unwrap();
    // The open split passes on what the file holds now, in all ways of reading.
    let after = stream.to_vec();
    assert_eq!(after[1], 0xFFFF);
    assert_eq!((&after[..1], &after[2..]), (&before[..1], &before[2..]));
    assert_eq!(stream.iter().nth(1), Some(0xFFFF));
    assert_eq!(stream.read(1..2), [0xFFFF]);
    // What indexes by an id checks bounds: a panic, not an access out of bounds.
    let counted = std::panic::catch_unwind(|| {
        corpus::Text::counts(&stream, corpus.vocab().len());
    });
    assert!(counted.is_err());
    // Opened again, the split is refused.
    let error = corpus.split(Split::Train).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("token 1 has id 65535"), "{text}");
}
