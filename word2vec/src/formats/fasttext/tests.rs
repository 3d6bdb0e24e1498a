//! Models as fastText writes them, made byte by byte.

use std::fs;

use super::*;

/// A model of two dimensions in whose only bucket all n-grams of two letters are.
struct Model {
    /// The magic number and the version; none for models before there was one.
    version: Option<i32>,
    /// 1: CBOW, 2: skip-gram, 3: classifier.
    kind: i32,
    words: Vec<(&'static [u8], [f32; 2])>,
    labels: Vec<&'static [u8]>,
    ngrams: [f32; 2],
    quantised: bool,
}

impl Model {
    fn new() -> Model {
        Model {
            version: Some(12),
            kind: 2,
            words: vec![(&b"a"[..], [4.0, 1.0]), (&b"</s>"[..], [0.5, 0.5])],
            labels: Vec::new(),
            ngrams: [1.0, -2.0],
            quantised: false,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let ints = |bytes: &mut Vec<u8>, numbers: &[i32]| {
            bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        };
        if let Some(version) = self.version {
            ints(&mut bytes, &[MAGIC, version]);
        }
        // Dimension, window, epochs, minimum count, negative samples, word n-grams, loss; then buckets and lengths of n-grams.
        ints(&mut bytes, &[2, 5, 1, 1, 5, 1, 2, self.kind, 1, 2, 2, 100]);
        bytes.extend(1e-4_f64.to_le_bytes());
        let (words, labels) = (self.words.len() as i32, self.labels.len() as i32);
        ints(&mut bytes, &[words + labels, words, labels]);
        bytes.extend(100_i64.to_le_bytes());
        if self.version.is_some() {
            bytes.extend((-1_i64).to_le_bytes());
        }
        let entries = (self.words.iter().map(|(word, _)| (*word, 0)))
            .chain(self.labels.iter().map(|label| (*label, 1)));
        for (entry, kind) in entries {
            bytes.extend(entry);
            bytes.push(0);
            bytes.extend(7_i64.to_le_bytes());
            bytes.push(kind);
        }
        if self.version.is_some() {
            bytes.push(u8::from(self.quantised));
        }
        bytes.extend((words as i64 + 1).to_le_bytes());
        bytes.extend(2_i64.to_le_bytes());
        let rows = self
            .words
            .iter()
            .map(|(_, vector)| *vector)
            .chain([self.ngrams]);
        bytes.extend(rows.flatten().flat_map(f32::to_le_bytes));
        bytes
    }
}

fn read_bytes(bytes: &[u8]) -> Result<VectorFile> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.bin");
    fs::write(&path, bytes).unwrap();
    super::super::read(&path)
}

/// The length-one vectors of words, known or not.
fn direction(file: &VectorFile, word: &str) -> Vec<f32> {
    file.vectors.combine(&[word], &[]).unwrap()
}

#[test]
fn known_words_are_means_and_unknown_ones_are_made_of_ngrams() {
    for version in [Some(12), Some(11), None] {
        let file = read_bytes(
            &Model {
                version,
                ..Model::new()
            }
            .bytes(),
        )
        .unwrap();
        assert_eq!(file.vectors.words(), ["a", "</s>"]);
        // The word and its n-grams <a and a>; the line end has n-grams in the oldest models only.
        let line_end = match version {
            Some(_) => [0.5, 0.5],
            None => [5.5 / 6.0, -9.5 / 6.0],
        };
        assert_eq!(
            file.vectors.values(),
            [&[2.0, -1.0], &line_end[..]].concat()
        );
        let length = 5_f32.sqrt();
        let made = direction(&file, "unknown");
        assert!((made[0] - 1.0 / length).abs() < 1e-6 && (made[1] + 2.0 / length).abs() < 1e-6);
        // With n-grams, the line end has nearly their direction.
        let nearest = version.map_or("</s>", |_| "a");
        assert_eq!(file.vectors.nearest_excluding(&made, 1, &[])[0].0, nearest);
        // Tests only ask for words that are known, as in gensim.
        assert_eq!(file.vectors.id("unknown"), None);
        assert_eq!(file.notes, [""; 0]);
    }
}

#[test]
fn models_that_classify_have_words_too() {
    let model = Model {
        kind: CLASSIFIER,
        labels: vec![&b"__label__good"[..], &b"__label__bad"[..]],
        ..Model::new()
    };
    let file = read_bytes(&model.bytes()).unwrap();
    assert_eq!(file.vectors.words(), ["a", "</s>"]);
    assert_eq!(file.vectors.values(), [2.0, -1.0, 0.5, 0.5]);
    // Before version 12 they had no n-grams.
    let old = Model {
        version: Some(11),
        ..model
    };
    let file = read_bytes(&old.bytes()).unwrap();
    assert_eq!(file.vectors.values(), [4.0, 1.0, 0.5, 0.5]);
    let error = file.vectors.combine(&["unknown"], &[]).unwrap_err();
    assert!(
        error.to_string().contains("not one of the 2 words"),
        "{error}"
    );
}

#[test]
fn odd_words_are_spelled_as_in_gensim() {
    let model = Model {
        words: vec![
            (&b"caf\xe9"[..], [4.0, 1.0]),
            (&b"new york"[..], [4.0, 1.0]),
            // Models trained from other vectors can have an empty word.
            (&b""[..], [7.0, 7.0]),
        ],
        ..Model::new()
    };
    let file = read_bytes(&model.bytes()).unwrap();
    assert_eq!(file.vectors.words(), ["caf\\xe9", "new_york"]);
    assert!(
        file.notes[0].contains("\"new york\" holds white space"),
        "{:?}",
        file.notes
    );
    assert_eq!(file.notes[2], "vector number 3 has no word and is left out");
    assert!(
        file.notes[1].contains("is not valid UTF-8"),
        "{:?}",
        file.notes
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let model = Model::new();
    let newer = Model {
        version: Some(13),
        ..Model::new()
    };
    let quantised = Model {
        quantised: true,
        ..Model::new()
    };
    let mut other_size = model.bytes();
    let dimension = 8;
    other_size[dimension] = 3;
    for (bytes, expected) in [
        (newer.bytes(), "of version 13; versions up to 12"),
        (quantised.bytes(), "a quantised fastText model"),
        (
            other_size,
            "holds 3 x 2 numbers, but its settings and words need 3 x 3",
        ),
    ] {
        let error = read_bytes(&bytes).unwrap_err().to_string();
        assert!(
            error.contains("model.bin") && error.contains(expected),
            "{error}"
        );
    }
    // A gap in the numbers of words and labels.
    let mut words = model.bytes();
    words[8 + 12 * 4 + 8] = 9;
    let error = read_bytes(&words).unwrap_err().to_string();
    assert!(error.contains("9 entries, 2 words and 0 labels"), "{error}");
}

#[test]
fn models_that_are_cut_short_or_damaged_are_errors() {
    let bytes = Model::new().bytes();
    for length in 8..bytes.len() {
        let error = read_bytes(&bytes[..length]).unwrap_err().to_string();
        assert!(error.contains("model.bin"), "{length}: {error}");
    }
    for at in 0..bytes.len() {
        for value in [0, 0x7F, 0xFF] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            // Whatever it is, it does not panic or take all memory.
            let _ = read_bytes(&damaged);
        }
    }
}
