//! Tests of all formats of word vectors.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use corpus::PackedWriter;
use proptest::prelude::*;

use super::header::Header;
use super::*;

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read_bytes(bytes: impl AsRef<[u8]>) -> Result<VectorFile> {
    read(&file("vectors", bytes.as_ref()).1)
}

fn message(bytes: impl AsRef<[u8]>) -> String {
    read_bytes(bytes).unwrap_err().to_string()
}

/// A file in the binary format.
fn binary(rows: &[(&[u8], &[f32])], ends: &str) -> Vec<u8> {
    let dimension = rows.first().map_or(1, |row| row.1.len());
    let mut bytes = format!("{} {dimension}\n", rows.len()).into_bytes();
    for (word, vector) in rows {
        bytes.extend(word.iter().chain(b" "));
        bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        bytes.extend(ends.bytes());
    }
    bytes
}

fn two_words(ends: &str) -> Vec<u8> {
    let rows: [(&[u8], &[f32]); 2] = [(b"the", &[0.5, -1.0]), ("é".as_bytes(), &[0.25, 2.0])];
    binary(&rows, ends)
}

#[test]
fn text_and_binary_are_distinguished() {
    let text = "2 2\nthe 0.5 -1e0 \né 0.25 2.000000\n";
    let utf_16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for bytes in [
        text.as_bytes().to_vec(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        text.replace(' ', "\t").into_bytes(),
        text.trim_end().as_bytes().to_vec(),
        format!("\u{FEFF}{text}").into_bytes(),
        utf_16(&format!("\u{FEFF}{text}")),
        // Without a header, as GloVe writes it.
        text.as_bytes()[4..].to_vec(),
        two_words("\n"),
        two_words(""),
    ] {
        let VectorFile { vectors, notes } = read_bytes(&bytes).unwrap();
        assert_eq!(vectors.words(), ["the", "é"], "{bytes:?}");
        assert_eq!(vectors.values(), [0.5, -1.0, 0.25, 2.0]);
        assert_eq!(notes, [""; 0]);
    }
}

#[test]
fn files_equal_those_of_the_c_program() {
    let words = ["the", "é"].map(str::to_owned).to_vec();
    let vectors = Vectors::new(words, 2, vec![0.5, -1.0, 0.25, 2.0]).unwrap();
    let (_folder, path) = file("vectors", b"");
    write_text(&vectors, &path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "2 2\nthe 0.5 -1.0 \né 0.25 2.0 \n");
    write_binary(&vectors, &path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), two_words("\n"));
}

#[test]
fn words_hold_any_character_but_white_space_of_ascii() {
    let words = [
        "de\u{7F}l",
        "unit\u{1F}separator",
        "\u{1B}[31m",
        "a\u{A0}b",
        "\u{3000}",
        "\u{85}",
        "\u{FEFF}the",
        "the",
        "2",
        "nan",
    ];
    let vectors = Vectors::new(words.map(str::to_owned).to_vec(), 1, vec![0.5; 10]).unwrap();
    let (_folder, path) = file("vectors", b"");
    for write in [write_text, write_binary] {
        write(&vectors, &path).unwrap();
        let VectorFile { vectors, notes } = read(&path).unwrap();
        assert_eq!(vectors.words(), words);
        assert_eq!(notes, [""; 0]);
    }
}

#[test]
fn of_a_word_that_occurs_twice_the_first_vector_counts() {
    let text = "4 2\nparis 1 0\nrome 0.9 0.1\nparis 0 1\ncheese 0.1 0.9\n";
    let rows: [(&[u8], &[f32]); 4] = [
        (b"paris", &[1.0, 0.0]),
        (b"rome", &[0.9, 0.1]),
        (b"paris", &[0.0, 1.0]),
        (b"cheese", &[0.1, 0.9]),
    ];
    for bytes in [
        text.as_bytes().to_vec(),
        text.as_bytes()[4..].to_vec(),
        binary(&rows, "\n"),
    ] {
        let VectorFile { vectors, notes } = read_bytes(bytes).unwrap();
        assert_eq!(vectors.words(), ["paris", "rome", "cheese"]);
        assert_eq!(vectors.values(), [1.0, 0.0, 0.9, 0.1, 0.1, 0.9]);
        assert_eq!(
            notes,
            ["the word \"paris\" occurs more than once; its first vector counts"]
        );
    }
    let often = "a 1\nb 1\nb 2\na 2\na 3\n";
    assert_eq!(
        read_bytes(often).unwrap().notes,
        ["3 words occur more than once; the first vector of each counts (the first is \"b\")"]
    );
}

