//! Invalid input of every kind is rejected with the right message, and no files remain.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use corpus::{
    Corpus, Error, Kind, OnExisting, Settings, Source, Split, SplitRule, Step, Subwords, Watch,
    prepare,
};

use crate::{Place, gzip, lines, plain, text_of, tokenized_as};

/// Checks that preparation fails with these words and that no files remain, and returns the error.
fn expect_refusal(place: &Place, settings: &Settings, words: &[&str]) -> Error {
    let error = place.prepare(settings).unwrap_err();
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    assert_eq!(place.left(), [""; 0], "{message}");
    error
}

#[test]
fn missing_files() {
    let error = Source::find("/no/such/file.txt").unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("/no/such/file.txt"), "{error}");
    // A file that is deleted after the search and before reading.
    let place = Place::with(&[("a.txt", &lines(0..30))]);
    let source = place.source().unwrap();
    fs::remove_file(&source.inputs[0].path).unwrap();
    let target = place.corpora().join("corpus");
    let error = prepare(
        &source,
        &target,
        &plain(),
        OnExisting::Refuse,
        &mut Watch::silent(),
    );
    assert!(matches!(
        error.unwrap_err(),
        Error::Io { action: "open", .. }
    ));
    assert_eq!(place.left(), [""; 0]);
}

#[test]
fn sources_without_text() {
    let empty = Place::with(&[("a.txt", "")]);
    let error = expect_refusal(&empty, &plain(), &["contains no text"]);
    assert!(matches!(error, Error::Empty { .. }));
    let blank = Place::with(&[("a.txt", "\n \n\u{3000}\n"), ("b.txt", "\n")]);
    for settings in [plain(), tokenized_as("words")] {
        let error = expect_refusal(&blank, &settings, &["contains no text"]);
        assert!(matches!(error, Error::Empty { .. }));
    }
    let nothing = Place::with(&[("README.md", "about"), (".hidden", "x")]);
    let error = expect_refusal(&nothing, &plain(), &["contains no text"]);
    assert!(matches!(error, Error::Empty { .. }));
}

#[test]
fn texts_too_short_to_split() {
    for text in ["one line only", "one line\nand another\n"] {
        let place = Place::with(&[("a.txt", text)]);
        let error = expect_refusal(&place, &tokenized_as("words"), &["requires at least 3"]);
        assert!(matches!(
            error,
            Error::EmptySplit {
                split: Split::Valid,
                ..
            }
        ));
        let all = Settings {
            split: SplitRule::None,
            ..tokenized_as("words")
        };
        assert!(place.prepare(&all).is_ok());
    }
}

#[test]
fn pairs_too_few_to_split() {
    let place = Place::with(&[("a.tsv", "ein Hund\ta dog\n")]);
    let words = ["none of the sentence pairs"];
    let error = expect_refusal(&place, &tokenized_as("words"), &words);
    assert!(matches!(error, Error::EmptySplit { .. }), "{error}");
    let all = Settings {
        split: SplitRule::None,
        ..tokenized_as("words")
    };
    assert!(place.prepare(&all).is_ok());
}

#[test]
fn splits_without_tokens() {
    for (name, split) in [
        ("train", Split::Train),
        ("valid", Split::Valid),
        ("test", Split::Test),
    ] {
        let texts = ["train", "valid", "test"].map(|file| {
            let name = format!("{file}.txt");
            (name, if file == split.name() { "" } else { "a b c\n" })
        });
        let files = texts.each_ref().map(|(name, text)| (name.as_str(), *text));
        let error = expect_refusal(
            &Place::with(&files),
            &tokenized_as("words"),
            &[name, "has no line"],
        );
        assert!(
            matches!(error, Error::EmptySplit { split: found, .. } if found == split),
            "{error}"
        );
    }
}

