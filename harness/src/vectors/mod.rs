//! Word vectors: nearest neighbours, and the arithmetic behind analogies.

mod analogies;
mod map;
mod questions;
mod similarity;
mod spelling;
mod table;
mod unknown;
mod word_test;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::error::{Error, Result};
use crate::model::WordVectors;

pub use analogies::{
    AnalogiesResult, AnalogySection, MOST_FREQUENT, SectionResult, Tally, judge_analogies,
};
pub use map::WordPlane;
pub use questions::read_analogies;
pub use similarity::{
    SimilarityPair, SimilarityResult, judge_similarity, read_similarity, spearman,
};
pub use unknown::UnknownWords;
pub use word_test::{WordAnswers, WordQuestions, WordTest, WordTestResult};

/// Words and their vectors, the most frequent word first.
///
/// ```
/// use harness::Vectors;
///
/// let words = ["man", "woman", "king", "queen"].map(str::to_owned).to_vec();
/// let vectors = Vectors::new(words, 2, vec![1.0, 0.0, 0.6, 0.8, 0.8, -0.6, 1.0, 0.0])?;
/// let answers = vectors.analogous(&["woman", "king"], &["man"], 1)?;
/// assert_eq!(answers[0].0, "queen");
/// # Ok::<(), harness::Error>(())
/// ```
#[derive(Clone)]
pub struct Vectors {
    words: Vec<String>,
    dimension: usize,
    /// The vectors as given, [word, coordinate].
    values: Vec<f32>,
    ids: FxHashMap<String, usize>,
    /// The vectors at length 1, [word, coordinate]; made by the first search.
    unit: OnceLock<Vec<f32>>,
    /// Makes the vectors of other words.
    unknown: Option<Arc<dyn UnknownWords>>,
}

impl Vectors {
    /// From the words, the most frequent first, and their vectors one after the other.
    ///
    /// # Errors
    /// [`Error::Model`] naming the word that is empty, holds white space, occurs twice, or whose vector is not finite;
    /// also when the numbers are not `dimension` for each word.
    pub fn new(words: Vec<String>, dimension: usize, values: Vec<f32>) -> Result<Vectors> {
        if dimension == 0 {
            return Err(refusal("vectors need at least one coordinate".to_owned()));
        }
        if words.len().checked_mul(dimension) != Some(values.len()) {
            return Err(refusal(format!(
                "{} words of {dimension} coordinates, but {} numbers",
                words.len(),
                values.len()
            )));
        }
        let mut ids = FxHashMap::with_capacity_and_hasher(words.len(), Default::default());
        for (id, (word, vector)) in words.iter().zip(values.chunks_exact(dimension)).enumerate() {
            check(id, word, vector)?;
            if let Some(first) = ids.insert(word.clone(), id) {
                return Err(refusal(format!(
                    "the word {word:?} occurs twice, as number {} and number {}; leave one out",
                    first + 1,
                    id + 1
                )));
            }
        }
        Ok(Vectors {
            words,
            dimension,
            values,
            ids,
            unit: OnceLock::new(),
            unknown: None,
        })
    }

    /// The same vectors, with a source of vectors for words that are not among them. It makes vectors of the same dimension.
    pub fn with_unknown_words(self, unknown: Arc<dyn UnknownWords>) -> Vectors {
        Vectors {
            unknown: Some(unknown),
            ..self
        }
    }

    /// The words, the most frequent first.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Number of coordinates of each vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// All vectors as they were given, one after the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Place of a word in [`words`](Vectors::words), if it is one of them.
    pub fn id(&self, word: &str) -> Option<usize> {
        self.ids.get(word).copied()
    }

    /// The vector of a word as it was given, if it has one.
    pub fn vector(&self, word: &str) -> Option<&[f32]> {
        self.id(word)
            .map(|id| row(&self.values, self.dimension, id))
    }

    /// The index of a word, which must exist.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the known words of the closest spelling.
    pub fn find(&self, word: &str) -> Result<usize> {
        self.id(word).ok_or_else(|| {
            let hint = match spelling::closest(&self.words, word).join(", ") {
                none if none.is_empty() => String::new(),
                some => format!("; the closest spellings are {some}"),
            };
            Error::Setting {
                field: "word",
                value: word.to_owned(),
                bound: format!("not one of the {} words{hint}", self.len()),
            }
        })
    }

    /// The first `count` words only, which are the most frequent.
    pub fn restricted(&self, count: usize) -> Vectors {
        let count = count.min(self.len());
        let words = self.words[..count].to_vec();
        Vectors {
            ids: words.iter().cloned().zip(0..).collect(),
            words,
            dimension: self.dimension,
            values: self.values[..count * self.dimension].to_vec(),
            unit: OnceLock::new(),
            unknown: self.unknown.clone(),
        }
    }

