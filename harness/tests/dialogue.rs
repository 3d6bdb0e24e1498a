//! Dialogues of a corpus whose files contradict each other.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use corpus::{Corpus, Kind, OnExisting, Settings, Source, Split, Watch, prepare};
use harness::Dialogue;

#[test]
fn turns_after_the_last_document_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("talks.tsv");
    let turn = |at: usize| format!("{}\t{}\t{}\thello {at}\n", at / 2, at % 2, at % 2);
    fs::write(&text, (0..80).map(turn).collect::<String>()).unwrap();
    let source = Source::find(text.to_str().unwrap()).unwrap();
    let settings = Settings {
        kind: Kind::Dialogues,
        ..Settings::default()
    };
    let place = folder.path().join("talks");
    let refuse = OnExisting::Refuse;
    let corpus = prepare(&source, &place, &settings, refuse, &mut Watch::silent()).unwrap();
    assert_eq!(
        Dialogue::of(&corpus, Split::Train).unwrap()[0].turns.len(),
        2
    );

    // The corpus has no documents, and the record is consistent with that.
    let mut record = corpus.record.clone();
    fs::write(place.join("train.documents"), "").unwrap();
    record.files.get_mut("train.documents").unwrap().bytes = 0;
    fs::write(place.join("corpus.toml"), toml::to_string(&record).unwrap()).unwrap();
    let changed = Corpus::open(&place).unwrap();
    let error = Dialogue::of(&changed, Split::Train)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("train.turns has turns after the last document"),
        "{error}"
    );
}