#[test]
fn parallel_files_of_different_lengths() {
    let (long, short) = ("a b\n".repeat(7), "x\n".repeat(4));
    for (german, english) in [(&long, &short), (&short, &long)] {
        let place = Place::with(&[("train.de", german), ("train.en", english)]);
        let words = ["line 5", "this one has 7", "has 4"];
        let error = expect_refusal(&place, &tokenized_as("whitespace"), &words);
        assert!(matches!(error, Error::Format { line: 5, .. }), "{error}");
    }
    // A blank line shows where one of them has a line more.
    let place = Place::with(&[("train.de", "a\nb\nc\nd\n"), ("train.en", "a\n\nb\nc\nd\n")]);
    expect_refusal(&place, &tokenized_as("whitespace"), &["line 2 is blank"]);
}

#[test]
fn invalid_utf8() {
    let before = lines(0..3000);
    for (bad, line, byte) in [
        (&b"ab\xFFcd\n"[..], 3001, 3),
        (b"\xC3", 3001, 1),
        (b"a\xED\xA0\x80\n", 3001, 2),
    ] {
        let place = Place::new();
        let path = place.write("a.txt", [before.as_bytes(), bad].concat());
        let expected_text = format!(
            "{}, line {line}, byte {byte}: not valid UTF-8",
            path.display()
        );
        let error = expect_refusal(&place, &tokenized_as("words"), &[&expected_text]);
        assert!(matches!(error, Error::InvalidUtf8 { .. }));
    }
    let place = Place::new();
    place.write("a.txt", b"ab\xFFcd\nx\0y\n");
    let corpus = place
        .prepare(&Settings {
            lossy: true,
            ..plain()
        })
        .unwrap();
    assert_eq!(text_of(&corpus, Split::Train), "ab\u{FFFD}cd\nx\u{FFFD}y\n");
}

#[test]
fn nul_bytes() {
    let utf16: Vec<u8> = "plain\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content, expected_text) in [
        (b"fine\nx\0y\n".to_vec(), "line 2, byte 2"),
        (utf16, "line 1, byte 2"),
    ] {
        let place = Place::new();
        place.write("a.txt", content);
        let error = expect_refusal(&place, &plain(), &[expected_text, "NUL", "UTF-16"]);
        assert!(matches!(error, Error::NulByte { .. }));
    }
}

#[test]
fn settings_out_of_bounds() {
    let with = |change: fn(&mut Settings)| {
        let mut settings = plain();
        change(&mut settings);
        settings
    };
    for (settings, expected_text) in [
        (
            with(|settings| settings.vocab = Some(0)),
            "vocab = 0: must be at least 3",
        ),
        (
            with(|settings| settings.min_count = 0),
            "min_count = 0: must be at least 1",
        ),
        (
            Settings {
                vocab: Some(100),
                ..tokenized_as("bytes")
            },
            "fixed vocabulary",
        ),
        (
            Settings {
                min_count: 2,
                ..tokenized_as("bpe:300")
            },
            "fixed vocabulary",
        ),
    ] {
        let error = expect_refusal(
            &Place::with(&[("a.txt", &lines(0..30))]),
            &settings,
            &[expected_text],
        );
        assert!(matches!(error, Error::Setting { .. }), "{error}");
    }
}

#[test]
fn truncated_compressed_files() {
    let text = lines(0..20_000);
    let zstandard = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for (name, bytes) in [
        ("a.txt.gz", gzip(text.as_bytes())),
        ("a.txt.zst", zstandard),
    ] {
        for keep in [bytes.len() / 2, bytes.len() - 1] {
            let place = Place::new();
            place.write(name, &bytes[..keep]);
            let error = expect_refusal(
                &place,
                &tokenized_as("words"),
                &[name, "truncated or damaged", "again"],
            );
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
        }
    }
    let place = Place::new();
    place.write("a.txt.gz", "this is not gzip\n");
    assert!(matches!(
        expect_refusal(&place, &plain(), &["a.txt.gz"]),
        Error::Damaged { .. }
    ));
}

