//! Every input that must be refused is refused with the right words, and leaves nothing behind.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use corpus::{
    Corpus, Error, Kind, OnExisting, Settings, Source, Split, SplitRule, Step, Subwords, Watch,
    prepare,
};

use crate::{Place, cut_as, gzip, lines, plain, text_of};

/// Prepares, and checks that the refusal has these words and that nothing is left of the attempt.
fn refused(place: &Place, settings: &Settings, words: &[&str]) -> Error {
    let error = place.prepare(settings).unwrap_err();
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    assert_eq!(place.left(), [""; 0], "{message}");
    error
}

#[test]
fn what_is_not_there() {
    let error = Source::find("/no/such/file.txt").unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("/no/such/file.txt"), "{error}");
    // A file that goes away between being found and being read.
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
fn what_holds_no_text() {
    let empty = Place::with(&[("a.txt", "")]);
    let error = refused(&empty, &plain(), &["contains no text"]);
    assert!(matches!(error, Error::Empty { .. }));
    let nothing = Place::with(&[("README.md", "about"), (".hidden", "x")]);
    let error = refused(&nothing, &plain(), &["contains no text"]);
    assert!(matches!(error, Error::Empty { .. }));
}

#[test]
fn what_cannot_be_divided() {
    for text in ["one line only", "one line\nand another\n"] {
        let place = Place::with(&[("a.txt", text)]);
        let error = refused(&place, &cut_as("words"), &["takes at least 3"]);
        assert!(matches!(
            error,
            Error::EmptySplit {
                split: Split::Valid,
                ..
            }
        ));
        let all = Settings {
            split: SplitRule::None,
            ..cut_as("words")
        };
        assert!(place.prepare(&all).is_ok());
    }
}

#[test]
fn a_split_without_tokens() {
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
        let error = refused(
            &Place::with(&files),
            &cut_as("words"),
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
        let error = refused(&place, &cut_as("whitespace"), &words);
        assert!(matches!(error, Error::Format { line: 5, .. }), "{error}");
    }
}

#[test]
fn bytes_that_are_not_text() {
    let before = lines(0..3000);
    for (bad, line, byte) in [
        (&b"ab\xFFcd\n"[..], 3001, 3),
        (b"\xC3", 3001, 1),
        (b"a\xED\xA0\x80\n", 3001, 2),
    ] {
        let place = Place::new();
        let path = place.write("a.txt", [before.as_bytes(), bad].concat());
        let told = format!(
            "{}, line {line}, byte {byte}: not valid UTF-8",
            path.display()
        );
        let error = refused(&place, &cut_as("words"), &[&told]);
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
    for (content, told) in [
        (b"fine\nx\0y\n".to_vec(), "line 2, byte 2"),
        (utf16, "line 1, byte 2"),
    ] {
        let place = Place::new();
        place.write("a.txt", content);
        let error = refused(&place, &plain(), &[told, "NUL", "UTF-16"]);
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
    for (settings, told) in [
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
                ..cut_as("bytes")
            },
            "fixed vocabulary",
        ),
        (
            Settings {
                min_count: 2,
                ..cut_as("bpe:300")
            },
            "fixed vocabulary",
        ),
    ] {
        let error = refused(
            &Place::with(&[("a.txt", &lines(0..30))]),
            &settings,
            &[told],
        );
        assert!(matches!(error, Error::Setting { .. }), "{error}");
    }
}

#[test]
fn packed_files_that_are_cut_short() {
    let text = lines(0..20_000);
    let zstandard = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for (name, bytes) in [
        ("a.txt.gz", gzip(text.as_bytes())),
        ("a.txt.zst", zstandard),
    ] {
        for keep in [bytes.len() / 2, bytes.len() - 1] {
            let place = Place::new();
            place.write(name, &bytes[..keep]);
            let error = refused(
                &place,
                &cut_as("words"),
                &[name, "truncated or damaged", "again"],
            );
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
        }
    }
    let place = Place::new();
    place.write("a.txt.gz", "this is not gzip\n");
    assert!(matches!(
        refused(&place, &plain(), &["a.txt.gz"]),
        Error::Damaged { .. }
    ));
}

