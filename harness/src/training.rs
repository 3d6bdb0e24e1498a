//! The inputs of every era's `train`, and its progress reports.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use corpus::TokenId;
use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::curve_end::CurveEnd;

/// Tokens of the validation split on which learning curves are measured.
pub const VALIDATION_SAMPLE: usize = 10_000;

/// Tokens of the validation split on which a run evaluates trained language models, at most.
pub const VALIDATION_TOKENS: usize = 100_000;

/// Default time between checkpoints: the most that is lost if training is killed.
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(30);

/// The inputs of an era's `train`.
pub struct Training<'a> {
    /// The budget.
    pub budget: Budget,
    /// The only source of randomness.
    pub seed: u64,
    /// The beginning of the validation split; its time does not count against the budget. May be empty.
    pub validation: Vec<TokenId>,
    /// The folder of checkpoints, both written and continued from.
    pub checkpoints: Option<PathBuf>,
    /// Time between checkpoints.
    pub checkpoint_every: Duration,
    /// Limit of memory for counting, in bytes; none: no limit.
    pub memory: Option<u64>,
    /// The folder of a trained model whose weights training starts from.
    pub init_from: Option<PathBuf>,
    /// Receives progress, and may ask to stop.
    pub progress: &'a mut dyn Progress,
}

impl std::fmt::Debug for Training<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Training({}, seed {})", self.budget, self.seed)
    }
}

impl<'a> Training<'a> {
    /// The era's own budget, seed 1, no validation, no checkpoints.
    pub fn new(progress: &'a mut dyn Progress) -> Training<'a> {
        Training {
            budget: Budget::default(),
            seed: 1,
            validation: Vec::new(),
            checkpoints: None,
            checkpoint_every: CHECKPOINT_EVERY,
            memory: None,
            init_from: None,
            progress,
        }
    }
}

/// What training reports to.
pub trait Progress {
    /// A point of the learning curve: rare, and recorded.
    fn point(&mut self, point: &CurvePoint);

    /// Frequent progress for display: `done` of `total` in a unit of the era's choice.
    /// The answer `Break` asks training to save a checkpoint and return [`crate::Error::Interrupted`].
    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()>;

    /// A notice for the user, in a sentence.
    fn note(&mut self, _what: &str) {}
}

/// Ignores all reports.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// A point of a learning curve, a line of `curve.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Optimiser steps, or passes.
    pub step: u64,
    /// Tokens trained on so far.
    pub tokens: u64,
    /// Seconds of training, validation left out.
    pub seconds: f64,
    /// Training FLOPs so far, as the era counts them.
    pub flops: f64,
    /// Mean training loss since the last point, in nats per token.
    pub train_loss: Option<f64>,
    /// Mean ln p on the validation sample.
    pub valid_log_prob: Option<f64>,
}

/// What training took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingTotals {
    /// Tokens trained on.
    pub tokens: u64,
    /// Seconds, validation left out.
    pub seconds: f64,
    /// FLOPs, as the era counts them.
    pub flops: f64,
    /// How the learning curve of the last stage ended, if it shows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<CurveEnd>,
}

impl TrainingTotals {
    /// Those of the learning curve of training with this budget, from its last point; nothing for an empty curve.
    pub fn of(budget: Budget, curve: &[CurvePoint]) -> TrainingTotals {
        curve
            .last()
            .map_or(TrainingTotals::default(), |last| TrainingTotals {
                tokens: last.tokens,
                seconds: last.seconds,
                flops: last.flops,
                end: CurveEnd::within(budget, curve),
            })
    }
}

impl std::ops::Add for TrainingTotals {
    type Output = TrainingTotals;

    fn add(self, other: TrainingTotals) -> TrainingTotals {
        TrainingTotals {
            tokens: self.tokens + other.tokens,
            seconds: self.seconds + other.seconds,
            flops: self.flops + other.flops,
            end: self.end,
        }
    }
}