#[test]
fn json_lines() {
    let line = r#"{"sentence_good": "a", "sentence_bad": "b"}"#;
    let place = Place::with(&[("pairs.jsonl", &format!("\n {line}\n{line}\n"))]);
    let error = expect_refusal(&place, &plain(), &["JSON lines"]);
    assert!(matches!(error, Error::JsonLines { .. }), "{error}");
    let forced = Settings {
        kind: Kind::Text,
        ..plain()
    };
    assert!(place.prepare(&forced).is_ok());
    // A line that starts with a brace need not be an object.
    let place = Place::with(&[("a.txt", "{ curly\n{}, say\n")]);
    assert!(place.prepare(&plain()).is_ok());
}

#[test]
fn malformed_pairs() {
    let rows =
        |count: usize| -> String { (0..count).map(|n| format!("de {n}\ten {n}\n")).collect() };
    let place = Place::new();
    let path = place.write("deu.txt", rows(60) + "no tab\n" + &rows(5));
    let expected_text = format!("{}, line 61: expected SOURCE<TAB>TARGET", path.display());
    let words = [expected_text.as_str(), "look like sentence pairs"];
    assert!(matches!(
        expect_refusal(&place, &plain(), &words),
        Error::Misfit { line: 61, .. }
    ));
    // Who says that they are pairs is not told what they look like.
    let settings = Settings {
        kind: Kind::Pairs,
        ..plain()
    };
    assert!(matches!(
        expect_refusal(&place, &settings, &[&expected_text]),
        Error::Format { line: 61, .. }
    ));
    for (german, english, longer) in [(5, 4, "text.de"), (3, 5, "text.en")] {
        let text = |count: usize| "a sentence\n".repeat(count);
        let place = Place::with(&[("text.de", &text(german)), ("text.en", &text(english))]);
        let error = expect_refusal(&place, &plain(), &[longer, "same number of lines"]);
        let line = german.min(english) as u64 + 1;
        assert!(
            matches!(&error, Error::Format { place, line: at, .. } if place.ends_with(longer) && *at == line)
        );
    }
}

#[test]
fn malformed_dialogues() {
    let table: String = (0..60).map(|n| format!("d{n}\t0\tUSER\thi\n")).collect();
    let personas = "1 your persona: x.\n2 hi\thello\n".repeat(30);
    let transcript = "Human Conversation 1\n".to_owned() + &"Human 1: hi\n".repeat(60);
    for (text, bad, line, expected_text) in [
        (&table, "d60\t0\tUSER\n", 61, "found 3 field(s)"),
        (
            &table,
            "d60\tfirst\tUSER\thi\n",
            61,
            "turn \"first\" is not a number",
        ),
        (&personas, "hi\thello\n", 61, "expected a number"),
        (
            &personas,
            "3 no reply\n",
            61,
            "expected UTTERANCE<TAB>REPLY",
        ),
        (&transcript, "hi there\n", 62, "expected NAME: TEXT"),
    ] {
        let place = Place::new();
        let path = place.write("talk.txt", format!("{text}{bad}"));
        let expected_text = format!("{}, line {line}: {expected_text}", path.display());
        // The expected text may begin in the middle of the message.
        let error = expect_refusal(&place, &plain(), &[path.to_str().unwrap()]);
        assert!(
            error
                .to_string()
                .contains(expected_text.rsplit(": ").next().unwrap()),
            "{error}"
        );
        assert!(
            matches!(error, Error::Misfit { line: at, .. } if at == line),
            "{error}"
        );
    }
}

#[test]
fn existing_corpora() {
    let place = Place::with(&[("a.txt", &lines(0..30))]);
    let corpus = place.prepare(&tokenized_as("words")).unwrap();
    let error = place.prepare(&tokenized_as("chars")).unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error}");
    let replace = |settings: &Settings| {
        let source = place.source().unwrap();
        let watch = &mut Watch::silent();
        prepare(
            &source,
            corpus.folder(),
            settings,
            OnExisting::Replace,
            watch,
        )
    };
    // The old corpus stays until the new one is complete.
    assert!(
        replace(&Settings {
            vocab: Some(1),
            ..tokenized_as("words")
        })
        .is_err()
    );
    assert_eq!(Corpus::open(corpus.folder()).unwrap().record, corpus.record);
    let replaced = replace(&tokenized_as("chars")).unwrap();
    assert_eq!(
        Corpus::open(corpus.folder()).unwrap().record,
        replaced.record
    );
    assert_eq!(place.left(), ["corpus"]);
}

