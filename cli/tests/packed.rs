//! Packed files, files that are no text, and names with brackets, on the command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
use std::io::Write;
use std::path::Path;

use corpus::PackedWriter;
use fixture::Fixture;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const PREPARE: [&str; 3] = ["corpus", "prepare", "--tokens=whitespace"];

/// A text, packed as the name demands.
fn packed(name: &str, text: &[u8]) -> Vec<u8> {
    let mut writer = PackedWriter::new(Path::new(name), Vec::new()).unwrap();
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// Prepares a source under a name.
fn prepare(fixture: &Fixture, source: &str, name: &str) -> assert_cmd::assert::Assert {
    fixture.eras(&[&PREPARE[..], &[source, "--name", name]].concat())
}

#[test]
fn what_follows_gzip_data_is_ignored_with_one_note() {
    let fixture = Fixture::cats();
    let text = fs::read(fixture.path("text.txt")).unwrap();
    let gzip = packed("a.gz", &text);
    let padded = [&gzip[..], &[0; 512]].concat();
    fs::write(fixture.path("padded.gz"), padded).unwrap();
    prepare(&fixture, "padded.gz", "padded")
        .success()
        .stderr(contains("ignored").not());
    let followed = [&gzip[..], b"rubbish"].concat();
    fs::write(fixture.path("followed.gz"), followed).unwrap();
    prepare(&fixture, "followed.gz", "followed")
        .success()
        .stderr(
            contains("note: followed.gz: 7 bytes after the end of the gzip data were ignored")
                .count(1),
        );
    let texts = ["padded", "followed"].map(|name| {
        let path = format!("workspace/corpora/{name}/train.text");
        fs::read(fixture.path(&path)).unwrap()
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_large_window_is_told_from_damage() {
    let fixture = Fixture::empty();
    // An empty block with a window of 4 GiB.
    let window = b"\x28\xB5\x2F\xFD\0\xB0\x01\0\0";
    fs::write(fixture.path("a.zst"), window).unwrap();
    for arguments in [
        "corpus prepare a.zst --name a --tokens words",
        "arpa import a.zst --out a",
        "words a.zst nearest x",
        "counts a.zst --out a",
    ] {
        fixture
            .eras(arguments)
            .code(1)
            .stderr(contains("window above 2 GiB").and(contains("zstd --long=31")))
            .stderr(contains("get the file again").not());
    }
}

#[test]
fn files_that_are_no_text_are_named() {
    let fixture = Fixture::cats();
    let picture = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01";
    fs::write(fixture.path("cat.jpg"), picture).unwrap();
    prepare(&fixture, "cat.jpg", "cat").code(1).stderr(contains(
        "cat.jpg: a file of type JPG (image/jpeg), not text",
    ));
    prepare(&fixture, "[ct]*.???", "both")
        .success()
        .stderr(contains("note: left out: cat.jpg").count(1));
}

#[test]
fn folders_with_brackets_are_found_by_patterns() {
    let fixture = Fixture::cats();
    let folder = fixture.path("talks [2021] \"a\" ü");
    fs::create_dir(&folder).unwrap();
    fs::copy(fixture.path("text.txt"), folder.join("one two.txt")).unwrap();
    prepare(&fixture, "talks [2021] \"a\" ü/*.txt", "talks").success();
    prepare(&fixture, "talks [2021/*.txt", "none")
        .code(2)
        .stderr(contains("brackets"));
}