#[test]
fn json_that_nobody_turned_into_text() {
    let line = r#"{"sentence_good": "a", "sentence_bad": "b"}"#;
    let place = Place::with(&[("pairs.jsonl", &format!("\n {line}\n{line}\n"))]);
    let error = refused(&place, &plain(), &["JSON lines"]);
    assert!(matches!(error, Error::JsonLines { .. }), "{error}");
    let forced = Settings {
        kind: Kind::Text,
        ..plain()
    };
    assert!(place.prepare(&forced).is_ok());
    // A brace does not make an object.
    let place = Place::with(&[("a.txt", "{ curly\n{}, say\n")]);
    assert!(place.prepare(&plain()).is_ok());
}

#[test]
fn malformed_pairs() {
    let rows =
        |count: usize| -> String { (0..count).map(|n| format!("de {n}\ten {n}\n")).collect() };
    let place = Place::new();
    let path = place.write("deu.txt", rows(60) + "no tab\n" + &rows(5));
    let told = format!("{}, line 61: expected SOURCE<TAB>TARGET", path.display());
    assert!(matches!(
        refused(&place, &plain(), &[&told]),
        Error::Format { line: 61, .. }
    ));
    for (german, english, longer) in [(5, 4, "text.de"), (3, 5, "text.en")] {
        let text = |count: usize| "a sentence\n".repeat(count);
        let place = Place::with(&[("text.de", &text(german)), ("text.en", &text(english))]);
        let error = refused(&place, &plain(), &[longer, "same number of lines"]);
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
    for (text, bad, line, told) in [
        (&table, "d60\t0\tUSER\n", 61, "found 3 field(s)"),
        (
            &table,
            "d60\tfirst\tUSER\thi\n",
            61,
            "the turn's number is \"first\"",
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
        let told = format!("{}, line {line}: {told}", path.display());
        // `told` may begin in the middle of the message.
        let error = refused(&place, &plain(), &[path.to_str().unwrap()]);
        assert!(
            error
                .to_string()
                .contains(told.rsplit(": ").next().unwrap()),
            "{error}"
        );
        assert!(
            matches!(error, Error::Format { line: at, .. } if at == line),
            "{error}"
        );
    }
}

#[test]
fn a_name_that_is_taken() {
    let place = Place::with(&[("a.txt", &lines(0..30))]);
    let corpus = place.prepare(&cut_as("words")).unwrap();
    let error = place.prepare(&cut_as("chars")).unwrap_err();
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
    // The old one stays until the new one is complete.
    assert!(
        replace(&Settings {
            vocab: Some(1),
            ..cut_as("words")
        })
        .is_err()
    );
    assert_eq!(Corpus::open(corpus.folder()).unwrap().record, corpus.record);
    let replaced = replace(&cut_as("chars")).unwrap();
    assert_eq!(
        Corpus::open(corpus.folder()).unwrap().record,
        replaced.record
    );
    assert_eq!(place.left(), ["corpus"]);
}

#[test]
fn interruptions_leave_nothing() {
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
            let error = place.prepare_watched(&cut_as(tokens), &mut Watch::new(&mut stop));
            assert!(matches!(error.unwrap_err(), Error::Interrupted), "{step}");
            assert_eq!(place.left(), [""; 0], "{step}");
        }
    }
}

/// A prepared corpus that `spoil` has had its hands on.
fn spoiled(spoil: impl Fn(&Path)) -> corpus::Result<Corpus> {
    let place = Place::with(&[("a.txt", &lines(0..100))]);
    let folder = place
        .prepare(&cut_as("bpe:300"))
        .unwrap()
        .folder()
        .to_path_buf();
    spoil(&folder);
    let corpus = Corpus::open(&folder)?;
    corpus.split(Split::Train)?;
    corpus.verify()?;
    Ok(corpus)
}

fn corrupt(what: &str, spoil: impl Fn(&Path)) {
    let error = spoiled(spoil).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains(what) && message.contains("prepare the corpus again"),
        "{message}"
    );
}

