//! Training by windows: all inputs of a window against the same outputs, in one step of the kernel.
//!
//! In skip-gram the wrong words are shared by the inputs of a window (Ji et al. 2016, *Parallelizing Word2Vec in Shared
//! and Distributed Memory*); the C program draws others for each input. The rows that the next window needs are asked for
//! while this one is worked on: most of the time would otherwise go by waiting for memory.

use std::ops::Range;
use std::sync::atomic::Ordering;

use corpus::Text;

use crate::config::Architecture;
use crate::kernel::{Kernel, Output, Scratch, Step};
use crate::matrix::Shared;
use crate::noise::Noise;
use crate::plan::{Done, Plan, REPORT};
use crate::random::Random;
use crate::sentences::Sentences;
use crate::sigmoid::Saturated;
use crate::words::Word;

/// The vectors that are trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layers<'a> {
    /// Of words, as inputs: those that are kept in the end.
    pub(crate) inputs: Shared<'a>,
    /// Of words, as outputs of negative sampling.
    pub(crate) outputs: Option<Shared<'a>>,
    /// Of inner nodes of the Huffman tree.
    pub(crate) nodes: Option<Shared<'a>>,
}

/// One thread of a training.
pub(crate) struct Worker<'a> {
    plan: &'a Plan<'a>,
    done: &'a Done,
    layers: Layers<'a>,
    noise: &'a Noise,
    /// Of each word, the draws below which it is kept.
    keep: &'a [u32],
    random: Random,
    step: Step,
    mean: Scratch,
    sentence: Vec<Word>,
    /// Wrong words for each place of the sentence.
    negatives: Vec<Word>,
    /// Steps so far, and pairs since the last report.
    steps: u64,
    pairs: u64,
}

/// One step of so many has its loss computed: logarithms take time.
const LOSS_EVERY: u64 = 256;
/// Places ahead whose rows are asked for.
const AHEAD: usize = 2;

/// Draws below which each word is kept.
pub(crate) fn thresholds(keep: &[f64]) -> Vec<u32> {
    keep.iter()
        .map(|keep| (keep * f64::from(u32::MAX)) as u32)
        .collect()
}

