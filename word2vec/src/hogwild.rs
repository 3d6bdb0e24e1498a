//! The parallel trainer: threads update shared vectors without locks (Niu et al. 2011, *Hogwild*), one window per step.
//!
//! In skip-gram each input of a window has its own negative samples, as in the C program, or all inputs share them
//! ([`crate::Config::shared_negatives`]), which needs one step a window. The rows of the following windows are prefetched, because
//! training would otherwise mostly wait for memory.
//!
//! The threads race for the same rows, and an update may be lost, but there is no data race in the sense of Rust's memory model: each
//! load and store of a shared number is a relaxed atomic one (`kernel/simd.rs` says how, and why with assembly). Relaxed is enough,
//! because no number says anything about another one. `bench/word2vec/README.md` says what it costs.

use std::ops::Range;
use std::sync::atomic::Ordering;

use corpus::Text;

use crate::config::Architecture;
use crate::kernel::{AlignedRows, Kernel, Output, Step};
use crate::lcg::Lcg;
use crate::matrix::SharedMatrix;
use crate::noise::NoiseDistribution;
use crate::sentences::SentenceReader;
use crate::sigmoid::Saturation;
use crate::training_context::{REPORT_INTERVAL, SharedProgress, TrainingContext};
use crate::word_vocab::WordId;

/// The weights: one vector per word or inner node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights<'a> {
    /// v_w, the input vectors of words, which become the model.
    pub(crate) inputs: SharedMatrix<'a>,
    /// v'_w, the output vectors of words for negative sampling.
    pub(crate) outputs: Option<SharedMatrix<'a>>,
    /// v'_n, the vectors of inner nodes for hierarchical softmax.
    pub(crate) nodes: Option<SharedMatrix<'a>>,
}

/// One thread of the trainer.
pub(crate) struct Worker<'a> {
    context: &'a TrainingContext<'a>,
    progress: &'a SharedProgress,
    weights: Weights<'a>,
    noise: &'a NoiseDistribution,
    /// For each word, the threshold below which a random u32 keeps it.
    keep: &'a [u32],
    rng: Lcg,
    step: Step,
    mean: AlignedRows,
    sentence: Vec<WordId>,
    /// The negative samples of all positions of the sentence.
    negatives: Vec<WordId>,
    /// Steps so far.
    steps: u64,
    /// Pairs of input and output since the last report.
    pairs: u64,
}

/// Steps between two computations of the loss, whose logarithms take time.
const LOSS_INTERVAL: u64 = 256;
/// How many positions ahead rows are prefetched.
const PREFETCH_DISTANCE: usize = 2;

/// Converts probabilities of keeping a word to thresholds for a random u32.
pub(crate) fn thresholds(keep: &[f64]) -> Vec<u32> {
    keep.iter()
        .map(|keep| (keep * f64::from(u32::MAX)) as u32)
        .collect()
}

