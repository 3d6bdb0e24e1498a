//! fastText's binary models (`.bin`), as fastText 0.1 to 0.9 and gensim write them, and those before them, which had no magic number.
//!
//! All numbers are little-endian: the settings; a dictionary of words (and labels, if the model classifies); the matrix of input
//! vectors, which has a row for each word and one for each bucket of n-grams. The output matrix after it is not read.

use std::io::{BufRead, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use corpus::text_length;
use harness::{Error, Result};
use rayon::prelude::*;

use super::VectorFile;
use super::binary::MAX_WORD_LENGTH;
use super::collector::Collector;
use super::header::check_dimension;
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
    let length = text_length(file.path)?;
    if length.is_some_and(|length| bytes > length) {
        return Err(file.cut_short());
    }
    let is_long_enough = length.is_some();
    let mut read = |rows: usize| file.floats(rows * settings.dimension, is_long_enough);
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
    fn floats(&mut self, count: usize, is_long_enough: bool) -> Result<Vec<f32>> {
        let mut values = Vec::with_capacity(if is_long_enough { count } else { 0 });
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
mod tests;