impl<'a> Worker<'a> {
    pub(crate) fn new(
        plan: &'a Plan<'a>,
        done: &'a Done,
        layers: Layers<'a>,
        noise: &'a Noise,
        keep: &'a [u32],
        seed: u64,
    ) -> Worker<'a> {
        Worker {
            plan,
            done,
            layers,
            noise,
            keep,
            random: Random::new(seed),
            step: Step::new(Kernel::best(), layers.inputs.stride()),
            mean: Scratch::default(),
            sentence: Vec::new(),
            negatives: Vec::new(),
            steps: 0,
            pairs: 0,
        }
    }

    /// Trains on a stretch of the text, again and again.
    pub(crate) fn run<T: Text + ?Sized>(mut self, text: &T, stretch: Range<usize>) {
        let mut left = self.plan.passes;
        let mut rate = self.plan.rate(self.done.read.load(Ordering::Relaxed));
        while left > 0.0 && !self.done.stops() {
            let length = (stretch.len() as f64 * left.min(1.0)) as usize;
            let end = stretch.start + length;
            let mut sentences = Sentences::new(text, self.plan.words, stretch.start..end);
            let mut reported = 0;
            let mut sentence = std::mem::take(&mut self.sentence);
            loop {
                let (random, keep) = (&mut self.random, self.keep);
                let is_kept = |word: Word| {
                    keep[word as usize] == u32::MAX || random.draw() < keep[word as usize]
                };
                let more = sentences.next(&mut sentence, is_kept);
                if !more || sentences.read - reported > REPORT {
                    let read = sentences.read - reported;
                    let all = self.done.read.fetch_add(read, Ordering::Relaxed) + read;
                    self.done.pairs.fetch_add(self.pairs, Ordering::Relaxed);
                    (reported, self.pairs) = (sentences.read, 0);
                    rate = self.plan.rate(all);
                    if self.done.stops() {
                        break;
                    }
                }
                if !more {
                    break;
                }
                self.train(&sentence, rate);
            }
            self.sentence = sentence;
            left -= 1.0;
            if length == 0 {
                break;
            }
        }
    }

    /// A step for each word of a sentence.
    fn train(&mut self, sentence: &[Word], rate: f32) {
        let negative = self.plan.config.negative;
        self.negatives.clear();
        for _ in 0..sentence.len() * negative {
            self.negatives.push(self.noise.draw(&mut self.random));
        }
        (0..AHEAD.min(sentence.len())).for_each(|at| self.fetch(sentence, at));
        for at in 0..sentence.len() {
            if at + AHEAD < sentence.len() {
                self.fetch(sentence, at + AHEAD);
            }
            let window = self.plan.config.window;
            let reach = window - self.random.below(window as u32) as usize;
            let from = at.saturating_sub(reach);
            let to = sentence.len().min(at + reach + 1);
            self.step.inputs.clear();
            for &word in sentence[from..at].iter().chain(&sentence[at + 1..to]) {
                self.step.inputs.push(self.layers.inputs.row(word));
            }
            if self.step.inputs.is_empty() {
                continue;
            }
            self.put_outputs(sentence[at], at);
            self.step(rate);
        }
    }

    /// Asks for the rows that only this place of the sentence needs.
    fn fetch(&self, sentence: &[Word], at: usize) {
        let negative = self.plan.config.negative;
        if let Some(outputs) = self.layers.outputs {
            outputs.fetch(sentence[at]);
            for &word in &self.negatives[at * negative..(at + 1) * negative] {
                outputs.fetch(word);
            }
        }
        if let Some(nodes) = self.layers.nodes {
            // The nodes near the root are at hand anyway.
            let path = &self.plan.paths[sentence[at] as usize];
            path.nodes
                .iter()
                .skip(NEAR)
                .for_each(|&node| nodes.fetch(node));
        }
        if let Some(&word) = sentence.get(at + self.plan.config.window) {
            self.layers.inputs.fetch(word);
        }
    }

    /// What the inputs are set against: a word and wrong words, or the turns of its path.
    fn put_outputs(&mut self, word: Word, at: usize) {
        let outputs = &mut self.step.outputs;
        outputs.clear();
        if let Some(nodes) = self.layers.nodes {
            let path = &self.plan.paths[word as usize];
            for (&node, &turn) in path.nodes.iter().zip(&path.turns) {
                outputs.push(Output {
                    vector: nodes.row(node),
                    label: if turn { 0.0 } else { 1.0 },
                    saturated: Saturated::Ignored,
                });
            }
        }
        if let Some(layer) = self.layers.outputs {
            let negative = self.plan.config.negative;
            let output = |word, label| Output {
                vector: layer.row(word),
                label,
                saturated: Saturated::Certain,
            };
            outputs.push(output(word, 1.0));
            let wrong = &self.negatives[at * negative..(at + 1) * negative];
            let wrong = wrong.iter().filter(|&&wrong| wrong != word);
            outputs.extend(wrong.map(|&wrong| output(wrong, 0.0)));
        }
    }

    #[allow(unsafe_code)]
    fn step(&mut self, rate: f32) {
        let inputs = match self.plan.config.architecture {
            Architecture::SkipGram => {
                // SAFETY: rows of shared matrices, aligned and of one stride.
                unsafe { self.step.run(rate) };
                self.step.inputs.len()
            }
            Architecture::Cbow => {
                let around = std::mem::take(&mut self.step.inputs);
                let stride = self.layers.inputs.stride();
                self.mean.clear(1, stride);
                let mean = self.mean.row(0, stride);
                // SAFETY: as above; the mean is a row of a scratch of this thread.
                unsafe {
                    self.step.mean(&around, mean);
                    self.step.inputs.push(mean);
                    // Each input gets the whole change, not its share: so has the C program.
                    let change = self.step.run_for_change(rate);
                    self.step.add(&around, change);
                }
                self.step.inputs = around;
                1
            }
        };
        self.pairs += (inputs * self.step.outputs.len()) as u64;
        self.steps += 1;
        if self.steps.is_multiple_of(LOSS_EVERY) {
            self.done.add_loss(self.step.loss(rate) / inputs as f64);
        }
    }
}

/// Inner nodes of a path that are so near the root that they are at hand.
const NEAR: usize = 8;
