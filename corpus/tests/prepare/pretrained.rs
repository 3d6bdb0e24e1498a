//! Corpora prepared with an existing tokenizer: its ids, its special tokens, and files that are not tokenizers.

use std::fs;
use std::path::{Path, PathBuf};

use corpus::{
    Codec, Corpus, Error, Pretrained, PretrainedTokenizer, Settings, Split, SplitRule,
    TokenizerKind, sha256_of,
};
use serde_json::{Value, json};

use crate::{Place, lines, spelled, text_of};

/// GPT-2's spelling of the 256 bytes, in the order of their code points.
fn byte_alphabet() -> Vec<String> {
    let printable = |byte: &u32| matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF);
    let spelled = (0..256_u32).filter(printable);
    let moved = (0..256 - spelled.clone().count() as u32).map(|nth| 256 + nth);
    let chars = spelled
        .chain(moved)
        .map(|code| char::from_u32(code).unwrap());
    chars.map(String::from).collect()
}

/// A tokenizer file with this model and these parts.
fn file(model: Value, added: &[(&str, usize)], pre: Value, decoder: Value) -> Value {
    let token = |&(content, id): &(&str, usize)| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": true})
    };
    json!({"version": "1.0", "truncation": {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0},
           "padding": null, "added_tokens": added.iter().map(token).collect::<Vec<_>>(), "normalizer": null,
           "pre_tokenizer": pre, "post_processor": null, "decoder": decoder, "model": model})
}

/// Byte-level BPE with the merges `th` and `the`, and these special tokens after them.
fn byte_level(special: &[&str]) -> Value {
    let mut names = byte_alphabet();
    names.extend(["th", "the"].map(str::to_owned));
    let added: Vec<(&str, usize)> = special.iter().copied().zip(names.len()..).collect();
    let vocab: serde_json::Map<String, Value> =
        names.iter().cloned().zip((0..).map(Value::from)).collect();
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": true});
    let model = json!({"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                       "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocab,
                       "merges": [["t", "h"], ["th", "e"]]});
    file(model, &added, bytes.clone(), bytes)
}

/// A tokenizer of whole words, split on white space.
fn word_level() -> Value {
    let model = json!({"type": "WordLevel", "unk_token": "<unk>",
                       "vocab": {"rare": 0, "<unk>": 1, "the": 2, "cat": 3, "</s>": 4}});
    file(
        model,
        &[("<unk>", 1), ("</s>", 4)],
        json!({"type": "WhitespaceSplit"}),
        Value::Null,
    )
}

/// Settings for preparing with this tokenizer.
fn settings(place: &Place, tokenizer: &Value) -> Settings {
    let folder = place.folder.path().join("my-tokenizer");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    Settings {
        tokens: TokenizerKind::Pretrained,
        pretrained: Some(PretrainedTokenizer::find(&folder).unwrap()),
        split: SplitRule::None,
        ..Settings::default()
    }
}

fn prepared(files: &[(&str, &str)], tokenizer: &Value) -> (Place, Corpus) {
    let place = Place::with(files);
    let corpus = place.prepare(&settings(&place, tokenizer)).unwrap();
    corpus.verify().unwrap();
    (place, corpus)
}

fn train(corpus: &Corpus) -> Vec<u32> {
    corpus.split(Split::Train).unwrap().to_vec()
}

/// Ids of bytes in [`byte_level`].
fn bytes(text: &str) -> Vec<u32> {
    let corpus = Pretrained::open(&write_once(&byte_level(&[]))).unwrap();
    let mut ids = Vec::new();
    corpus.encode(text, &mut ids).unwrap();
    ids
}

fn write_once(tokenizer: &Value) -> PathBuf {
    let folder = tempfile::tempdir().unwrap().keep();
    let path = folder.join("tokenizer.json");
    fs::write(&path, tokenizer.to_string()).unwrap();
    path
}