#[test]
fn interruptions_leave_no_files() {
    let text = lines(0..5000);
    for (tokens, steps) in [
        (
            "words",
            &["reading", "encoding", "numbering", "checking"][..],
        ),
        ("bpe:300", &["learning subwords", "encoding"]),
    ] {
        for step in steps {
            let place = Place::with(&[("a.txt", &text)]);
            let mut stop = |now: Step| match now.what == *step {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            let error = place.prepare_watched(&tokenized_as(tokens), &mut Watch::new(&mut stop));
            assert!(matches!(error.unwrap_err(), Error::Interrupted), "{step}");
            assert_eq!(place.left(), [""; 0], "{step}");
        }
    }
}

/// Opens and verifies a corpus after `change_files` has changed its files.
fn open_changed(change_files: impl Fn(&Path)) -> corpus::Result<Corpus> {
    let place = Place::with(&[("a.txt", &lines(0..100))]);
    let folder = place
        .prepare(&tokenized_as("bpe:300"))
        .unwrap()
        .folder()
        .to_path_buf();
    change_files(&folder);
    let corpus = Corpus::open(&folder)?;
    corpus.split(Split::Train)?;
    corpus.verify()?;
    Ok(corpus)
}

fn expect_corrupt(what: &str, change_files: impl Fn(&Path)) {
    let error = open_changed(change_files).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains(what) && message.contains("prepare the corpus again"),
        "{message}"
    );
}

#[test]
fn damaged_corpora() {
    assert!(open_changed(|_| {}).is_ok());
    let change = |folder: &Path, name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let path = folder.join(name);
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
    };
    // Even the id of `<s>` is too large, since it is not part of the predicted vocabulary.
    for id in [300_u16, u16::MAX] {
        expect_corrupt("token 7 has id", |folder| {
            change(folder, "train.tokens", &|bytes| {
                bytes[14..16].copy_from_slice(&id.to_le_bytes());
            });
        });
    }
    expect_corrupt("according to corpus.toml", |folder| {
        change(folder, "train.tokens", &|bytes| bytes.truncate(100))
    });
    expect_corrupt("according to corpus.toml", |folder| {
        change(folder, "train.text", &|bytes| bytes.push(b'\n'))
    });
    expect_corrupt("span 1 is", |folder| {
        change(folder, "train.documents", &|bytes| bytes[8] = 255)
    });
    expect_corrupt("corpus.toml", |folder| {
        change(folder, "corpus.toml", &|bytes| bytes.extend(b"[more]\n"))
    });
    // A change to a file that the record does not list would go undetected.
    for name in [
        "vocab.txt",
        "tokenizer.json",
        "train.tokens",
        "test.documents",
    ] {
        expect_corrupt(
            &format!("{name} is missing from its list of files"),
            |folder| {
                let path = folder.join("corpus.toml");
                let text = fs::read_to_string(&path).unwrap();
                let mut record: toml::Table = text.parse().unwrap();
                let files = record["files"].as_table_mut().unwrap();
                assert!(files.remove(name).is_some());
                fs::write(&path, record.to_string()).unwrap();
            },
        );
    }
    // Reading a device or a pipe may never end.
    for (name, expected) in [
        ("/dev/zero", "which is not in this folder"),
        ("../train.txt", "which is not in this folder"),
        ("folder", "is not a file"),
    ] {
        expect_corrupt(expected, |folder| {
            fs::create_dir(folder.join("folder")).unwrap();
            let none = format!("\n[files.\"{name}\"]\nbytes = 0\nsha256 = \"\"\n");
            change(folder, "corpus.toml", &|bytes| {
                bytes.extend(none.as_bytes())
            });
        });
    }
    for (format, expected) in [
        (
            1,
            "format 1, written by Eras 0.1; this version reads format 2",
        ),
        (99, "format 99; this version reads format 2"),
    ] {
        let error = open_changed(|folder| {
            let path = folder.join("corpus.toml");
            let text = fs::read_to_string(&path).unwrap();
            let changed = text.replace("format = 2\n", &format!("format = {format}\n"));
            fs::write(&path, changed).unwrap();
        });
        let error = error.unwrap_err();
        assert!(
            matches!(error, Error::Version { found, .. } if found == format),
            "{error}"
        );
        assert!(error.to_string().contains(expected), "{error}");
    }
    for name in ["vocab.txt", "train.text", "train.tokens"] {
        let error = open_changed(|folder| {
            change(folder, name, &|bytes| bytes.swap(0, 2));
        });
        let error = error.unwrap_err();
        assert!(
            matches!(&error, Error::Checksum { path, .. } if path.ends_with(name)),
            "{name}: {error}"
        );
        assert!(
            error.to_string().contains("prepare the corpus again"),
            "{error}"
        );
    }
    for name in ["vocab.txt", "train.tokens", "tokenizer.json", "corpus.toml"] {
        let error = open_changed(|folder| fs::remove_file(folder.join(name)).unwrap()).unwrap_err();
        assert!(
            matches!(&error, Error::Io { path, .. } if path.ends_with(name)),
            "{name}: {error}"
        );
    }
}

