//! Published corpora come out with their published numbers. They lie beside the repository in `../shared/corpora`, or
//! where `ERAS_CORPORA` says; without them these tests say that they were skipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use corpus::{
    Corpus, OnExisting, Settings, Source, Split, SplitRule, Subwords, Watch, prepare,
    read_minimal_pairs,
};
use tempfile::TempDir;

use crate::{cut_as, plain};

/// The folder of a published corpus, if it is here.
fn published(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("ERAS_CORPORA").map_or_else(beside, PathBuf::from);
    let folder = corpora.join(name);
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn source(name: &str) -> Option<Source> {
    let folder = published(name)?;
    Some(Source::find(folder.to_str().unwrap()).unwrap())
}

fn prepared(name: &str, settings: &Settings) -> Option<(TempDir, Corpus)> {
    let source = source(name)?;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join(name);
    let corpus = prepare(
        &source,
        &target,
        settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    );
    Some((folder, corpus.unwrap()))
}

#[test]
fn wikitext_2_has_its_published_size() {
    let Some((_folder, corpus)) = prepared("wikitext-2", &cut_as("whitespace")) else {
        return;
    };
    let tokens = Split::ALL.map(|split| corpus.split(split).unwrap().len());
    assert_eq!(tokens, [2_088_628, 217_646, 245_569]);
    assert_eq!(corpus.vocab().len(), 33_278);
    assert_eq!(corpus.record.vocabulary.types_in_train, 33_278);
    // Its own `<unk>` are words of the text; the vocabulary adds none.
    let added = Split::ALL.map(|split| corpus.record.splits[&split].out_of_vocabulary);
    assert_eq!(added, [0, 0, 0]);
    let guessed = Settings::guess(&source("wikitext-2").unwrap()).unwrap();
    assert_eq!(guessed, cut_as("whitespace"));
}

#[test]
fn multi30k_has_its_published_pairs() {
    let languages = Some(("en".to_owned(), "de".to_owned()));
    let settings = Settings {
        languages,
        ..cut_as("words")
    };
    let Some((_folder, corpus)) = prepared("multi30k", &settings) else {
        return;
    };
    let (source, target) = corpus.pairs().unwrap();
    for (split, pairs) in Split::ALL.into_iter().zip([29_000, 1_014, 1_000]) {
        for side in [&corpus, &source, &target] {
            assert_eq!(side.split(split).unwrap().documents.len(), pairs);
        }
    }
    let first = |side: &Corpus| {
        let stream = side.split(Split::Train).unwrap();
        side.codec()
            .decode(&stream.read(stream.documents[0].range()))
            .unwrap()
    };
    assert!(
        first(&source).starts_with("Two young, White males"),
        "{}",
        first(&source)
    );
    assert!(
        first(&target).starts_with("Zwei junge weiße Männer"),
        "{}",
        first(&target)
    );
}

/// Dialogues and turns of a split.
fn conversation(corpus: &Corpus, split: Split) -> (u64, usize) {
    (
        corpus.record.splits[&split].documents,
        corpus.turns(split).unwrap().len(),
    )
}

#[test]
fn self_dialogue_has_its_published_conversations() {
    let settings = Settings {
        split: SplitRule::None,
        ..cut_as("words")
    };
    let Some((_folder, corpus)) = prepared("self-dialogue", &settings) else {
        return;
    };
    // Published are 24,165; in this copy number 4603 is missing.
    assert_eq!(conversation(&corpus, Split::Train), (24_164, 372_718));
}

#[test]
fn schema_guided_dialogue_has_its_utterances() {
    let Some((_folder, corpus)) = prepared("schema-guided-dialogue", &cut_as("words")) else {
        return;
    };
    // `dev` is the only held-out file, hence the test; the validation part is drawn from `train`.
    assert_eq!(conversation(&corpus, Split::Test), (2_098, 38_768));
    let (train, valid) = (
        conversation(&corpus, Split::Train),
        conversation(&corpus, Split::Valid),
    );
    assert_eq!((train.0 + valid.0, train.1 + valid.1), (12_174, 223_756));
    // One in twenty, and perhaps one of the fourteen at the end.
    assert!([608, 609].contains(&valid.0), "{}", valid.0);
}

#[test]
fn persona_chat_has_its_published_dialogues() {
    let Some((_folder, corpus)) = prepared("persona-chat", &plain()) else {
        return;
    };
    assert_eq!(conversation(&corpus, Split::Train), (1_000, 2 * 7_801));
}

#[test]
fn blimp_has_its_published_pairs() {
    let Some(source) = source("blimp") else {
        return;
    };
    let pairs = read_minimal_pairs(&source).unwrap();
    let paradigms: BTreeSet<&str> = pairs.iter().map(|pair| pair.paradigm.as_str()).collect();
    assert_eq!((pairs.len(), paradigms.len()), (67_000, 67));
}

#[test]
fn gpt_2_subwords_have_their_published_numbers() {
    let Some(folder) = published("gpt2-bpe") else {
        return;
    };
    let files = ["encoder.json", "vocab.bpe"].map(|name| folder.join(name));
    let subwords = Subwords::open_gpt2(&files[0], &files[1]).unwrap();
    assert_eq!(subwords.size(), 50_257);
    for (text, ids) in [
        ("Hello", vec![15_496]),
        (" world", vec![995]),
        (" hello", vec![23_748]),
        ("Hello world", vec![15_496, 995]),
    ] {
        let mut found = Vec::new();
        subwords.encode(text, &mut found).unwrap();
        assert_eq!(found, ids, "{text:?}");
    }
}