    /// The `count` words whose vectors have the largest cosine with `query`, and that cosine, the largest first; but not
    /// the words with the ids in `excluded`. The cosine with a vector of zeros is 0; a query of another dimension has no
    /// neighbours.
    pub fn nearest_excluding(
        &self,
        query: &[f32],
        count: usize,
        excluded: &[usize],
    ) -> Vec<(String, f32)> {
        if query.len() != self.dimension || count == 0 {
            return Vec::new();
        }
        let query = at_length_one(query);
        let cosines: Vec<f32> = self
            .unit()
            .par_chunks_exact(self.dimension)
            .with_min_len(1024)
            .map(|vector| dot(vector, &query))
            .collect();
        let by_cosine = |&a: &usize, &b: &usize| cosines[b].total_cmp(&cosines[a]).then(a.cmp(&b));
        let mut ids: Vec<usize> = (0..self.len())
            .filter(|id| !excluded.contains(id))
            .collect();
        if count < ids.len() {
            ids.select_nth_unstable_by(count, by_cosine);
            ids.truncate(count);
        }
        ids.sort_unstable_by(by_cosine);
        ids.into_iter()
            .map(|id| (self.words[id].clone(), cosines[id]))
            .collect()
    }

    /// The sum of the `plus` words' vectors less the `minus` words', each at length 1 (Mikolov et al. 2013a, section 4). Words
    /// that are not there can have vectors, see [`with_unknown_words`](Vectors::with_unknown_words).
    ///
    /// # Errors
    /// [`Error::Setting`] for a word without a vector, see [`find`](Vectors::find).
    pub fn combine(&self, plus: &[&str], minus: &[&str]) -> Result<Vec<f32>> {
        let mut sum = vec![0.0; self.dimension];
        let signed =
            (plus.iter().map(|word| (word, 1.0))).chain(minus.iter().map(|word| (word, -1.0)));
        for (word, sign) in signed {
            let vector = self.direction(word)?;
            for (sum, value) in sum.iter_mut().zip(&*vector) {
                *sum += sign * value;
            }
        }
        Ok(sum)
    }

    /// The `count` words nearest to [`combine`](Vectors::combine), without the words that were given: the answers to
    /// "a is to b as c is to" when `plus` is b and c, and `minus` is a.
    ///
    /// # Errors
    /// [`Error::Setting`] for a word without a vector, see [`find`](Vectors::find).
    pub fn analogous(
        &self,
        plus: &[&str],
        minus: &[&str],
        count: usize,
    ) -> Result<Vec<(String, f32)>> {
        let query = self.combine(plus, minus)?;
        let given: Vec<usize> = (plus.iter().chain(minus))
            .filter_map(|word| self.id(word))
            .collect();
        Ok(self.nearest_excluding(&query, count, &given))
    }

    /// The vector of a word at length 1, also of a word that is not there, if its vector can be made.
    fn direction(&self, word: &str) -> Result<Cow<'_, [f32]>> {
        if self.id(word).is_none()
            && let Some(unknown) = &self.unknown
            && let Some(vector) = unknown.vector(word)
        {
            return Ok(Cow::Owned(at_length_one(&vector)));
        }
        let id = self.find(word)?;
        Ok(Cow::Borrowed(row(self.unit(), self.dimension, id)))
    }

    /// All vectors at length 1, zeros left as they are, [word, coordinate].
    fn unit(&self) -> &[f32] {
        self.unit.get_or_init(|| {
            let mut unit = self.values.clone();
            unit.par_chunks_exact_mut(self.dimension)
                .with_min_len(1024)
                .for_each(|vector| {
                    let length = length(vector);
                    if length > 0.0 {
                        let scale = |value: &mut f32| *value = (f64::from(*value) / length) as f32;
                        vector.iter_mut().for_each(scale);
                    }
                });
            unit
        })
    }
}

impl WordVectors for Vectors {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn vector(&self, word: &str) -> Option<&[f32]> {
        Vectors::vector(self, word)
    }

    fn nearest(&self, query: &[f32], count: usize) -> Vec<(String, f32)> {
        self.nearest_excluding(query, count, &[])
    }
}

impl fmt::Debug for Vectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vectors({} words, {})", self.len(), self.dimension)
    }
}

/// Refuses a word that no file of vectors can hold, and a vector that has no direction.
fn check(id: usize, word: &str, vector: &[f32]) -> Result<()> {
    if word.is_empty() {
        return Err(refusal(format!("word number {} is empty", id + 1)));
    }
    if word.contains(|letter: char| letter.is_ascii_whitespace()) {
        return Err(refusal(format!(
            "the word {word:?} holds white space, which ends a word in a file of vectors; join its parts with _"
        )));
    }
    match vector.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => Err(refusal(format!(
            "the vector of {word:?} holds {value}; train with a smaller learning rate, or leave the word out"
        ))),
    }
}

fn refusal(what: String) -> Error {
    Error::Model {
        model: "word vectors".to_owned(),
        what,
    }
}

/// The vector with this id among vectors that stand one after the other.
fn row(values: &[f32], dimension: usize, id: usize) -> &[f32] {
    &values[id * dimension..][..dimension]
}

/// In f64, where the square of no f32 is too large or too small.
fn length(vector: &[f32]) -> f64 {
    let squares = vector.iter().map(|&value| f64::from(value).powi(2));
    squares.sum::<f64>().sqrt()
}

/// A vector in the same direction, or zeros.
fn at_length_one(vector: &[f32]) -> Vec<f32> {
    let length = match length(vector) {
        0.0 => 1.0,
        length => length,
    };
    let scale = |&value: &f32| (f64::from(value) / length) as f32;
    vector.iter().map(scale).collect()
}

/// Sums that [`dot`] keeps apart, so that they can be taken side by side.
const LANES: usize = 16;

/// The dot product of two vectors of the same dimension.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