#[test]
fn running_text_keeps_line_ends_and_the_end_of_text_token_ends_documents() {
    let text = "the cat\n\n  naïve the\tcat \nthe end\n";
    let tokenizer = byte_level(&["<|pad|>", "<|endoftext|>"]);
    let (place, corpus) = prepared(&[("a.txt", text)], &tokenizer);
    // Ordered as in the tokenizer, not by frequency; its truncation to two tokens is ignored.
    let vocab = corpus.vocab();
    let named = |id| vocab.token(id).to_owned();
    assert_eq!((vocab.len(), vocab.eos(), vocab.unk()), (260, 259, None));
    assert_eq!([named(0), named(257), named(258)], ["!", "the", "<|pad|>"]);
    // Blank lines separate documents; a blank line belongs to the document before it.
    let parts = ["the cat\n", "\n", "  naïve the\tcat \n", "the end\n"].map(bytes);
    let eos = vec![259];
    let expected = [&parts[0], &parts[1], &eos, &parts[2], &parts[3], &eos].map(|part| &part[..]);
    assert_eq!(train(&corpus), expected.concat());
    assert_eq!(train(&corpus)[..1], [257]);
    let stream = corpus.split(Split::Train).unwrap();
    assert_eq!(stream.documents.len(), 2);
    assert_eq!(stream.read(stream.documents[0].range()).last(), Some(&259));
    let record = &corpus.record.splits[&Split::Train];
    assert!(record.lossless);
    assert_eq!(
        (record.lines, record.unknown, record.bytes),
        (4, 0, text.len() as u64)
    );
    assert_eq!(
        (
            spelled(&corpus, Split::Train),
            text_of(&corpus, Split::Train)
        ),
        (text.into(), text.into())
    );
    // An encoded text is the beginning of a document, without an end token.
    let without_eos: Vec<u32> = train(&corpus).into_iter().filter(|&id| id != 259).collect();
    assert_eq!(corpus.codec().encode(text).unwrap(), without_eos);
    assert_eq!(corpus.codec().encode("the cat").unwrap(), bytes("the cat"));
    drop(place);
}

