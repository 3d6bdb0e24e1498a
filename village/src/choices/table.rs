//! A fixed distribution over the words of an open class.

use crate::lexicon::Word;

/// Words with their probabilities. Sampling searches the cumulative probabilities; lookup uses a dense table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    words: Vec<Word>,
    /// Cumulative probabilities; the last is 1.
    cumulative: Vec<f64>,
    /// Probability by word, 0 for words of other classes.
    prob_by_word: Vec<f64>,
}

impl Table {
    /// Zipf's law: the word of rank r has a probability proportional to 1 / (r + shift)^exponent.
    pub(crate) fn zipf(words: Vec<Word>, exponent: f64) -> Table {
        /// Mandelbrot's correction: it keeps the first word of a small class from taking half of the probability.
        const SHIFT: f64 = 3.0;
        let weight = |rank: usize| (rank as f64 + SHIFT).powf(-exponent);
        let weights: Vec<f64> = (0..words.len()).map(weight).collect();
        Table::new(words, &weights)
    }

    /// Words with weights, which are normalised.
    pub(crate) fn new(words: Vec<Word>, weights: &[f64]) -> Table {
        let total: f64 = weights.iter().sum();
        let width = words.iter().map(|word| word.index() + 1).max();
        let mut prob_by_word = vec![0.0; width.unwrap_or(0)];
        let mut cumulative = Vec::with_capacity(words.len());
        let mut sum = 0.0;
        for (word, weight) in words.iter().zip(weights) {
            prob_by_word[word.index()] += weight / total;
            sum += weight / total;
            cumulative.push(sum);
        }
        if let Some(last) = cumulative.last_mut() {
            *last = 1.0;
        }
        Table {
            words,
            cumulative,
            prob_by_word,
        }
    }

    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    pub(crate) fn prob(&self, word: Word) -> f64 {
        self.prob_by_word.get(word.index()).copied().unwrap_or(0.0)
    }

    /// The word at a point of [0, 1), by inverse transform sampling.
    pub(crate) fn at(&self, point: f64) -> Word {
        let index = self.cumulative.partition_point(|&sum| sum <= point);
        self.words[index.min(self.words.len() - 1)]
    }
}