#[test]
fn corpora_that_were_damaged() {
    assert!(spoiled(|_| {}).is_ok());
    let change = |folder: &Path, name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let path = folder.join(name);
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
    };
    // `<s>` has an id beyond the predicted vocabulary, so even it is too large.
    for id in [300_u16, u16::MAX] {
        corrupt("token 7 has id", |folder| {
            change(folder, "train.tokens", &|bytes| {
                bytes[14..16].copy_from_slice(&id.to_le_bytes());
            });
        });
    }
    corrupt("corpus.toml says", |folder| {
        change(folder, "train.tokens", &|bytes| bytes.truncate(100))
    });
    corrupt("corpus.toml says", |folder| {
        change(folder, "train.text", &|bytes| bytes.push(b'\n'))
    });
    corrupt("span 1 is", |folder| {
        change(folder, "train.documents", &|bytes| bytes[8] = 255)
    });
    corrupt("corpus.toml", |folder| {
        change(folder, "corpus.toml", &|bytes| bytes.extend(b"[more]\n"))
    });
    // A record that vouches for less than all could hide a change.
    for name in [
        "vocab.txt",
        "tokenizer.json",
        "train.tokens",
        "test.documents",
    ] {
        corrupt(&format!("do not list {name}"), |folder| {
            let path = folder.join("corpus.toml");
            let text = fs::read_to_string(&path).unwrap();
            let mut record: toml::Table = text.parse().unwrap();
            let files = record["files"].as_table_mut().unwrap();
            assert!(files.remove(name).is_some());
            fs::write(&path, record.to_string()).unwrap();
        });
    }
    // A device or a pipe may be read without an end.
    for (name, expected) in [
        ("/dev/zero", "which is not in this folder"),
        ("../train.txt", "which is not in this folder"),
        ("folder", "is not a file"),
    ] {
        corrupt(expected, |folder| {
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
        let error = spoiled(|folder| {
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
        let error = spoiled(|folder| {
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
        let error = spoiled(|folder| fs::remove_file(folder.join(name)).unwrap()).unwrap_err();
        assert!(
            matches!(&error, Error::Io { path, .. } if path.ends_with(name)),
            "{name}: {error}"
        );
    }
}

#[test]
fn subwords_that_are_none() {
    const BYTES: &str =
        r#"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":true}"#;
    let place = Place::new();
    let path = place.write("tokenizer.json", "{}");
    assert!(matches!(Subwords::open(&path), Err(Error::Corrupt { .. })));
    assert!(matches!(
        Subwords::open_gpt2(&path, &path),
        Err(Error::Subwords { .. })
    ));
    // Ids that a line is cut into must be those of the vocabulary.
    let of = |ids: [u32; 2]| {
        let [a, b] = ids;
        format!(
            r#"{{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"pre_tokenizer":{BYTES},
            "post_processor":null,"decoder":{BYTES},"model":{{"type":"BPE","vocab":{{"a":{a},"b":{b}}},"merges":[]}}}}"#
        )
    };
    let sound = place.write("tokenizer.json", of([0, 1]));
    assert_eq!(Subwords::open(&sound).unwrap().size(), 2);
    let sparse = place.write("tokenizer.json", of([0, 7]));
    let message = Subwords::open(&sparse).unwrap_err().to_string();
    assert!(message.contains("without a gap"), "{message}");
}

/// A file system of one megabyte, while it lives.
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
        println!("skipped: this user may not mount a small file system");
        return;
    };
    // Room for nothing but the text's beginning; for the text but not for its ids; for ids but not for both kinds.
    for line_count in [60_000, 28_000, 10_000] {
        place.write("a.txt", lines(0..line_count));
        let error = refused(&place, &cut_as("words"), &["cannot write"]);
        let is_full = |error: &std::io::Error| error.kind() == ErrorKind::StorageFull;
        assert!(
            matches!(&error, Error::Io { source, .. } if is_full(source)),
            "{error}"
        );
    }
    place.write("a.txt", lines(0..1000));
    assert!(place.prepare(&cut_as("words")).is_ok());
}