#[test]
fn files_that_are_not_subwords() {
    const BYTES: &str =
        r#"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":true}"#;
    let place = Place::new();
    let path = place.write("tokenizer.json", "{}");
    assert!(matches!(Subwords::open(&path), Err(Error::Corrupt { .. })));
    assert!(matches!(
        Subwords::open_gpt2(&path, &path),
        Err(Error::Subwords { .. })
    ));
    // All ids of an encoded line must be in the vocabulary.
    let of = |ids: [u32; 2]| {
        let [a, b] = ids;
        format!(
            r#"{{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"pre_tokenizer":{BYTES},
            "post_processor":null,"decoder":{BYTES},"model":{{"type":"BPE","vocab":{{"a":{a},"b":{b}}},"merges":[]}}}}"#
        )
    };
    let valid = place.write("tokenizer.json", of([0, 1]));
    assert_eq!(Subwords::open(&valid).unwrap().size(), 2);
    let sparse = place.write("tokenizer.json", of([0, 7]));
    let message = Subwords::open(&sparse).unwrap_err().to_string();
    assert!(message.contains("without a gap"), "{message}");
}

/// A file system of one megabyte, unmounted when dropped.
struct SmallDisk {
    mount: PathBuf,
}

impl SmallDisk {
    fn mount(folder: &Path) -> Option<SmallDisk> {
        let mount = folder.to_path_buf();
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(&mount);
        let done = command.output().is_ok_and(|output| output.status.success());
        done.then_some(SmallDisk { mount })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.mount).status();
    }
}

#[test]
fn a_full_disk() {
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(&place.corpora()) else {
        test_skips::skip("no permission to mount a small file system");
        return;
    };
    // Space for only the beginning of the text; for the text but not its ids; for one kind of ids but not both.
    for line_count in [60_000, 28_000, 10_000] {
        place.write("a.txt", lines(0..line_count));
        let error = expect_refusal(&place, &tokenized_as("words"), &["cannot write"]);
        let is_full = |error: &std::io::Error| error.kind() == ErrorKind::StorageFull;
        assert!(
            matches!(&error, Error::Io { source, .. } if is_full(source)),
            "{error}"
        );
    }
    place.write("a.txt", lines(0..1000));
    assert!(place.prepare(&tokenized_as("words")).is_ok());
}
