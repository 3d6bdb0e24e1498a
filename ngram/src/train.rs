//! Training: counting.

use std::time::Instant;

use corpus::TokenId;
use harness::{CurvePoint, LanguageModel, Training};

use crate::config::Config;
use crate::count::count;
use crate::error::{Error, Result};
use crate::model::StupidBackoff;

impl Config {
    /// Counts the n-grams of `tokens`, of which a budget in tokens or in part of an epoch takes the beginning. More than
    /// one epoch changes nothing in counts, and a time is not looked at: counting stops for nobody.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::NoText`], and [`Error::Harness`] when interrupted.
    pub fn train(
        &self,
        tokens: &[TokenId],
        vocab_size: usize,
        training: &mut Training<'_>,
    ) -> Result<StupidBackoff> {
        self.validate()?;
        let length = training
            .budget
            .tokens(tokens.len() as u64, 1.0)
            .unwrap_or(u64::MAX);
        let tokens = &tokens[..tokens
            .len()
            .min(usize::try_from(length).unwrap_or(usize::MAX))];
        if tokens.is_empty() {
            return Err(Error::NoText {
                what: format!("the budget is {}", training.budget),
            });
        }
        let began = Instant::now();
        tick(training, 0, tokens.len())?;
        let store = count(tokens, vocab_size, self.order)?;
        tick(training, tokens.len(), tokens.len())?;
        let model = StupidBackoff::new(self.clone(), store);
        let seconds = began.elapsed().as_secs_f64();
        let valid = &training.validation;
        let valid_log_prob = if valid.is_empty() {
            None
        } else {
            Some(model.score(valid)?.iter().sum::<f64>() / valid.len() as f64)
        };
        training.progress.point(&CurvePoint {
            step: 1,
            tokens: tokens.len() as u64,
            seconds,
            flops: training_flops(self.order, tokens.len()),
            train_loss: None,
            valid_log_prob,
        });
        Ok(model)
    }
}

/// Counting does not multiply; what is counted here is additions, one for each order and token.
fn training_flops(order: usize, tokens: usize) -> f64 {
    order as f64 * tokens as f64
}

fn tick(training: &mut Training<'_>, done: usize, total: usize) -> Result<()> {
    match training
        .progress
        .tick("counting", done as u64, Some(total as u64))
    {
        std::ops::ControlFlow::Continue(()) => Ok(()),
        std::ops::ControlFlow::Break(()) => Err(harness::Error::Interrupted.into()),
    }
}
