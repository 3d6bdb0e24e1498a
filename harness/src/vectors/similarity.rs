//! Similarity: do cosine similarities agree with human ratings?

use std::path::Path;

use corpus::{Lines, OnInvalid, open_text};
use serde::{Deserialize, Serialize};

use super::spelling::Folded;
use super::{Vectors, length, row};
use crate::error::{Error, Result};

/// Two words, and the human rating of their similarity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimilarityPair {
    /// The two words.
    pub words: [String; 2],
    /// People's score; only its order matters.
    pub score: f64,
}

/// How well cosine similarities agree with human ratings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SimilarityResult {
    /// Spearman's rank correlation of the cosines with people's scores; none if it is not defined.
    pub rho: Option<f64>,
    /// Pairs of which both words are known.
    pub asked: usize,
    /// All pairs.
    pub total: usize,
}

impl SimilarityResult {
    /// Share of the pairs of which both words are known; none if there was no pair.
    pub fn coverage(&self) -> Option<f64> {
        (self.total > 0).then(|| self.asked as f64 / self.total as f64)
    }
}

/// Reads pairs: a line holds two words and a number, with tabs or spaces between. Lines that begin with `#` are left out.
/// A packed file (.gz, .zst) is unpacked on the way.
///
/// # Errors
/// [`Error::Corpus`] naming file and line of what is no pair; [`Error::Corrupt`] if there is none.
pub fn read_similarity(path: &Path) -> Result<Vec<SimilarityPair>> {
    let place = path.display().to_string();
    let mut lines = Lines::new(open_text(path)?, place, OnInvalid::Refuse);
    let mut pairs = Vec::new();
    while let Some(line) = lines.next_line()? {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match pair(line) {
            Some(pair) => pairs.push(pair),
            None => {
                let what = format!("a pair is two words and a number, here is {line:?}");
                return Err(lines.malformed(what).into());
            }
        }
    }
    match pairs.is_empty() {
        true => Err(Error::corrupt(path, "there is no pair of words in it")),
        false => Ok(pairs),
    }
}

fn pair(line: &str) -> Option<SimilarityPair> {
    let mut fields = line.split_whitespace();
    let words = [fields.next()?.to_owned(), fields.next()?.to_owned()];
    let score: f64 = fields.next()?.parse().ok()?;
    (score.is_finite() && fields.next().is_none()).then_some(SimilarityPair { words, score })
}

/// Compares cosine similarities with human ratings. Case is ignored, as in gensim: of words that differ only in case, the most
/// frequent is used. Pairs with an unknown word are left out.
pub fn judge_similarity(vectors: &Vectors, pairs: &[SimilarityPair]) -> SimilarityResult {
    let folded = Folded::new(vectors.words());
    let (mut cosines, mut scores) = (Vec::new(), Vec::new());
    for pair in pairs {
        if let [Some(a), Some(b)] = pair.words.each_ref().map(|word| folded.id(word)) {
            let vector = |id| row(vectors.values(), vectors.dimension(), id);
            cosines.push(cosine(vector(a), vector(b)));
            scores.push(pair.score);
        }
    }
    SimilarityResult {
        rho: spearman(&cosines, &scores),
        asked: cosines.len(),
        total: pairs.len(),
    }
}

/// The cosine of two vectors, 0 where one is all zeros.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let products = (a.iter().zip(b)).map(|(&a, &b)| f64::from(a) * f64::from(b));
    match length(a) * length(b) {
        0.0 => 0.0,
        lengths => products.sum::<f64>() / lengths,
    }
}

/// Spearman's rank correlation of two lists, between -1 and 1: Pearson's correlation of the ranks, where ties share the mean of
/// their ranks. None for fewer than two values, for lists of different lengths, and if all values of a list are equal.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (a, b) in ranks(a).into_iter().zip(ranks(b)) {
        covariance += (a - mean) * (b - mean);
        variance_a += (a - mean).powi(2);
        variance_b += (b - mean).powi(2);
    }
    let scale = (variance_a * variance_b).sqrt();
    (scale > 0.0).then(|| covariance / scale)
}

/// The rank of each value, from 1; ties share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equals in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (equals.len() as f64 + 1.0) / 2.0;
        equals.iter().for_each(|&place| ranks[place] = rank);
        before += equals.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tied_values_have_the_mean_of_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 7.0]), [2.5, 1.0, 2.5, 4.0]);
        assert_eq!(ranks(&[0.0, -0.0]), [1.5, 1.5]);
    }

    #[test]
    fn correlations_worked_by_hand() {
        // Without ties 1 - 6 Σ d² / (n (n² - 1)): here d = 1, -1, 0, 0, so 1 - 12 / 60.
        let rho = spearman(&[1.0, 2.0, 3.0, 4.0], &[20.0, 10.0, 30.0, 40.0]);
        assert!((rho.unwrap() - 0.8).abs() < 1e-12);
        assert_eq!(spearman(&[1.0, 2.0], &[5.0, -5.0]), Some(-1.0));
        // Ranks 1, 2.5, 2.5 and 1, 2, 3: covariance 1.5, variances 1.5 and 2.
        let rho = spearman(&[0.0, 1.0, 1.0], &[1.0, 2.0, 3.0]);
        assert!((rho.unwrap() - 1.5 / 3.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn an_undefined_correlation_is_none() {
        assert_eq!(spearman(&[], &[]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0]), None);
    }
}
