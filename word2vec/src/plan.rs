//! What all threads of a training share: words, draws, and how far they are.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::huffman::{self, Path};
use crate::words::Words;

/// What is fixed before training begins.
pub(crate) struct Plan<'a> {
    pub(crate) config: &'a Config,
    pub(crate) words: &'a Words,
    /// Of each word; none without hierarchical softmax.
    pub(crate) paths: Vec<Path>,
    /// Passes over the text; not finite where time decides.
    pub(crate) passes: f64,
    /// How long it may take, where that decides.
    pub(crate) time: Option<Duration>,
    pub(crate) began: Instant,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        config: &'a Config,
        words: &'a Words,
        passes: f64,
        time: Option<Duration>,
    ) -> Plan<'a> {
        let paths = match config.hierarchical_softmax {
            true => huffman::paths(&words.counts),
            false => Vec::new(),
        };
        Plan {
            config,
            words,
            paths,
            passes,
            time,
            began: Instant::now(),
        }
    }

    /// How much of the training is over, from 0 to 1, when so many words were read.
    pub(crate) fn share(&self, read: u64) -> f64 {
        let share = match self.time {
            Some(time) => self.began.elapsed().as_secs_f64() / time.as_secs_f64(),
            None => read as f64 / (self.passes * self.words.total() as f64 + 1.0),
        };
        share.min(1.0)
    }

    /// The learning rate: it falls along a line to a ten-thousandth of itself.
    pub(crate) fn rate(&self, read: u64) -> f32 {
        (self.config.learning_rate * (1.0 - self.share(read)).max(1e-4)) as f32
    }
}

/// How far all threads are together.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Words that were read.
    pub(crate) read: AtomicU64,
    /// Pairs of an input and an output that were set against each other.
    pub(crate) pairs: AtomicU64,
    /// Sum and number of the losses that were looked at; the sum in millionths.
    loss: AtomicU64,
    losses: AtomicU64,
    /// Threads are to stop.
    pub(crate) stop: AtomicBool,
    /// Something was not a number.
    pub(crate) lost: AtomicBool,
}

/// Words after which threads tell how far they are, and look at the learning rate.
pub(crate) const REPORT: u64 = 10_000;

impl Done {
    pub(crate) fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn add_loss(&self, loss: f64) {
        if loss.is_finite() {
            self.loss.fetch_add((loss * 1e6) as u64, Ordering::Relaxed);
            self.losses.fetch_add(1, Ordering::Relaxed);
        } else {
            self.lost.store(true, Ordering::Relaxed);
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Mean of the losses since it was last asked for.
    pub(crate) fn take_loss(&self) -> Option<f64> {
        let sum = self.loss.swap(0, Ordering::Relaxed) as f64 / 1e6;
        let number = self.losses.swap(0, Ordering::Relaxed);
        (number > 0).then(|| sum / number as f64)
    }
}
