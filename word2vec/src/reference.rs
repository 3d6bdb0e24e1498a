//! The reference trainer, which reproduces the released C program: same random numbers, tables, order of updates and rounding.
//!
//! It runs in one thread. Dot products are summed sequentially in single precision, as a compiler does that must not reorder
//! floating-point operations.

use corpus::Text;

use crate::config::Architecture;
use crate::huffman::HuffmanPath;
use crate::lcg::Lcg;
use crate::matrix::Matrix;
use crate::noise::UnigramTable;
use crate::sentences::SentenceReader;
use crate::sigmoid::{MAX_EXP, ReferenceSigmoidTable};
use crate::training_context::{REPORT_INTERVAL, SharedProgress, TrainingContext};
use crate::word_vocab::WordId;

/// The state of the trainer.
pub(crate) struct ReferenceTrainer<'a> {
    context: &'a TrainingContext<'a>,
    pub(crate) inputs: Matrix,
    outputs: Matrix,
    nodes: Matrix,
    table: Option<UnigramTable>,
    sigmoid: ReferenceSigmoidTable,
    rng: Lcg,
    hidden: Vec<f32>,
    error: Vec<f32>,
    rate: f32,
}

impl<'a> ReferenceTrainer<'a> {
    pub(crate) fn new(
        context: &'a TrainingContext<'a>,
        inputs: Matrix,
        seed: u64,
    ) -> ReferenceTrainer<'a> {
        let config = context.config;
        let (words, dimension) = (context.words.len(), config.dimension);
        let negative = config.negative > 0;
        ReferenceTrainer {
            context,
            inputs,
            outputs: Matrix::zeros(if negative { words } else { 0 }, dimension),
            nodes: Matrix::zeros(
                if context.paths.is_empty() {
                    0
                } else {
                    words - 1
                },
                dimension,
            ),
            table: negative
                .then(|| UnigramTable::new(&context.words.counts, config.noise_exponent)),
            sigmoid: ReferenceSigmoidTable::new(),
            // The C program seeds its first thread with 0.
            rng: Lcg::new(seed.wrapping_sub(1)),
            hidden: vec![0.0; dimension],
            error: vec![0.0; dimension],
            rate: config.learning_rate as f32,
        }
    }

    /// Trains on the whole text for the configured number of epochs.
    pub(crate) fn run<T: Text + ?Sized>(&mut self, text: &T, progress: &SharedProgress) {
        use std::sync::atomic::Ordering::Relaxed;
        let total = self.context.words.total_count();
        let keep = self.keep_probabilities(total);
        let first_rate = self.context.config.learning_rate as f32;
        let all = (self.context.epochs * total as f64) as u64;
        let mut words_read = 0_u64;
        let mut sentence = Vec::new();
        let mut remaining = self.context.epochs;
        while remaining > 0.0 && !progress.stops() {
            let length = (text.len() as f64 * remaining.min(1.0)) as usize;
            let mut sentences = SentenceReader::new(text, self.context.words, 0..length);
            let mut reported = 0;
            loop {
                let rng = &mut self.rng;
                let subsamples = self.context.config.subsample > 0.0;
                let is_kept = |word: WordId| !subsamples || keep[word as usize] >= rng.next_f32();
                if !sentences.next(&mut sentence, is_kept) {
                    break;
                }
                // The C program draws a random number even for a line without words.
                for at in 0..sentence.len().max(1) {
                    match sentence.is_empty() {
                        true => drop(self.rng.next_u64()),
                        false => self.train_position(&sentence, at),
                    }
                    // The C program updates the rate before each word, with the words read at the end of the last sentence.
                    if sentences.words_read - reported > REPORT_INTERVAL {
                        words_read += sentences.words_read - reported;
                        reported = sentences.words_read;
                        progress.words_read.store(words_read, Relaxed);
                        let share = words_read as f32 / (all + 1) as f32;
                        self.rate = (first_rate * (1.0 - share)).max(first_rate * 0.0001);
                    }
                }
                if progress.stops() {
                    break;
                }
            }
            words_read += sentences.words_read - reported;
            progress.words_read.store(words_read, Relaxed);
            remaining -= 1.0;
        }
    }

    /// The C program's probability of keeping each word in subsampling, with its rounding.
    fn keep_probabilities(&self, total: u64) -> Vec<f32> {
        let threshold = self.context.config.subsample as f32 * total as f32;
        let keep = |&count: &u64| {
            let root = f64::from(count as f32 / threshold).sqrt();
            ((root + 1.0) * f64::from(threshold) / count as f64) as f32
        };
        self.context.words.counts.iter().map(keep).collect()
    }

    /// Trains one position of a sentence: the centre word and its context.
    fn train_position(&mut self, sentence: &[WordId], at: usize) {
        let window = self.context.config.window;
        let radius = window - (self.rng.next_u64() % window as u64) as usize;
        let start = at.saturating_sub(radius);
        let end = sentence.len().min(at + radius + 1);
        let context_words = sentence[start..at].iter().chain(&sentence[at + 1..end]);
        let word = sentence[at];
        match self.context.config.architecture {
            Architecture::SkipGram => {
                for &other in context_words {
                    self.hidden.copy_from_slice(self.inputs.row(other as usize));
                    self.train_word(word);
                    add(self.inputs.row_mut(other as usize), &self.error);
                }
            }
            Architecture::Cbow => {
                let number = context_words.clone().count();
                if number == 0 {
                    return;
                }
                self.hidden.fill(0.0);
                for &other in context_words.clone() {
                    add(&mut self.hidden, self.inputs.row(other as usize));
                }
                self.hidden.iter_mut().for_each(|sum| *sum /= number as f32);
                self.train_word(word);
                for &other in context_words {
                    add(self.inputs.row_mut(other as usize), &self.error);
                }
            }
        }
    }

    /// Trains the output layers for a target word, first hierarchical softmax, then negative sampling; `self.error` becomes the
    /// update of the input vectors.
    fn train_word(&mut self, word: WordId) {
        self.error.fill(0.0);
        if let Some(HuffmanPath { nodes, code }) = self.context.paths.get(word as usize) {
            for (&node, &bit) in nodes.iter().zip(code) {
                let row = self.nodes.row_mut(node as usize);
                let product = dot(&self.hidden, row);
                // The negated condition also skips NaN.
                if !(product > -MAX_EXP && product < MAX_EXP) {
                    continue;
                }
                let label = 1.0 - f32::from(u8::from(bit));
                let gradient = (label - self.sigmoid.value(product)) * self.rate;
                update_pair(&mut self.error, row, &self.hidden, gradient);
            }
        }
        let Some(table) = &self.table else { return };
        for sample in 0..=self.context.config.negative {
            let (target, label) = match sample {
                0 => (word, 1.0),
                _ => (table.sample(&mut self.rng), 0.0),
            };
            if sample > 0 && target == word {
                continue;
            }
            let row = self.outputs.row_mut(target as usize);
            let product = dot(&self.hidden, row);
            let gradient = if product > MAX_EXP {
                (label - 1.0) * self.rate
            } else if product < -MAX_EXP {
                label * self.rate
            } else {
                (label - self.sigmoid.value(product)) * self.rate
            };
            update_pair(&mut self.error, row, &self.hidden, gradient);
        }
    }
}

/// The dot product, summed sequentially; the order determines the rounding.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

fn add(to: &mut [f32], gradient: &[f32]) {
    to.iter_mut()
        .zip(gradient)
        .for_each(|(to, gradient)| *to += gradient);
}

/// Adds the gradient of a pair to the error, then updates the output vector.
fn update_pair(error: &mut [f32], output: &mut [f32], hidden: &[f32], gradient: f32) {
    for ((error, output), hidden) in error.iter_mut().zip(output).zip(hidden) {
        *error += gradient * *output;
        *output += gradient * hidden;
    }
}
