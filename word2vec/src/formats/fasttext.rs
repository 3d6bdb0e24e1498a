//! fastText's binary models (`.bin`), as fastText 0.1 to 0.9 and gensim write them, and those before them, which had no magic number.
//!
//! All numbers are little-endian: the settings; a dictionary of words (and labels, if the model classifies); the matrix of input
//! vectors, which has a row for each word and one for each bucket of n-grams. The output matrix after it is not read.

use std::fs;
use std::io::{BufRead, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use harness::{Error, Result};
use rayon::prelude::*;

use super::VectorFile;
use super::binary::MAX_WORD_LENGTH;
use super::collector::Collector;
use super::header::{check_dimension, is_compressed};
use super::subwords::Subwords;

/// At the start of a model.
const MAGIC: i32 = 793_712_314;

/// The last version of the format.
const VERSION: i32 = 12;

/// Before this version, models that classify had no n-grams, whatever their settings say.
const NGRAMS_IN_CLASSIFIERS: i32 = 12;

/// The setting `model` of a model that classifies.
const CLASSIFIER: i32 = 3;

/// Whether a file that begins with these bytes is a model of fastText. Without a magic number, the first two numbers are the
/// dimension and the window; no text has NUL bytes there.
pub(super) fn is_model(start: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = start.get(at..at + 4)?.try_into().ok()?;
        Some(i32::from_le_bytes(bytes))
    };
    match (number(0), number(4)) {
        (Some(MAGIC), _) => true,
        (Some(dimension), Some(window)) => {
            (1..1 << 16).contains(&dimension) && (1..1 << 16).contains(&window)
        }
        _ => false,
    }
}

/// Reads a model.
pub(super) fn read(path: &Path, reader: Box<dyn BufRead>) -> Result<VectorFile> {
    let mut file = ModelReader { path, reader };
    let settings = Settings::read(&mut file)?;
    let dictionary = Dictionary::read(&mut file, settings.has_magic)?;
    let (mut values, ngrams) = read_matrix(&mut file, &settings, dictionary.words.len())?;
    let subwords = Subwords {
        lengths: settings.lengths,
        divides_line_end: !settings.has_magic,
        dimension: settings.dimension,
        vectors: ngrams,
    };
    values
        .par_chunks_exact_mut(settings.dimension)
        .zip(&dictionary.words)
        .for_each(|(vector, word)| subwords.complete(word, vector));
    let mut collector = Collector::of_vectors(values);
    for word in &dictionary.escaped {
        collector.note_escaped(word);
    }
    for word in dictionary.words {
        collector.push(word);
    }
    let mut file = collector.finish(settings.dimension)?;
    file.vectors = file.vectors.with_unknown_words(Arc::new(subwords));
    Ok(file)
}

/// The settings that matter for reading.
struct Settings {
    has_magic: bool,
    dimension: usize,
    buckets: usize,
    /// Shortest and longest n-gram.
    lengths: (usize, usize),
}

impl Settings {
    fn read(file: &mut ModelReader<'_>) -> Result<Settings> {
        let first = file.int()?;
        let has_magic = first == MAGIC;
        let version = if has_magic { file.int()? } else { 0 };
        if version > VERSION {
            let what = format!(
                "a fastText model of version {version}; versions up to {VERSION} can be read"
            );
            return Err(file.corrupt(what));
        }
        let dimension = if has_magic { file.int()? } else { first };
        // Window, epochs, minimum count, negative samples, word n-grams, loss.
        for _ in 0..6 {
            file.int()?;
        }
        let model = file.int()?;
        let numbers = [file.int()?, file.int()?, file.int()?];
        // Update rate of the learning rate, and the threshold of subsampling.
        file.int()?;
        file.bytes::<8>()?;
        let positive = |number: i32| usize::try_from(number).ok();
        let [Some(buckets), Some(shortest), Some(longest)] = numbers.map(positive) else {
            let [buckets, shortest, longest] = numbers;
            let what = format!(
                "its settings are damaged: {buckets} buckets for n-grams of {shortest} to {longest} letters; get it again"
            );
            return Err(file.corrupt(what));
        };
        let Some(dimension) = positive(dimension).filter(|&dimension| dimension > 0) else {
            return Err(file.corrupt(format!(
                "its settings are damaged: dimension {dimension}; get it again"
            )));
        };
        check_dimension(file.path, dimension)?;
        let is_old_classifier = has_magic && version < NGRAMS_IN_CLASSIFIERS && model == CLASSIFIER;
        Ok(Settings {
            has_magic,
            dimension,
            buckets,
            lengths: (shortest, if is_old_classifier { 0 } else { longest }),
        })
    }
}

/// The words, in the order of their vectors.
struct Dictionary {
    words: Vec<String>,
    /// Those that were not UTF-8.
    escaped: Vec<String>,
}

