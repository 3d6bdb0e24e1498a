//! Similarity: do cosine similarities agree with human ratings?

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::spelling::Folded;
use super::table::{Delimiter, Line, number, read_lines};
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

/// Reads pairs: a line holds two words and a number, with tabs, commas, semicolons or spaces between. Further columns are left out:
/// the score is the first column of numbers after the words. A number before the words, a row of titles, blank lines, and comments that
/// begin with `#` or `//` are left out. A packed file (.gz, .zst) is unpacked on the way.
///
/// # Errors
/// [`Error::Corpus`] naming file and line of what is no pair; [`Error::Corrupt`] if there is none.
pub fn read_similarity(path: &Path) -> Result<Vec<SimilarityPair>> {
    pairs_of_lines(path, &read_lines(path)?)
}

/// The pairs in the lines of a file.
pub(super) fn pairs_of_lines(path: &Path, lines: &[Line]) -> Result<Vec<SimilarityPair>> {
    let delimiter = Delimiter::detect(lines.iter(), 3);
    let rows: Vec<Vec<String>> = lines.iter().map(|line| delimiter.fields(line)).collect();
    let columns = Columns::detect(&rows);
    let mut pairs = Vec::with_capacity(rows.len());
    for (at, (row, line)) in rows.iter().zip(lines).enumerate() {
        match columns.as_ref().and_then(|columns| columns.pair(row)) {
            Some(pair) => pairs.push(pair),
            None if at == 0 && columns.as_ref().is_some_and(|columns| columns.are_in(row)) => {}
            None => {
                let what = format!("a pair is two words and a number, here is {:?}", line.text);
                return Err(line.malformed(path, what));
            }
        }
    }
    match pairs.is_empty() {
        true => Err(Error::corrupt(path, "there is no pair of words in it")),
        false => Ok(pairs),
    }
}

/// Where the words and the score stand in a row.
struct Columns {
    /// The first word; the second follows.
    words: usize,
    score: usize,
}

impl Columns {
    /// Finds the column of numbers; none if there is no such column. The first row may hold titles.
    fn detect(rows: &[Vec<String>]) -> Option<Columns> {
        let is_number = |row: &&Vec<String>, at: usize| {
            row.get(at).is_some_and(|field| number(field).is_some())
        };
        let numbers = |at: usize| rows.iter().filter(|row| is_number(row, at)).count();
        let width = rows.iter().map(Vec::len).max()?;
        // A number of the pair.
        let is_numbered = width > 3 && rows.len() > 1 && numbers(0) >= rows.len() - 1;
        let words = usize::from(is_numbered);
        let score = (words + 2..width).find(|&at| 2 * numbers(at) >= rows.len())?;
        Some(Columns { words, score })
    }

    fn pair(&self, row: &[String]) -> Option<SimilarityPair> {
        let words = row.get(self.words..self.words + 2)?;
        let score = number(row.get(self.score)?)?;
        let words = [words[0].clone(), words[1].clone()];
        (!words.contains(&String::new())).then_some(SimilarityPair { words, score })
    }

    /// Whether a row has these columns, as a row of titles does.
    fn are_in(&self, row: &[String]) -> bool {
        row.len() > self.score
    }
}

/// Whether lines hold words and numbers.
pub(super) fn has_scores(lines: &[Line]) -> bool {
    let delimiter = Delimiter::detect(lines.iter(), 3);
    let rows: Vec<Vec<String>> = lines.iter().map(|line| delimiter.fields(line)).collect();
    Columns::detect(&rows).is_some()
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
