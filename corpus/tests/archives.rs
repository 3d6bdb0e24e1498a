//! Packed files and archives of every kind give the corpus that their files give in a folder.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use corpus::{
    Corpus, Error, OnExisting, Result, Settings, Source, Split, SplitRule, Watch, open_text,
    prepare, read_minimal_pairs,
};
use tempfile::TempDir;

/// A name and what the file holds.
type File = (String, Vec<u8>);

fn files(files: &[(&str, &str)]) -> Vec<File> {
    let owned = |&(name, text): &(&str, &str)| (name.to_owned(), text.as_bytes().to_vec());
    files.iter().map(owned).collect()
}

fn tar(files: &[File]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        archive
            .append_data(&mut header, name, &content[..])
            .unwrap();
    }
    archive.into_inner().unwrap()
}

fn zip(files: &[File]) -> Vec<u8> {
    zip_with(files, zip::CompressionMethod::Deflated)
}

fn zip_with(files: &[File], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, content) in files {
        archive.start_file(&name[..], options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A temporary folder for a source and a corpus.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn prepare(&self, source: &Path, settings: &Settings) -> Result<Corpus> {
        let source = Source::find(source)?;
        let corpora = self.0.path().join("corpora");
        let folder = corpora.join("corpus");
        let corpus = prepare(
            &source,
            &folder,
            settings,
            OnExisting::Refuse,
            &mut Watch::silent(),
        );
        // Nothing that was unpacked is left.
        let left = fs::read_dir(&corpora).unwrap().count();
        assert_eq!(left, usize::from(corpus.is_ok()));
        assert!(!folder.join("unpacked").exists());
        corpus
    }
}

fn whitespace() -> Settings {
    Settings {
        tokens: "whitespace".parse().unwrap(),
        ..Settings::default()
    }
}

fn unsplit() -> Settings {
    Settings {
        split: SplitRule::None,
        ..whitespace()
    }
}

/// The error of preparing one file, which must name these words.
fn refused(name: &str, content: &[u8], words: &[&str]) -> Error {
    let place = Place::new();
    let path = place.write(name, content);
    let error = place.prepare(&path, &unsplit()).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    let message = format!("{error}: {}", source.unwrap_or_default());
    for word in words.iter().chain([&name]) {
        assert!(message.contains(word), "{word} is not in {message}");
    }
    error
}

/// Checks that archives of these files give the corpus that a folder of them gives, and returns that, with the place where it is.
fn same_as_a_folder(files: &[File], settings: &Settings) -> (Place, Corpus) {
    let folder = Place::new();
    for (name, content) in files {
        folder.write(&format!("source/{name}"), content);
    }
    let expected = folder
        .prepare(&folder.0.path().join("source"), settings)
        .unwrap();
    let within = |name: &str, content: Vec<u8>| [(name.to_owned(), content)];
    let packed: Vec<File> = files
        .iter()
        .map(|(name, content)| (format!("{name}.gz"), gzip(content)))
        .collect();
    let below: Vec<File> = files
        .iter()
        .map(|(name, content)| (format!("./data/v1/{name}"), content.clone()))
        .collect();
    for (name, content) in [
        ("data.tar", tar(files)),
        ("data.tgz", gzip(&tar(files))),
        ("data.tar.zst", zst(&tar(files))),
        ("data.zip", zip(files)),
        ("bzip2.zip", zip_with(files, zip::CompressionMethod::Bzip2)),
        (
            "stored.zip",
            zip_with(files, zip::CompressionMethod::Stored),
        ),
        ("packed-inside.zip", zip(&packed)),
        ("packed-inside.tar", tar(&packed)),
        ("in-folders.tar", tar(&below)),
        (
            "tar-in-tar.tar",
            tar(&within("more.tar.gz", gzip(&tar(files)))),
        ),
        (
            "zip-in-tar.tar.gz",
            gzip(&tar(&within("more.zip", zip(files)))),
        ),
        ("tar-in-zip.zip", zip(&within("more.tar", tar(files)))),
        ("no-ending", zip(files)),
    ] {
        let place = Place::new();
        let path = place.write(name, content);
        let corpus = place.prepare(&path, settings).unwrap();
        assert_eq!(corpus.record.files, expected.record.files, "{name}");
        assert_eq!(corpus.record.splits, expected.record.splits, "{name}");
    }
    (folder, expected)
}

#[test]
fn an_archive_of_splits() {
    let files = files(&[
        ("train.txt", "a b\n\nc d\n"),
        ("valid.txt", "a b\n"),
        ("test.txt", "c\n"),
    ]);
    let (_place, corpus) = same_as_a_folder(&files, &whitespace());
    assert_eq!(corpus.split(Split::Test).unwrap().len(), 2);
}

#[test]
fn an_archive_of_parallel_files() {
    let files = files(&[
        ("train.de", "eins\nzwei\n"),
        ("train.en", "one\ntwo\n"),
        ("test.de", "drei\n"),
        ("test.en", "three\n"),
        ("dev.de", "vier\n"),
        ("dev.en", "four\n"),
    ]);
    let (_place, corpus) = same_as_a_folder(&files, &whitespace());
    let (source, target) = corpus.pairs().unwrap();
    assert!(source.vocab().id("zwei").is_some() && target.vocab().id("two").is_some());
}

#[test]
fn an_archive_of_conversations() {
    let table = "a\t0\tUSER\thi\na\t1\tSYSTEM\thello\nb\t0\tUSER\tbye\nb\t1\tSYSTEM\tbye\n";
    let files = files(&[
        ("dialogues.tsv", table),
        (
            "more.tsv",
            &table.replace("a\t", "c\t").replace("b\t", "d\t"),
        ),
    ]);
    let (_place, corpus) = same_as_a_folder(&files, &unsplit());
    assert_eq!(corpus.record.splits[&Split::Train].documents, 4);
}

#[test]
fn an_archive_of_one_text() {
    let text: String = (0..60).map(|n| format!("line {n}\n")).collect();
    same_as_a_folder(&files(&[("novel.txt", &text)]), &whitespace());
}

#[test]
fn archives_that_are_named_after_their_splits() {
    let place = Place::new();
    for (name, text) in [("train", "a b\n"), ("valid", "a\n"), ("test", "b\n")] {
        let members = files(&[("deep/down/0.txt", text), ("deep/README.txt", "no\n")]);
        place.write(&format!("source/{name}.tar.gz"), gzip(&tar(&members)));
    }
    let corpus = place
        .prepare(&place.0.path().join("source"), &whitespace())
        .unwrap();
    assert_eq!(corpus.split(Split::Train).unwrap().len(), 3);
    assert_eq!(corpus.split(Split::Test).unwrap().len(), 2);
}

#[test]
fn names_of_archives_and_texts_are_in_messages() {
    let members = files(&[("a.txt", "fine\n"), ("b.txt", "bad \u{0}\n")]);
    let outer = [("inner.tar".to_owned(), tar(&members))];
    let error = refused(
        "outer.zip",
        &zip(&outer),
        &["outer.zip:inner.tar:b.txt, line 1"],
    );
    assert!(matches!(error, Error::NulByte { .. }), "{error}");
}

#[test]
fn packed_files_are_known_whatever_their_names() {
    let text = "one two\nthree\n";
    for (name, content) in [
        ("a.txt", gzip(text.as_bytes())),
        ("b.txt", zst(text.as_bytes())),
        // Packed twice, as some servers do.
        ("c.txt.gz", gzip(&gzip(text.as_bytes()))),
        ("d.TXT.GZ", gzip(text.as_bytes())),
        ("e.txt.gz", [gzip(text.as_bytes()), vec![0; 512]].concat()),
        (
            "f.txt.gz",
            [gzip(text.as_bytes()), b"rubbish".to_vec()].concat(),
        ),
    ] {
        let place = Place::new();
        let path = place.write(name, content);
        let corpus = place.prepare(&path, &unsplit()).unwrap();
        let mut read = String::new();
        corpus
            .text(Split::Train)
            .unwrap()
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, text, "{name}");
    }
}