impl<'a> Worker<'a> {
    pub(crate) fn new(
        context: &'a TrainingContext<'a>,
        progress: &'a SharedProgress,
        weights: Weights<'a>,
        noise: &'a NoiseDistribution,
        keep: &'a [u32],
        seed: u64,
    ) -> Worker<'a> {
        Worker {
            context,
            progress,
            weights,
            noise,
            keep,
            rng: Lcg::new(seed),
            step: Step::new(Kernel::best(), weights.inputs.stride()),
            mean: AlignedRows::default(),
            sentence: Vec::new(),
            negatives: Vec::new(),
            steps: 0,
            pairs: 0,
        }
    }

    /// Trains on a range of the text for the configured number of epochs.
    pub(crate) fn run<T: Text + ?Sized>(mut self, text: &T, range: Range<usize>) {
        let mut remaining = self.context.epochs;
        let mut rate = self
            .context
            .rate(self.progress.words_read.load(Ordering::Relaxed));
        while remaining > 0.0 && !self.progress.stops() {
            let length = (range.len() as f64 * remaining.min(1.0)) as usize;
            let end = range.start + length;
            let mut sentences = SentenceReader::new(text, self.context.words, range.start..end);
            let mut reported = 0;
            let mut sentence = std::mem::take(&mut self.sentence);
            loop {
                let (rng, keep) = (&mut self.rng, self.keep);
                let is_kept = |word: WordId| {
                    keep[word as usize] == u32::MAX || rng.next_u32() < keep[word as usize]
                };
                let more = sentences.next(&mut sentence, is_kept);
                if !more || sentences.words_read - reported > REPORT_INTERVAL {
                    let words_read = sentences.words_read - reported;
                    let all = self
                        .progress
                        .words_read
                        .fetch_add(words_read, Ordering::Relaxed)
                        + words_read;
                    self.progress.pairs.fetch_add(self.pairs, Ordering::Relaxed);
                    (reported, self.pairs) = (sentences.words_read, 0);
                    rate = self.context.rate(all);
                    if self.progress.stops() {
                        break;
                    }
                }
                if !more {
                    break;
                }
                self.train(&sentence, rate);
            }
            self.sentence = sentence;
            remaining -= 1.0;
            if length == 0 {
                break;
            }
        }
    }

    /// Takes one step for each word of a sentence.
    fn train(&mut self, sentence: &[WordId], rate: f32) {
        let negative = self.context.config.negative;
        self.negatives.clear();
        for _ in 0..sentence.len() * negative {
            self.negatives.push(self.noise.sample(&mut self.rng));
        }
        (0..PREFETCH_DISTANCE.min(sentence.len())).for_each(|at| self.prefetch(sentence, at));
        for at in 0..sentence.len() {
            if at + PREFETCH_DISTANCE < sentence.len() {
                self.prefetch(sentence, at + PREFETCH_DISTANCE);
            }
            let window = self.context.config.window;
            let radius = window - self.rng.below(window as u32) as usize;
            let start = at.saturating_sub(radius);
            let end = sentence.len().min(at + radius + 1);
            self.step.inputs.clear();
            for &word in sentence[start..at].iter().chain(&sentence[at + 1..end]) {
                self.step.inputs.push(self.weights.inputs.row(word));
            }
            if self.step.inputs.is_empty() {
                continue;
            }
            self.set_outputs(sentence[at], at);
            match self.context.config.has_private_negatives() {
                false => self.step(rate),
                true => self.step_each_input(sentence[at], at, rate),
            }
        }
    }

    /// Takes a step for each input of the window, with new negative samples for all but the first.
    fn step_each_input(&mut self, word: WordId, at: usize, rate: f32) {
        let negative = self.context.config.negative;
        let inputs = std::mem::take(&mut self.step.inputs);
        for (number, &input) in inputs.iter().enumerate() {
            if number > 0 {
                for place in at * negative..(at + 1) * negative {
                    self.negatives[place] = self.noise.sample(&mut self.rng);
                }
                self.set_outputs(word, at);
            }
            self.step.inputs.push(input);
            self.step(rate);
            self.step.inputs.clear();
        }
        self.step.inputs = inputs;
    }

    /// Prefetches the rows that are first needed at this position of the sentence.
    fn prefetch(&self, sentence: &[WordId], at: usize) {
        let negative = self.context.config.negative;
        if let Some(outputs) = self.weights.outputs {
            outputs.prefetch(sentence[at]);
            for &word in &self.negatives[at * negative..(at + 1) * negative] {
                outputs.prefetch(word);
            }
        }
        if let Some(nodes) = self.weights.nodes {
            // The nodes near the root are in the cache anyway.
            let path = &self.context.paths[sentence[at] as usize];
            path.nodes
                .iter()
                .skip(CACHED_DEPTH)
                .for_each(|&node| nodes.prefetch(node));
        }
        if let Some(&word) = sentence.get(at + self.context.config.window) {
            self.weights.inputs.prefetch(word);
        }
    }

    /// Sets the outputs of the step: the nodes of the word's path, and the word with its negative samples.
    fn set_outputs(&mut self, word: WordId, at: usize) {
        let outputs = &mut self.step.outputs;
        outputs.clear();
        if let Some(nodes) = self.weights.nodes {
            let path = &self.context.paths[word as usize];
            for (&node, &bit) in path.nodes.iter().zip(&path.code) {
                outputs.push(Output {
                    vector: nodes.row(node),
                    label: if bit { 0.0 } else { 1.0 },
                    saturation: Saturation::Skip,
                });
            }
        }
        if let Some(layer) = self.weights.outputs {
            let negative = self.context.config.negative;
            let output = |word, label| Output {
                vector: layer.row(word),
                label,
                saturation: Saturation::Clamp,
            };
            outputs.push(output(word, 1.0));
            let samples = &self.negatives[at * negative..(at + 1) * negative];
            let samples = samples.iter().filter(|&&sample| sample != word);
            outputs.extend(samples.map(|&sample| output(sample, 0.0)));
        }
    }

    /// Runs the step on the current inputs and outputs.
    #[allow(unsafe_code)]
    fn step(&mut self, rate: f32) {
        let inputs = match self.context.config.architecture {
            Architecture::SkipGram => {
                // SAFETY: the pointers are aligned rows of shared matrices with the same stride.
                unsafe { self.step.run(rate) };
                self.step.inputs.len()
            }
            Architecture::Cbow => {
                let context_rows = std::mem::take(&mut self.step.inputs);
                let stride = self.weights.inputs.stride();
                self.mean.clear(1, stride);
                let mean = self.mean.row(0, stride);
                // SAFETY: as above; the mean is a row of this thread's scratch memory.
                unsafe {
                    self.step.mean(&context_rows, mean);
                    self.step.inputs.push(mean);
                    // As in the C program, each input gets the whole update, not divided by their number.
                    let update = self.step.run_for_input_update(rate);
                    self.step.add(&context_rows, update);
                }
                self.step.inputs = context_rows;
                1
            }
        };
        self.pairs += (inputs * self.step.outputs.len()) as u64;
        self.steps += 1;
        if self.steps.is_multiple_of(LOSS_INTERVAL) {
            self.progress.add_loss(self.step.loss(rate) / inputs as f64);
        }
    }
}

/// Number of inner nodes of a path that are near enough to the root to stay in the cache.
const CACHED_DEPTH: usize = 8;
