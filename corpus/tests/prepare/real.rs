//! Published corpora have their published sizes. They are expected in `../shared/corpora` beside the repository, or in the
//! folder that `ERAS_CORPORA` names; without them these tests are skipped.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use corpus::{
    Corpus, DocumentRule, OnExisting, PretrainedTokenizer, Settings, Source, Split, SplitRule,
    Subwords, TokenizerKind, Watch, prepare, read_minimal_pairs,
};
use serde_json::json;
use tempfile::TempDir;

use crate::{Place, held_out_shares, plain, spelled, tokenized_as};

/// The folder of a published corpus, if it exists.
fn published(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("ERAS_CORPORA").map_or_else(beside, PathBuf::from);
    let folder = corpora.join(name);
    if !folder.is_dir() {
        test_skips::skip(&format!("{} does not exist", folder.display()));
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
    let Some((_folder, corpus)) = prepared("wikitext-2", &tokenized_as("whitespace")) else {
        return;
    };
    let tokens = Split::ALL.map(|split| corpus.split(split).unwrap().len());
    assert_eq!(tokens, [2_088_628, 217_646, 245_569]);
    assert_eq!(corpus.vocab().len(), 33_278);
    assert_eq!(corpus.record.vocabulary.types_in_train, 33_278);
    // `<unk>` occurs in the text itself; the vocabulary adds no further ones.
    let added = Split::ALL.map(|split| corpus.record.splits[&split].out_of_vocabulary);
    assert_eq!(added, [0, 0, 0]);
    let guessed = Settings::guess(&source("wikitext-2").unwrap()).unwrap();
    assert_eq!(guessed, tokenized_as("whitespace"));
}

#[test]
fn novels_are_tested_on_their_share_of_the_tokens() {
    let Some(folder) = published("english-novels-88") else {
        return;
    };
    let file = fs::File::open(folder.join("english-novels-88.tar.zst")).unwrap();
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).unwrap());
    let mut novels = 0;
    for member in archive.entries().unwrap() {
        let mut member = member.unwrap();
        if !member.header().entry_type().is_file() {
            continue;
        }
        let name = member.path().unwrap().display().to_string();
        let mut text = Vec::new();
        member.read_to_end(&mut text).unwrap();
        let place = Place::new();
        place.write("novel.txt", text);
        for seed in 1..=3 {
            let settings = Settings {
                seed,
                ..tokenized_as("words")
            };
            let corpus = place.prepare(&settings).unwrap();
            for share in held_out_shares(&corpus) {
                assert!((0.045..0.055).contains(&share), "{name}, {seed}: {share}");
            }
            assert!(corpus.record.small_splits().is_empty(), "{name}, {seed}");
            fs::remove_dir_all(corpus.folder()).unwrap();
        }
        novels += 1;
    }
    assert_eq!(novels, 88);
}

