//! Words and vectors while a file is read, and notes about what was odd.

use harness::{Result, Vectors};
use rustc_hash::FxHashSet;

use super::VectorFile;

/// Words shorter than this are not cut. The C program cuts words at 98 bytes, word2phrase at 58.
const SHORTEST_CUT_WORD: usize = 50;

/// Words and their vectors, which may still contain what [`Vectors`] cannot hold.
#[derive(Default)]
pub(super) struct Collector {
    words: Vec<String>,
    /// The vectors, one after the other.
    pub(super) values: Vec<f32>,
    spaced: Oddity,
    cut: Oddity,
    escaped: Oddity,
    notes: Vec<String>,
}

/// How many words are odd in one way, and the first of them.
#[derive(Default)]
struct Oddity {
    count: usize,
    first: String,
}

impl Oddity {
    fn add(&mut self, word: &str) {
        if self.count == 0 {
            self.first = word.to_owned();
        }
        self.count += 1;
    }

    /// A sentence about one word or about several.
    fn note(&self, one: &str, several: &str) -> Option<String> {
        let Oddity { count, first } = self;
        match count {
            0 => None,
            1 => Some(format!("the word {first:?} {one}")),
            _ => Some(format!("{count} words {several} (the first is {first:?})")),
        }
    }
}

impl Collector {
    /// With the vectors of all words that will be added.
    pub(super) fn of_vectors(values: Vec<f32>) -> Collector {
        Collector {
            values,
            ..Collector::default()
        }
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Adds a word, whose vector is added separately. White space is what ends a word in a file, so a word cannot keep it.
    pub(super) fn push(&mut self, word: String) {
        let is_space = |letter: char| letter.is_ascii_whitespace();
        match word.contains(is_space) {
            true => {
                self.spaced.add(&word);
                self.words.push(word.replace(is_space, "_"));
            }
            false => self.words.push(word),
        }
    }

    /// Adds a word of bytes that should be UTF-8. A last letter that was cut becomes U+FFFD.
    ///
    /// # Errors
    /// What is wrong with a word that is not UTF-8 for another reason.
    pub(super) fn push_bytes(&mut self, word: &[u8]) -> std::result::Result<(), String> {
        match std::str::from_utf8(word) {
            Ok(word) => self.push(word.to_owned()),
            Err(error) if error.error_len().is_none() && word.len() >= SHORTEST_CUT_WORD => {
                let word = String::from_utf8_lossy(word).into_owned();
                self.cut.add(&word);
                self.push(word);
            }
            Err(_) => {
                let word = String::from_utf8_lossy(word);
                return Err(format!("the word {word:?} is not valid UTF-8"));
            }
        }
        Ok(())
    }

    /// Counts a word that was spelled with escapes.
    pub(super) fn note_escaped(&mut self, word: &str) {
        self.escaped.add(word);
    }

    /// The vectors that have a word and a direction, each word once.
    ///
    /// # Errors
    /// [`harness::Error::Model`] if the dimension is 0.
    pub(super) fn finish(mut self, dimension: usize) -> Result<VectorFile> {
        let mut notes = std::mem::take(&mut self.notes);
        let [repeated, infinite, nameless] = match dimension {
            0 => Default::default(),
            _ => self.keep_usable(dimension),
        };
        let nameless = match (nameless.count, &nameless.first) {
            (0, _) => None,
            (1, first) => Some(format!("vector {first} has no word and is left out")),
            (count, first) => Some(format!(
                "{count} vectors have no word and are left out (the first is {first})"
            )),
        };
        notes.extend(
            [
                repeated.note(
                    "occurs more than once; its first vector counts",
                    "occur more than once; the first vector of each counts",
                ),
                infinite.note(
                    "has a vector that is not finite and is left out",
                    "have vectors that are not finite and are left out",
                ),
                self.spaced.note(
                    "holds white space, which is read as _",
                    "hold white space, which is read as _",
                ),
                self.cut.note(
                    "is cut within its last letter, which is read as U+FFFD",
                    "are cut within their last letters, which are read as U+FFFD",
                ),
                self.escaped.note(
                    "is not valid UTF-8; its bytes are escaped",
                    "are not valid UTF-8; their bytes are escaped",
                ),
                nameless,
            ]
            .into_iter()
            .flatten(),
        );
        let Collector {
            words, mut values, ..
        } = self;
        values.shrink_to_fit();
        Ok(VectorFile {
            vectors: Vectors::new(words, dimension, values)?,
            notes,
        })
    }

    /// Removes words that occur again, words whose vectors are not finite, and vectors without a word; returns the three kinds.
    fn keep_usable(&mut self, dimension: usize) -> [Oddity; 3] {
        let [mut repeated, mut infinite, mut nameless]: [Oddity; 3] = Default::default();
        let mut seen = FxHashSet::default();
        let rows = self.values.chunks_exact(dimension);
        let keep: Vec<bool> = (self.words.iter().zip(rows).zip(1_usize..))
            .map(|((word, row), number)| {
                if word.is_empty() {
                    nameless.add(&format!("number {number}"));
                    return false;
                }
                if !row.iter().all(|value| value.is_finite()) {
                    infinite.add(word);
                    return false;
                }
                let new = seen.insert(word.as_str());
                if !new {
                    repeated.add(word);
                }
                new
            })
            .collect();
        drop(seen);
        if keep.contains(&false) {
            let mut kept = keep.iter().copied();
            self.words.retain(|_| kept.next().unwrap_or(false));
            let mut end = 0;
            for (at, _) in keep.iter().enumerate().filter(|(_, kept)| **kept) {
                self.values
                    .copy_within(at * dimension..(at + 1) * dimension, end);
                end += dimension;
            }
            self.values.truncate(end);
        }
        [repeated, infinite, nameless]
    }
}