#[test]
fn other_readers_open_an_archive_of_one_file_and_refuse_others() {
    let place = Place::new();
    let vectors = "2 1\na 1\nb 2\n";
    let one = files(&[("vectors.txt", vectors), ("LICENSE", "x")]);
    for (name, content) in [("v.zip", zip(&one)), ("v.tar.zst", zst(&tar(&one)))] {
        let mut read = String::new();
        let mut reader = open_text(&place.write(name, content)).unwrap();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, vectors, "{name}");
    }
    let two = files(&[("small.txt", vectors), ("large.txt", vectors)]);
    let error = open_text(&place.write("two.zip", zip(&two))).err().unwrap();
    let message = error.to_string();
    assert!(
        message.contains("2 files") && message.contains("small.txt, large.txt"),
        "{message}"
    );
    let cut = tar(&one);
    let read = open_text(&place.write("cut.tar", &cut[..520])).and_then(|mut reader| {
        let read = reader.read_to_end(&mut Vec::new());
        read.map_err(Error::io("read", Path::new("cut.tar")))
    });
    assert!(read.is_err());
}

#[test]
fn minimal_pairs_are_read_from_archives() {
    let pair = r#"{"sentence_good": "a b", "sentence_bad": "b a", "UID": "order",
        "linguistics_term": "order", "field": "syntax"}"#
        .replace('\n', " ");
    let members = [
        ("blimp/order.jsonl".to_owned(), pair.clone().into_bytes()),
        ("blimp/more.jsonl.gz".to_owned(), gzip(pair.as_bytes())),
    ];
    let place = Place::new();
    for (name, content) in [
        ("blimp.zip", zip(&members)),
        ("blimp.tgz", gzip(&tar(&members))),
    ] {
        let source = Source::find(place.write(name, content)).unwrap();
        assert_eq!(read_minimal_pairs(&source).unwrap().len(), 2, "{name}");
    }
}