#[test]
fn the_record_names_the_tokenizer_but_not_its_path() {
    let tokenizer = byte_level(&["<|endoftext|>"]);
    let (place, corpus) = prepared(&[("a.txt", "the cat\n")], &tokenizer);
    let copy = fs::read_to_string(corpus.folder().join("tokenizer.json")).unwrap();
    assert_eq!(copy, tokenizer.to_string());
    let named = corpus.record.settings.pretrained.clone().unwrap();
    assert_eq!(named.name, "my-tokenizer");
    assert_eq!(named.sha256, sha256_of(copy.as_bytes()));
    assert_eq!(named.path, None);
    assert_eq!(corpus.record.settings.tokenizer_name(), "my-tokenizer");
    let record = fs::read_to_string(corpus.folder().join("corpus.toml")).unwrap();
    let folder = place.folder.path().join("my-tokenizer");
    assert!(!record.contains(folder.to_str().unwrap()), "{record}");
    // The original may be deleted: a model has its own copy.
    fs::remove_dir_all(&folder).unwrap();
    let again = Corpus::open(corpus.folder()).unwrap();
    let model = place.folder.path().join("model");
    fs::create_dir(&model).unwrap();
    again.codec().save(&model).unwrap();
    let codec = Codec::open(&model).unwrap();
    assert_eq!(codec.encode_line("the cat").unwrap(), bytes("the cat"));
    assert_eq!(codec.vocab().eos(), corpus.vocab().eos());
    // The settings in a record do not suffice to prepare another corpus.
    let other = Place::with(&[("a.txt", "the cat\n")]);
    let error = other.prepare(&corpus.record.settings).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Setting {
                field: "pretrained",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn turns_and_sentences_end_with_the_end_of_text_token() {
    let tokenizer = byte_level(&["<|endoftext|>"]);
    let table = "a\t0\tUSER\tthe\na\t1\tSYSTEM\tcat\nb\t0\tUSER\tthe\n";
    let (_place, corpus) = prepared(&[("talk.tsv", table)], &tokenizer);
    let [the, cat] = ["the", "cat"].map(bytes);
    let eos = vec![258];
    let expected = [&the, &eos, &cat, &eos, &the, &eos]
        .map(|part| &part[..])
        .concat();
    assert_eq!(train(&corpus), expected);
    assert_eq!(corpus.turns(Split::Train).unwrap().len(), 3);
    assert_eq!(spelled(&corpus, Split::Train), "the\ncat\nthe\n");
    let (_place, corpus) = prepared(&[("pairs.tsv", "the\tcat\n\tthe\n")], &tokenizer);
    let (source, target) = corpus.pairs().unwrap();
    assert_eq!(train(&source), [&the[..], &eos, &eos].concat());
    assert_eq!(train(&target), [&cat[..], &eos, &the, &eos].concat());
    assert_eq!(spelled(&source, Split::Train), "the\n\n");
    assert_eq!(source.vocab_checksum(), target.vocab_checksum());
}

#[test]
fn with_a_tokenizer_that_drops_line_ends_eos_ends_a_line() {
    let text = "the cat\nthe bird\n";
    let (_place, corpus) = prepared(&[("a.txt", text)], &word_level());
    assert_eq!(train(&corpus), [2, 3, 4, 2, 1, 4]);
    let vocab = corpus.vocab();
    assert_eq!((vocab.len(), vocab.eos(), vocab.unk()), (5, 4, Some(1)));
    let record = &corpus.record.splits[&Split::Train];
    assert_eq!(
        (record.unknown, record.out_of_vocabulary, record.lossless),
        (1, 1, false)
    );
    assert_eq!(corpus.codec().encode(text).unwrap(), train(&corpus));
    assert_eq!(spelled(&corpus, Split::Train), "the cat\nthe <unk>\n");
    assert_eq!(corpus.record.vocabulary.types_in_train, 4);
}

#[test]
fn a_tokenizer_without_an_end_of_text_token_gets_one_more_id() {
    let (_place, corpus) = prepared(&[("a.txt", "the\n")], &byte_level(&[]));
    assert_eq!((corpus.vocab().len(), corpus.vocab().eos()), (259, 258));
    assert_eq!(corpus.vocab().token(258), "<eos>");
    assert_eq!(train(&corpus), [bytes("the\n"), vec![258]].concat());
}

#[test]
fn special_tokens_in_the_text_are_text() {
    let text = "the <|endoftext|> the\n";
    let (_place, corpus) = prepared(&[("a.txt", text)], &byte_level(&["<|endoftext|>"]));
    let ids = train(&corpus);
    assert_eq!(ids.iter().filter(|&&id| id == 258).count(), 1);
    assert_eq!(spelled(&corpus, Split::Train), text);
    // With whole words it is a word, and hence unknown.
    let (_place, corpus) = prepared(&[("a.txt", "the </s> cat\n")], &word_level());
    assert_eq!(train(&corpus), [2, 1, 3, 4]);
}

#[test]
fn documents_of_long_texts_end_in_the_right_places() {
    // Several blocks for each thread.
    let text: String = (0..60_000)
        .map(|n| lines(n..n + 1) + ["", "\n"][n % 2])
        .collect();
    let (_place, corpus) = prepared(&[("a.txt", &text)], &byte_level(&["<|endoftext|>"]));
    let stream = corpus.split(Split::Train).unwrap();
    let ids = stream.to_vec();
    assert_eq!(stream.documents.len(), 30_000);
    assert!(
        stream
            .documents
            .iter()
            .all(|span| ids[span.end as usize - 1] == 258)
    );
    assert_eq!(ids.iter().filter(|&&id| id == 258).count(), 30_000);
    assert!(spelled(&corpus, Split::Train) == text);
}

#[test]
fn limits_and_missing_tokenizers_are_rejected() {
    let place = Place::with(&[("a.txt", "the cat\n")]);
    let valid = settings(&place, &word_level());
    let limited = Settings {
        vocab: Some(3),
        ..valid.clone()
    };
    let unnamed = Settings {
        pretrained: None,
        ..valid.clone()
    };
    let superfluous = Settings {
        tokens: TokenizerKind::Words,
        ..valid.clone()
    };
    for (settings, expected_text) in [
        (limited, "fixed vocabulary"),
        (unnamed, "must name a tokenizer"),
        (superfluous, "must name a tokenizer"),
    ] {
        let error = place.prepare(&settings).unwrap_err();
        assert!(matches!(error, Error::Setting { .. }), "{error}");
        assert!(error.to_string().contains(expected_text), "{error}");
    }
    // The file changes after it was found.
    fs::write(
        valid.pretrained.as_ref().unwrap().path.as_ref().unwrap(),
        "{}",
    )
    .unwrap();
    let error = place.prepare(&valid).unwrap_err();
    assert!(matches!(error, Error::Checksum { .. }), "{error}");
    assert_eq!(place.left(), [""; 0]);
    let error = PretrainedTokenizer::find(&place.corpora()).unwrap_err();
    assert!(
        error.to_string().contains("holds no tokenizer.json"),
        "{error}"
    );
    let error = PretrainedTokenizer::find(Path::new("no/such/folder")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}

/// The file of [`word_level`] after a change.
fn changed(change: impl Fn(&mut Value)) -> String {
    let mut tokenizer = word_level();
    change(&mut tokenizer);
    tokenizer.to_string()
}

#[test]
fn malformed_tokenizers_are_rejected() {
    let model = |key: &str, value: Value| {
        let key = key.to_owned();
        changed(move |file| file["model"][&key] = value.clone())
    };
    let part = |key: &str, value: Value| {
        let key = key.to_owned();
        changed(move |file| file[&key] = value.clone())
    };
    // The library strips the prefix from the second part of a merge, even if that part is shorter than the prefix.
    let panicking = json!({"type": "BPE", "continuing_subword_prefix": "#####", "vocab": {"a": 0, "b": 1, "ab": 2},
                           "merges": [["a", "b"]]});
    let bytes = json!({"type": "BPE", "dropout": 0.1, "vocab": {"a": 0}, "merges": []});
    // The library loops forever on it.
    let endless = json!({"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["", 1.0]]});
    for (content, expected_text) in [
        ("no JSON".to_owned(), "is not JSON"),
        ("[]".to_owned(), "is not a JSON object"),
        ("{}".to_owned(), "has no model"),
        (
            changed(|_| ()).replacen("\"version\":\"1.0\"", "\"version\":9e999", 1),
            "is not JSON",
        ),
        (part("version", json!("7")), "is not a tokenizer"),
        (part("model", panicking), "panic"),
        (part("model", bytes), "dropout"),
        (part("model", endless), "empty token"),
        (
            part("model", json!({"type": "Oracle"})),
            "\"Oracle\", which is not supported",
        ),
        (
            part("decoder", json!({"type": "CTC"})),
            "\"CTC\", which is not supported",
        ),
        (part("decoder", json!(7)), "not an object"),
        (
            part(
                "pre_tokenizer",
                json!({"type": "Sequence", "pretokenizers": [{"type": "Magic"}]}),
            ),
            "\"Magic\", which is not supported",
        ),
        (
            part("normalizer", json!({"type": "Sequence"})),
            "without normalizers",
        ),
        (
            part(
                "normalizer",
                json!({"type": "Precompiled", "precompiled_charsmap": "AAAA"}),
            ),
            "tokenizer",
        ),
        (model("vocab", json!({})), "empty vocabulary"),
        (model("vocab", json!({"the": 0, "": 1})), "empty token"),
        (
            model("vocab", json!({"the": 0, "<unk>": 1, "</s>": 9})),
            "gap",
        ),
        (
            model(
                "vocab",
                json!({"the": 0, "<unk>": 1, "</s>": 4, "cat": 7, "a": 2}),
            ),
            "gap",
        ),
        (model("vocab", json!({"the": -1})), "is not a tokenizer"),
        (model("vocab", json!({"the": 0})), "gap"),
        (
            changed(|file| file["added_tokens"][0]["content"] = json!("")),
            "without content",
        ),
        (
            changed(|file| file["added_tokens"][1]["id"] = json!(77)),
            "gap",
        ),
    ] {
        let place = Place::new();
        let path = place.write("tokenizer.json", &content);
        let error = Pretrained::open(&path).unwrap_err();
        assert!(matches!(error, Error::Tokenizer { .. }), "{error}");
        let message = error.to_string();
        assert!(
            message.contains(expected_text),
            "{expected_text:?} is not in: {message}"
        );
        assert!(message.contains("tokenizer.json"), "{message}");
    }
}

#[test]
fn a_damaged_copy_is_rejected() {
    for (name, content) in [("tokenizer.json", "{}"), ("vocab.txt", "the\n</s>\n")] {
        let (_place, corpus) = prepared(&[("a.txt", "the cat\n")], &word_level());
        let model = corpus.folder().join("model");
        fs::create_dir(&model).unwrap();
        corpus.codec().save(&model).unwrap();
        fs::write(model.join(name), content).unwrap();
        let error = Codec::open(&model).unwrap_err();
        assert!(
            matches!(&error, Error::Corrupt { path, .. } if path.ends_with(name)),
            "{error}"
        );
    }
}
