//! The spent share of a training budget, in tokens or in seconds.

use std::time::{Duration, Instant};

use harness::{Budget, Training};

/// The limit of a training run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// Seconds of training, without validation.
    Seconds(f64),
    /// Tokens trained on.
    Tokens(u64),
}

impl Limit {
    /// The limit of a budget, for data with `epoch_tokens` tokens and a configuration of `epochs` epochs.
    pub(crate) fn new(training: &Training<'_>, epoch_tokens: u64, epochs: f64) -> Limit {
        match (
            training.budget,
            training.budget.tokens(epoch_tokens, epochs),
        ) {
            (Budget::Time(time), _) => Limit::Seconds(time.as_secs_f64()),
            (_, tokens) => Limit::Tokens(tokens.unwrap_or(epoch_tokens).max(1)),
        }
    }
}

/// Measures training time, excluding validation.
#[derive(Debug)]
pub(crate) struct BudgetClock {
    pub(crate) limit: Limit,
    /// When this process started or resumed training.
    started: Instant,
    /// Time spent on validation since then.
    pub(crate) paused: Duration,
    /// Seconds of training before this process resumed it.
    before: f64,
}

impl BudgetClock {
    pub(crate) fn new(limit: Limit) -> BudgetClock {
        BudgetClock {
            limit,
            started: Instant::now(),
            paused: Duration::ZERO,
            before: 0.0,
        }
    }

    /// Restarts the clock after `before` seconds of earlier training.
    pub(crate) fn resume(&mut self, before: f64) {
        self.started = Instant::now();
        self.before = before;
    }

    /// Seconds of training so far.
    pub(crate) fn seconds(&self) -> f64 {
        self.before + (self.started.elapsed() - self.paused).as_secs_f64()
    }

    /// Spent share of the budget; 1 or more when the budget is exhausted.
    pub(crate) fn share(&self, tokens: u64) -> f64 {
        match self.limit {
            Limit::Seconds(seconds) => self.seconds() / seconds,
            Limit::Tokens(limit) => tokens as f64 / limit as f64,
        }
    }

    /// Spent amount and total of the budget, for a progress bar.
    pub(crate) fn progress(&self, tokens: u64) -> (u64, u64) {
        let (done, total) = match self.limit {
            Limit::Seconds(seconds) => (self.seconds(), seconds),
            Limit::Tokens(limit) => (tokens as f64, limit as f64),
        };
        (done as u64, total as u64)
    }
}
