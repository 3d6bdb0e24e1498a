//! The context and the progress of a training, which all threads share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::huffman::{self, HuffmanPath};
use crate::word_vocab::WordVocab;

/// What is constant during training.
pub(crate) struct TrainingContext<'a> {
    pub(crate) config: &'a Config,
    pub(crate) words: &'a WordVocab,
    /// The path of each word; empty without hierarchical softmax.
    pub(crate) paths: Vec<HuffmanPath>,
    /// Number of epochs; infinite with a time budget.
    pub(crate) epochs: f64,
    /// The time budget.
    pub(crate) time: Option<Duration>,
    pub(crate) start: Instant,
}

impl<'a> TrainingContext<'a> {
    pub(crate) fn new(
        config: &'a Config,
        words: &'a WordVocab,
        epochs: f64,
        time: Option<Duration>,
    ) -> TrainingContext<'a> {
        let paths = match config.hierarchical_softmax {
            true => huffman::paths(&words.counts),
            false => Vec::new(),
        };
        TrainingContext {
            config,
            words,
            paths,
            epochs,
            time,
            start: Instant::now(),
        }
    }

    /// The completed fraction of the training, from 0 to 1, after `words_read` words.
    pub(crate) fn fraction(&self, words_read: u64) -> f64 {
        let fraction = match self.time {
            Some(time) => self.start.elapsed().as_secs_f64() / time.as_secs_f64(),
            None => words_read as f64 / (self.epochs * self.words.total_count() as f64 + 1.0),
        };
        fraction.min(1.0)
    }

    /// The learning rate, which decays linearly to 1/10,000 of its initial value.
    pub(crate) fn rate(&self, words_read: u64) -> f32 {
        (self.config.learning_rate * (1.0 - self.fraction(words_read)).max(1e-4)) as f32
    }
}

/// The progress of all threads together.
#[derive(Debug, Default)]
pub(crate) struct SharedProgress {
    /// Number of words read.
    pub(crate) words_read: AtomicU64,
    /// Number of trained pairs of an input and an output.
    pub(crate) pairs: AtomicU64,
    /// Sum of the sampled losses, in millionths.
    loss: AtomicU64,
    /// Number of the sampled losses.
    losses: AtomicU64,
    /// Whether threads must stop.
    pub(crate) stop: AtomicBool,
    /// Whether a loss was not finite.
    pub(crate) diverged: AtomicBool,
}

/// Number of words after which a thread reports its progress and updates the learning rate.
pub(crate) const REPORT_INTERVAL: u64 = 10_000;

impl SharedProgress {
    pub(crate) fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Adds a loss; stops training if it is not finite.
    pub(crate) fn add_loss(&self, loss: f64) {
        if loss.is_finite() {
            self.loss.fetch_add((loss * 1e6) as u64, Ordering::Relaxed);
            self.losses.fetch_add(1, Ordering::Relaxed);
        } else {
            self.diverged.store(true, Ordering::Relaxed);
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// The mean of the losses since the last call.
    pub(crate) fn take_loss(&self) -> Option<f64> {
        let sum = self.loss.swap(0, Ordering::Relaxed) as f64 / 1e6;
        let number = self.losses.swap(0, Ordering::Relaxed);
        (number > 0).then(|| sum / number as f64)
    }
}