#[test]
fn hidden_files_and_links_in_archives_are_passed_over() {
    let mut archive = tar::Builder::new(Vec::new());
    let mut append = |name: &str, kind: tar::EntryType, text: &str| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        match kind {
            tar::EntryType::Regular => {
                header.set_size(text.len() as u64);
                archive
                    .append_data(&mut header, name, text.as_bytes())
                    .unwrap();
            }
            _ => {
                header.set_size(0);
                archive.append_link(&mut header, name, text).unwrap();
            }
        }
    };
    append("a.txt", tar::EntryType::Regular, "text\n");
    append(".hidden/b.txt", tar::EntryType::Regular, "hidden\n");
    append("__MACOSX/._a.txt", tar::EntryType::Regular, "hidden\n");
    append("link.txt", tar::EntryType::Symlink, "/etc/passwd");
    append("hard.txt", tar::EntryType::Link, "a.txt");
    let place = Place::new();
    let path = place.write("a.tar", archive.into_inner().unwrap());
    let corpus = place.prepare(&path, &unsplit()).unwrap();
    let mut read = String::new();
    corpus
        .text(Split::Train)
        .unwrap()
        .read_to_string(&mut read)
        .unwrap();
    assert_eq!(read, "text\n");
}

/// A tar archive of one file with this name, which no library would write.
fn tar_named(name: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_old();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(5);
    header.set_cksum();
    let mut archive = header.as_bytes().to_vec();
    archive.extend(b"text\n");
    archive.resize(4 * 512, 0);
    archive
}

#[test]
fn names_in_archives_do_not_lead_out() {
    let error = refused(
        "up.tar",
        &tar_named(b"a/../../b.txt"),
        &["leads out", "by hand"],
    );
    assert!(matches!(error, Error::Layout { .. }), "{error}");
    // As tar does, an absolute name is taken as relative.
    let place = Place::new();
    let path = place.write("root.tar", tar_named(b"/eras-absolute/b.txt"));
    place.prepare(&path, &unsplit()).unwrap();
    assert!(!Path::new("/eras-absolute").exists());
}

#[test]
fn cut_archives_are_refused() {
    let text: String = (0..2000).map(|n| format!("line {n}\n")).collect();
    let members = files(&[("a.txt", &text), ("b.txt", &text)]);
    for (name, content) in [
        ("a.tar", tar(&members)),
        ("a.zip", zip(&members)),
        ("a.tar.gz", gzip(&tar(&members))),
    ] {
        for length in [content.len() / 2 - 100, 600] {
            let error = refused(name, &content[..length], &["truncated or damaged", "again"]);
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
        }
    }
}

#[test]
fn sound_files_that_cannot_be_unpacked_are_not_called_damaged() {
    // An empty block with a window of 4 GiB.
    let window = b"\x28\xB5\x2F\xFD\0\xB0\x01\0\0";
    let error = refused("a.zst", window, &["window above 2 GiB", "zstd --long=31"]);
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    // The bit of encryption in the local header and in the directory.
    let mut encrypted = zip(&files(&[("a.txt", "text\n")]));
    encrypted[6] |= 1;
    let directory = encrypted
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    encrypted[directory + 8] |= 1;
    let error = refused("a.zip", &encrypted, &["encrypted", "unpack it first"]);
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
}

#[test]
fn documents_that_are_zip_archives_are_no_text() {
    let text = "<p>the cat sat</p>\n".repeat(50);
    for mark in ["[Content_Types].xml", "META-INF/container.xml", "mimetype"] {
        let document = zip(&files(&[("content.xml", &text[..]), (mark, "<x/>\n")]));
        let error = refused("a.docx", &document, &["not text", "save it as plain text"]);
        assert!(matches!(error, Error::NotText { .. }), "{error}");
    }
}

#[test]
fn archives_in_archives_have_a_bound() {
    let mut content = tar(&files(&[("a.txt", "text\n")]));
    for _ in 0..12 {
        content = tar(&[("more.tar".to_owned(), content)]);
    }
    refused("deep.tar", &content, &["8 archives"]);
}

#[test]
fn files_that_are_no_text_are_named_or_left_out() {
    let picture = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01";
    for (name, content, format) in [
        ("cat.txt", &picture[..], "JPG (image/jpeg)"),
        ("base.txt", b"SQLite format 3\0\x10\0", "SQLITE"),
        (
            "paper.txt",
            b"%PDF-1.4\n1 0 obj\n<< >>\n",
            "PDF (application/pdf)",
        ),
    ] {
        for content in [content.to_vec(), gzip(content)] {
            let error = refused(name, &content, &[format, "not text"]);
            assert!(matches!(error, Error::NotText { .. }), "{error}");
        }
    }
    // Among texts, and in archives, they are left out.
    let mut members = files(&[("a.txt", "text\n")]);
    members.push(("cat.jpg".to_owned(), picture.to_vec()));
    let place = Place::new();
    for (name, content) in &members {
        place.write(&format!("source/{name}"), content);
    }
    place.write("source/more.zip", zip(&members));
    let corpus = place
        .prepare(&place.0.path().join("source"), &unsplit())
        .unwrap();
    assert_eq!(corpus.record.splits[&Split::Train].lines, 2);
}