impl Dictionary {
    fn read(file: &mut ModelReader<'_>, has_magic: bool) -> Result<Dictionary> {
        let [size, words, labels] = [file.int()?, file.int()?, file.int()?];
        // The number of tokens in the training text.
        file.bytes::<8>()?;
        // Only models with the magic number can have been pruned.
        let pruned = if has_magic { file.long()? } else { -1 };
        if size < 0 || words < 0 || labels < 0 || words.checked_add(labels) != Some(size) {
            return Err(file.corrupt(format!(
                "its dictionary is damaged: {size} entries, {words} words and {labels} labels; get it again"
            )));
        }
        let mut dictionary = Dictionary {
            words: Vec::new(),
            escaped: Vec::new(),
        };
        for _ in 0..size {
            let entry = file.word()?;
            file.bytes::<8>()?;
            // Labels come after all words and have no vectors among the inputs.
            if file.bytes::<1>()? == [0] {
                dictionary.push(&entry);
            }
        }
        if dictionary.words.len() != words as usize {
            return Err(file.corrupt(format!(
                "its dictionary is damaged: {} words of {words}; get it again",
                dictionary.words.len()
            )));
        }
        match pruned > 0 {
            true => Err(file.quantised()),
            false => Ok(dictionary),
        }
    }

    /// Adds a word. Bytes that are not UTF-8 are spelled \xNN, as gensim does.
    fn push(&mut self, entry: &[u8]) {
        let mut word = String::with_capacity(entry.len());
        let mut is_utf8 = true;
        for chunk in entry.utf8_chunks() {
            word.push_str(chunk.valid());
            for byte in chunk.invalid() {
                word.push_str(&format!("\\x{byte:02x}"));
                is_utf8 = false;
            }
        }
        if !is_utf8 {
            self.escaped.push(word.clone());
        }
        self.words.push(word);
    }
}

/// Reads the input vectors: of the words, then of the buckets.
fn read_matrix(
    file: &mut ModelReader<'_>,
    settings: &Settings,
    words: usize,
) -> Result<(Vec<f32>, Vec<f32>)> {
    if settings.has_magic && file.bytes::<1>()? != [0] {
        return Err(file.quantised());
    }
    let (rows, columns) = (file.long()?, file.long()?);
    let expected = words + settings.buckets;
    if usize::try_from(rows) != Ok(expected) || usize::try_from(columns) != Ok(settings.dimension) {
        let dimension = settings.dimension;
        return Err(file.corrupt(format!(
            "holds {rows} x {columns} numbers, but its settings and words need {expected} x {dimension}: it is damaged, or not a \
             fastText model; get it again"
        )));
    }
    // Neither overflows: both factors come from numbers of 32 bits, and the dimension was checked.
    let bytes = (expected * settings.dimension) as u64 * 4;
    let length = fs::metadata(file.path)
        .map_err(Error::io("read", file.path))?
        .len();
    let is_compressed = is_compressed(file.path);
    if !is_compressed && bytes > length {
        return Err(file.cut_short());
    }
    let mut read = |rows: usize| file.floats(rows * settings.dimension, is_compressed);
    Ok((read(words)?, read(settings.buckets)?))
}

/// Reads numbers and words of a model.
struct ModelReader<'a> {
    path: &'a Path,
    reader: Box<dyn BufRead>,
}

impl ModelReader<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.reader
            .read_exact(buffer)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => self.cut_short(),
                _ => Error::io("read", self.path)(error),
            })
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn int(&mut self) -> Result<i32> {
        self.bytes().map(i32::from_le_bytes)
    }

    fn long(&mut self) -> Result<i64> {
        self.bytes().map(i64::from_le_bytes)
    }

    /// Some numbers. Memory for all of them is only allocated at once if the file is known to be long enough.
    fn floats(&mut self, count: usize, is_compressed: bool) -> Result<Vec<f32>> {
        let mut values = Vec::with_capacity(if is_compressed { 0 } else { count });
        let mut buffer = vec![0; 1 << 16];
        while values.len() < count {
            let part = buffer.len().min(4 * (count - values.len()));
            self.fill(&mut buffer[..part])?;
            let (numbers, _) = buffer[..part].as_chunks();
            values.extend(numbers.iter().map(|&number| f32::from_le_bytes(number)));
        }
        Ok(values)
    }

    /// A word, which ends in a NUL byte.
    fn word(&mut self) -> Result<Vec<u8>> {
        let mut word = Vec::new();
        self.reader
            .by_ref()
            .take(MAX_WORD_LENGTH)
            .read_until(0, &mut word)
            .map_err(Error::io("read", self.path))?;
        match word.pop() {
            Some(0) => Ok(word),
            _ if (word.len() as u64) + 1 < MAX_WORD_LENGTH => Err(self.cut_short()),
            _ => Err(self
                .corrupt("a word goes on without an end: it is damaged; get it again".to_owned())),
        }
    }

    fn corrupt(&self, what: String) -> Error {
        Error::corrupt(self.path, what)
    }

    fn cut_short(&self) -> Error {
        self.corrupt("a fastText model that is cut short; get it again".to_owned())
    }

    fn quantised(&self) -> Error {
        self.corrupt(
            "a quantised fastText model, whose vectors are only approximate; use the .bin that it was made from".to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
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
}