#[test]
fn words_that_the_c_program_cut_within_a_letter_are_read() {
    // The C program keeps 98 bytes.
    let long = format!("x{}", "ы".repeat(60));
    let (cut, whole) = (
        &long.as_bytes()[..98],
        format!("x{}\u{FFFD}", "ы".repeat(48)),
    );
    let text = [&b"3 2\nthe 1 0 \n"[..], cut, b" 0 1 \na 0.9 0.1 \n"].concat();
    let rows: [(&[u8], &[f32]); 3] = [
        (b"the", &[1.0, 0.0]),
        (cut, &[0.0, 1.0]),
        (b"a", &[0.9, 0.1]),
    ];
    for bytes in [text, binary(&rows, "\n")] {
        let VectorFile { vectors, notes } = read_bytes(bytes).unwrap();
        assert_eq!(vectors.words(), ["the", &whole, "a"]);
        assert_eq!(vectors.vector(&whole), Some(&[0.0, 1.0][..]));
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].contains("is cut within its last letter"),
            "{notes:?}"
        );
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused_with_its_line() {
    let rows = ["king 1 0", "queen 0.8 0.6", "caf\u{e9} 0 1"];
    let latin_1 = |lines: &[&str]| -> Vec<u8> {
        lines
            .join("\n")
            .chars()
            .map(|letter| letter as u8)
            .collect()
    };
    let (with_header, without) = (["3 2", rows[0], rows[1], rows[2]], rows);
    for (bytes, line) in [(latin_1(&with_header), 4), (latin_1(&without), 3)] {
        let message = message(bytes);
        let expected = format!(
            "vectors, line {line}: the word \"caf\u{FFFD}\" is not valid UTF-8; if the file is in Latin-1"
        );
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn spaces_within_words_are_joined() {
    // As in GloVe's vectors of 840 G tokens, and in files of phrases.
    let text = "the 0.5 -1\n. . . 0.25 2\nnew york 1 1\nat 12 1 2\ntab\tx 3 4\n";
    for text in [text.to_owned(), format!("5 2\n{text}")] {
        let VectorFile { vectors, notes } = read_bytes(text).unwrap();
        assert_eq!(
            vectors.words(),
            ["the", "._._.", "new_york", "at_12", "tab_x"]
        );
        assert_eq!(vectors.vector("._._."), Some(&[0.25, 2.0][..]));
        assert_eq!(
            notes,
            ["4 words hold white space, which is read as _ (the first is \". . .\")"]
        );
    }
    // Also if the first word is one of them.
    let first = read_bytes("new york 1 1\nthe 2 2\n").unwrap();
    assert_eq!(first.vectors.words(), ["new_york", "the"]);
    let rows: [(&[u8], &[f32]); 1] = [(b"tab\tx", &[1.0])];
    assert_eq!(
        read_bytes(binary(&rows, "\n")).unwrap().vectors.words(),
        ["tab_x"]
    );
}

#[test]
fn vectors_that_are_not_finite_are_left_out() {
    let text = "4 2\na 1e-05 1\nb nan 1\nc 1 -inf\nd 1e39 2\n";
    let VectorFile { vectors, notes } = read_bytes(text).unwrap();
    assert_eq!(vectors.words(), ["a"]);
    assert_eq!(vectors.values(), [1e-5, 1.0]);
    assert_eq!(
        notes,
        ["3 words have vectors that are not finite and are left out (the first is \"b\")"]
    );
}

#[test]
fn vectors_without_a_word_are_left_out() {
    let rows: [(&[u8], &[f32]); 2] = [(b"a", &[1.0, 2.0]), (b"", &[3.0, 4.0])];
    for bytes in [b"2 2\na 1 2\n 3 4\n".to_vec(), binary(&rows, "\n")] {
        let VectorFile { vectors, notes } = read_bytes(bytes).unwrap();
        assert_eq!(vectors.words(), ["a"]);
        assert_eq!(vectors.values(), [1.0, 2.0]);
        assert_eq!(notes, ["vector number 2 has no word and is left out"]);
    }
    let several = read_bytes("a 1 2\n 3 4\nb 5 6\n 7 8\n").unwrap();
    assert_eq!(several.vectors.values(), [1.0, 2.0, 5.0, 6.0]);
    assert_eq!(
        several.notes,
        ["2 vectors have no word and are left out (the first is number 2)"]
    );
}

#[test]
fn words_beyond_the_number_in_the_first_line_are_not_read() {
    let expected = "goes on after the 1 words announced in its first line; the rest is not read";
    let rows: [(&[u8], &[f32]); 2] = [(b"the", &[0.5]), (b"cat", &[1.5])];
    let mut longer = binary(&rows, "\n");
    longer[0] = b'1';
    for bytes in [b"1 1\nthe 0.5\ncat 1.5\n".to_vec(), longer] {
        let VectorFile { vectors, notes } = read_bytes(bytes).unwrap();
        assert_eq!(vectors.words(), ["the"]);
        assert_eq!(notes, [expected]);
    }
}

#[test]
fn damage_is_reported() {
    let cut = two_words("\n");
    let cut = &cut[..cut.len() - 4];
    let cases: [(&[u8], &str); 23] = [
        (b"", "line 1: \"\" where"),
        (
            b"It was a dark and stormy night\n",
            "line 1: \"It was a dark",
        ),
        (b"2\nthe 1\n", "line 1"),
        (b"-1 2\n", "line 1"),
        (b"99999999999999999999999 2\n", "line 1"),
        (b"18446744073709551615 1000000\n", "cannot hold them"),
        (b"1000000 300\nthe 1 2 3\n", "22 bytes cannot hold them"),
        (b"1 0\nthe\n", "at least one coordinate"),
        (b"0 11111111121", "more than 1000000"),
        (b"2 1\nthe 0.50000\n\n", "line 3: an empty line"),
        (b"2 1\nthe 0.50000\n", "cut short: 1 of 2 words"),
        (b"1 2\nthe 0.5 0.x5\n", "line 2: \"0.x5\" is not a number"),
        (
            b"1 2\nthe 0.5\n\n\n",
            "line 2: 1 numbers for \"the\", but the first line says 2",
        ),
        (b"1 1\nthe cat\n\n", "line 2: \"cat\" is not a number"),
        (
            b"2 2\nking 1 0 1\nqueen 2 0 2\n",
            "line 2: 3 numbers for \"king\", but the first line says 2",
        ),
        (
            b"2 3\nking 1 0 \nqueen 2 0\n",
            "line 2: 2 numbers for \"king\", but the first line says 3",
        ),
        (
            b"king 1 0\nqueen 2\n",
            "line 2: 1 numbers for \"queen\", but the first line has 2",
        ),
        (
            b"king 1 0\nqueen two 2\n",
            "line 2: \"two\" is not a number",
        ),
        (b"king 1 0\n0.5 2\n", "line 2: 1 numbers for \"0.5\""),
        (b"1 1\nthe \n\n\n", "line 2: 0 numbers for \"the\""),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "line 1: \"\u{FFFD}PNG"),
        (cut, "cut short: 1 of 2 words"),
        (
            b"1 1\n\xff\xff \0\0\0\0",
            "word number 1: the word \"\u{FFFD}\u{FFFD}\" is not valid UTF-8",
        ),
    ];
    for (bytes, expected) in cases {
        let message = message(bytes);
        assert!(message.contains(expected), "{expected}: {message}");
        assert!(message.contains("vectors"), "{message}");
    }
    let endless = [b"1 1\n\0".to_vec(), vec![b'a'; 1 << 17]].concat();
    let message = message(endless);
    assert!(
        message.contains("word number 1: its word goes on without an end"),
        "{message}"
    );
    let missing = read(Path::new("no/such/file")).unwrap_err();
    assert!(missing.to_string().contains("no/such/file"), "{missing}");
}

#[test]
fn the_header_of_a_compressed_file_does_not_determine_memory_use() {
    // The file is not really compressed, which is an error, too; the header must not be trusted in any case.
    let (_folder, path) = file("vectors.gz", &two_words("\n"));
    assert!(read(&path).is_err());
    let header = Header::parse(&path, b"18446744073709551615 1000000").unwrap();
    let bytes = b"18446744073709551615 1000000\n\xe9\0the \0\0\0\0";
    assert_eq!(header.words, usize::MAX);
    assert!(binary::read(&path, Box::new(&bytes[..])).is_err());
    assert!(text::read(&path, Box::new(&bytes[..])).is_err());
}

#[test]
fn packed_files_are_known_by_their_first_bytes() {
    let words: String = (0..500).map(|word| format!("w{word} 1 0 0 0\n")).collect();
    let text = format!("500 4\n{words}");
    for ending in [".gz", ".zst", ".bz2", ".xz"] {
        let mut writer = PackedWriter::new(Path::new(ending), Vec::new()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        let packed = writer.finish().unwrap();
        assert!(packed.len() < 500 * 10, "{ending}");
        for name in [format!("vectors.txt{ending}"), "vectors".to_owned()] {
            let (_folder, path) = file(&name, &packed);
            let found = read(&path).unwrap();
            assert_eq!(found.vectors.words().len(), 500, "{name} {ending}");
        }
    }
}

/// Vectors of the same dimension, words distinct.
fn any_vectors() -> impl Strategy<Value = Vectors> {
    let finite = any::<u32>()
        .prop_map(f32::from_bits)
        .prop_filter("finite", |x| x.is_finite());
    let word = "[^ \t\r\n\x0c]{1,6}";
    (1_usize..5, proptest::collection::btree_set(word, 0..8)).prop_flat_map(
        move |(dimension, words)| {
            let words: Vec<String> = words.into_iter().collect();
            proptest::collection::vec(finite.clone(), words.len() * dimension)
                .prop_map(move |values| Vectors::new(words.clone(), dimension, values).unwrap())
        },
    )
}

proptest! {
    #[test]
    fn written_vectors_can_be_read(vectors in any_vectors()) {
        let (_folder, path) = file("vectors", b"");
        let bits = |vectors: &Vectors| {
            vectors.values().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
        };
        write_text(&vectors, &path).unwrap();
        let text = read(&path).unwrap().vectors;
        prop_assert_eq!(text.words(), vectors.words());
        prop_assert_eq!(bits(&text), bits(&vectors));
        write_binary(&vectors, &path).unwrap();
        prop_assume!(!text::looks_like_text(&fs::read(&path).unwrap()));
        let binary = read(&path).unwrap().vectors;
        prop_assert_eq!(binary.words(), vectors.words());
        prop_assert_eq!(bits(&binary), bits(&vectors));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_bytes(&bytes);
    }

    #[test]
    fn damaged_files_do_not_panic(
        vectors in any_vectors(),
        as_text in any::<bool>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (_folder, path) = file("vectors", b"");
        match as_text {
            true => write_text(&vectors, &path).unwrap(),
            false => write_binary(&vectors, &path).unwrap(),
        }
        let mut bytes = fs::read(&path).unwrap();
        let position = at.index(bytes.len());
        bytes[position] = byte;
        let _ = read_bytes(&bytes);
        bytes.truncate(cut.index(bytes.len() + 1));
        let _ = read_bytes(&bytes);
    }
}
