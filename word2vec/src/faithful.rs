//! The C program, operation by operation: same draws, same tables, same order of updates, same rounding.
//!
//! One thread. Products are summed in single precision from the first number to the last, as a compiler has it that is
//! not allowed to reorder them.

use corpus::Text;

use crate::config::Architecture;
use crate::huffman::Path;
use crate::matrix::Matrix;
use crate::noise::Table;
use crate::plan::{Done, Plan, REPORT};
use crate::random::Random;
use crate::sentences::Sentences;
use crate::sigmoid::{FaithfulSigmoid, LIMIT};
use crate::words::Word;

/// The state of the one thread.
pub(crate) struct Faithful<'a> {
    plan: &'a Plan<'a>,
    pub(crate) inputs: Matrix,
    outputs: Matrix,
    nodes: Matrix,
    table: Option<Table>,
    sigmoid: FaithfulSigmoid,
    random: Random,
    hidden: Vec<f32>,
    error: Vec<f32>,
    rate: f32,
}

impl<'a> Faithful<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>, inputs: Matrix, seed: u64) -> Faithful<'a> {
        let config = plan.config;
        let (words, dimension) = (plan.words.len(), config.dimension);
        let negative = config.negative > 0;
        Faithful {
            plan,
            inputs,
            outputs: Matrix::zeros(if negative { words } else { 0 }, dimension),
            nodes: Matrix::zeros(if plan.paths.is_empty() { 0 } else { words - 1 }, dimension),
            table: negative.then(|| Table::new(&plan.words.counts, config.noise_exponent)),
            sigmoid: FaithfulSigmoid::new(),
            // The program's first thread has the number 0.
            random: Random::new(seed.wrapping_sub(1)),
            hidden: vec![0.0; dimension],
            error: vec![0.0; dimension],
            rate: config.learning_rate as f32,
        }
    }

    /// Trains on the whole text, as often as the plan says.
    pub(crate) fn run<T: Text + ?Sized>(&mut self, text: &T, done: &Done) {
        use std::sync::atomic::Ordering::Relaxed;
        let total = self.plan.words.total();
        let keep = self.keep(total);
        let first_rate = self.plan.config.learning_rate as f32;
        let all = (self.plan.passes * total as f64) as u64;
        let mut before = 0_u64;
        let mut sentence = Vec::new();
        let mut left = self.plan.passes;
        while left > 0.0 && !done.stops() {
            let length = (text.len() as f64 * left.min(1.0)) as usize;
            let mut sentences = Sentences::new(text, self.plan.words, 0..length);
            let mut reported = 0;
            loop {
                let random = &mut self.random;
                let subsamples = self.plan.config.subsample > 0.0;
                let is_kept = |word: Word| !subsamples || keep[word as usize] >= random.coarse();
                if !sentences.next(&mut sentence, is_kept) {
                    break;
                }
                // A line without words costs the program a draw all the same.
                for at in 0..sentence.len().max(1) {
                    match sentence.is_empty() {
                        true => drop(self.random.step()),
                        false => self.place(&sentence, at),
                    }
                    // The program looks at the rate before each word; what it has read lies between sentences.
                    if sentences.read - reported > REPORT {
                        before += sentences.read - reported;
                        reported = sentences.read;
                        done.read.store(before, Relaxed);
                        let share = before as f32 / (all + 1) as f32;
                        self.rate = (first_rate * (1.0 - share)).max(first_rate * 0.0001);
                    }
                }
                if done.stops() {
                    break;
                }
            }
            before += sentences.read - reported;
            done.read.store(before, Relaxed);
            left -= 1.0;
        }
    }

    /// The program's probability of keeping each word, rounded where it rounds.
    fn keep(&self, total: u64) -> Vec<f32> {
        let threshold = self.plan.config.subsample as f32 * total as f32;
        let keep = |&count: &u64| {
            let root = f64::from(count as f32 / threshold).sqrt();
            ((root + 1.0) * f64::from(threshold) / count as f64) as f32
        };
        self.plan.words.counts.iter().map(keep).collect()
    }

    /// One word of a sentence and the words around it.
    fn place(&mut self, sentence: &[Word], at: usize) {
        let window = self.plan.config.window;
        let reach = window - (self.random.step() % window as u64) as usize;
        let from = at.saturating_sub(reach);
        let to = sentence.len().min(at + reach + 1);
        let around = sentence[from..at].iter().chain(&sentence[at + 1..to]);
        let word = sentence[at];
        match self.plan.config.architecture {
            Architecture::SkipGram => {
                for &other in around {
                    self.hidden.copy_from_slice(self.inputs.row(other as usize));
                    self.learn(word);
                    add(self.inputs.row_mut(other as usize), &self.error);
                }
            }
            Architecture::Cbow => {
                let number = around.clone().count();
                if number == 0 {
                    return;
                }
                self.hidden.fill(0.0);
                for &other in around.clone() {
                    add(&mut self.hidden, self.inputs.row(other as usize));
                }
                self.hidden.iter_mut().for_each(|sum| *sum /= number as f32);
                self.learn(word);
                for &other in around {
                    add(self.inputs.row_mut(other as usize), &self.error);
                }
            }
        }
    }

    /// Sets the hidden layer against the path of a word, then against the word and wrong ones; the error is what the
    /// inputs are to be moved by.
    fn learn(&mut self, word: Word) {
        self.error.fill(0.0);
        if let Some(Path { nodes, turns }) = self.plan.paths.get(word as usize) {
            for (&node, &turn) in nodes.iter().zip(turns) {
                let row = self.nodes.row_mut(node as usize);
                let product = dot(&self.hidden, row);
                // Also what is not a number.
                if !(product > -LIMIT && product < LIMIT) {
                    continue;
                }
                let label = 1.0 - f32::from(u8::from(turn));
                let change = (label - self.sigmoid.of(product)) * self.rate;
                exchange(&mut self.error, row, &self.hidden, change);
            }
        }
        let Some(table) = &self.table else { return };
        for sample in 0..=self.plan.config.negative {
            let (target, label) = match sample {
                0 => (word, 1.0),
                _ => (table.draw(&mut self.random), 0.0),
            };
            if sample > 0 && target == word {
                continue;
            }
            let row = self.outputs.row_mut(target as usize);
            let product = dot(&self.hidden, row);
            let change = if product > LIMIT {
                (label - 1.0) * self.rate
            } else if product < -LIMIT {
                label * self.rate
            } else {
                (label - self.sigmoid.of(product)) * self.rate
            };
            exchange(&mut self.error, row, &self.hidden, change);
        }
    }
}

/// From the first number to the last: the order decides the rounding.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

fn add(to: &mut [f32], change: &[f32]) {
    to.iter_mut()
        .zip(change)
        .for_each(|(to, change)| *to += change);
}

/// The error gets its part of the output, then the output its part of the hidden layer.
fn exchange(error: &mut [f32], output: &mut [f32], hidden: &[f32], change: f32) {
    for ((error, output), hidden) in error.iter_mut().zip(output).zip(hidden) {
        *error += change * *output;
        *output += change * hidden;
    }
}