#[test]
fn multi30k_has_its_published_pairs() {
    let languages = Some(("en".to_owned(), "de".to_owned()));
    let settings = Settings {
        languages,
        ..tokenized_as("words")
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
fn dialogue_counts(corpus: &Corpus, split: Split) -> (u64, usize) {
    (
        corpus.record.splits[&split].documents,
        corpus.turns(split).unwrap().len(),
    )
}

#[test]
fn self_dialogue_has_its_published_dialogues() {
    let settings = Settings {
        split: SplitRule::None,
        ..tokenized_as("words")
    };
    let Some((_folder, corpus)) = prepared("self-dialogue", &settings) else {
        return;
    };
    // 24,165 were published; number 4603 is missing in this copy.
    assert_eq!(dialogue_counts(&corpus, Split::Train), (24_164, 372_718));
}

#[test]
fn schema_guided_dialogue_has_its_utterances() {
    let Some((_folder, corpus)) = prepared("schema-guided-dialogue", &tokenized_as("words")) else {
        return;
    };
    // `dev` is the only held-out file and becomes the test split; the validation split is drawn from `train`.
    assert_eq!(dialogue_counts(&corpus, Split::Test), (2_098, 38_768));
    let (train, valid) = (
        dialogue_counts(&corpus, Split::Train),
        dialogue_counts(&corpus, Split::Valid),
    );
    assert_eq!((train.0 + valid.0, train.1 + valid.1), (12_174, 223_756));
    // One in twenty, and possibly one of the fourteen at the end.
    assert!([608, 609].contains(&valid.0), "{}", valid.0);
}

#[test]
fn persona_chat_has_its_published_dialogues() {
    let Some((_folder, corpus)) = prepared("persona-chat", &plain()) else {
        return;
    };
    assert_eq!(dialogue_counts(&corpus, Split::Train), (1_000, 2 * 7_801));
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

/// A folder of published weights, beside the folder of the corpora.
fn weights(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/weights");
    let folder = std::env::var_os("ERAS_WEIGHTS").map_or(folder, PathBuf::from);
    let folder = folder.join(name);
    if !folder.is_dir() {
        test_skips::skip(&format!("{} does not exist", folder.display()));
        return None;
    }
    Some(folder)
}

/// A corpus of this text, prepared with an existing tokenizer.
fn prepared_with(tokenizer: &Path, text: &str) -> (Place, Corpus) {
    let place = Place::with(&[("a.txt", text)]);
    let settings = Settings {
        tokens: TokenizerKind::Pretrained,
        pretrained: Some(PretrainedTokenizer::find(tokenizer).unwrap()),
        split: SplitRule::None,
        documents: DocumentRule::Files,
        ..Settings::default()
    };
    let corpus = place.prepare(&settings).unwrap();
    (place, corpus)
}

#[test]
fn t5_has_its_published_ids() {
    let Some(folder) = weights("t5-tokenizer") else {
        return;
    };
    let text = "translate English to German: The house is wonderful.\n日本\n";
    let (_place, corpus) = prepared_with(&folder, text);
    let ids = corpus.split(Split::Train).unwrap().to_vec();
    assert_eq!(
        ids[..12],
        [13959, 1566, 12, 2968, 10, 37, 629, 19, 1627, 5, 1, 3]
    );
    let vocab = corpus.vocab();
    assert_eq!(
        (vocab.len(), vocab.eos(), vocab.unk()),
        (32_100, 1, Some(2))
    );
    assert_eq!(vocab.token(0), "<pad>");
    let record = &corpus.record.splits[&Split::Train];
    assert_eq!((record.unknown, record.lossless), (1, false));
    assert_eq!(corpus.record.settings.tokenizer_name(), "t5-tokenizer");
    assert_eq!(corpus.codec().encode(text).unwrap(), ids);
}

/// GPT-2's own two files as one `tokenizer.json`.
fn gpt_2_json(folder: &Path) -> String {
    let vocab = fs::read_to_string(folder.join("encoder.json")).unwrap();
    let vocab: serde_json::Value = serde_json::from_str(&vocab).unwrap();
    let merges = fs::read_to_string(folder.join("vocab.bpe")).unwrap();
    let merges = merges.lines().skip(1).filter(|line| !line.is_empty());
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
    let end = json!({"id": 50_256, "content": "<|endoftext|>", "single_word": false, "lstrip": false,
                     "rstrip": false, "normalized": true, "special": true});
    json!({"version": "1.0", "truncation": null, "padding": null, "added_tokens": [end], "normalizer": null,
           "pre_tokenizer": bytes, "post_processor": bytes, "decoder": bytes,
           "model": {"type": "BPE", "dropout": null, "unk_token": "", "continuing_subword_prefix": "",
                     "end_of_word_suffix": "", "fuse_unk": false, "vocab": vocab,
                     "merges": merges.collect::<Vec<_>>()}})
    .to_string()
}

#[test]
fn gpt_2_has_its_published_ids() {
    let Some(folder) = published("gpt2-bpe") else {
        return;
    };
    let place = Place::new();
    let file = place.write("gpt2.json", gpt_2_json(&folder));
    let text = "Hello world\n\nHello, my dog is a little <|endoftext|>\n";
    let (_place, corpus) = prepared_with(&file, text);
    let ids = corpus.split(Split::Train).unwrap().to_vec();
    let hello = [
        15_496, 995, 198, 198, 15_496, 11, 616, 3_290, 318, 257, 1_310,
    ];
    assert_eq!(ids[..11], hello);
    assert_eq!(ids.last(), Some(&50_256));
    let vocab = corpus.vocab();
    assert_eq!(
        (vocab.len(), vocab.eos(), vocab.unk()),
        (50_257, 50_256, None)
    );
    assert!(corpus.record.splits[&Split::Train].lossless);
    assert_eq!(spelled(&corpus, Split::Train), text);
    assert_eq!(corpus.record.settings.tokenizer_name(), "gpt2");
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
