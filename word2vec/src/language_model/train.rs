//! Training of the language model in one thread, so that the same seed gives the same bytes.

use std::ops::ControlFlow;
use std::time::Instant;

use corpus::{Prefix, Text, TokenId};
use harness::{Budget, CurvePoint, LanguageModel, Training};

use super::{CbowLm, LmConfig, huffman_tree::HuffmanTree};
use crate::chunks::chunk_ranges;
use crate::error::{Error, Result};
use crate::kernel::{AlignedRows, Kernel, Output, Step};
use crate::matrix::{Matrix, SharedMatrix};
use crate::sigmoid::Saturation;
use crate::train::init_uniform;

/// Points of the learning curve per epoch.
const POINTS_PER_EPOCH: usize = 4;

/// Minimum relative improvement of the mean ln p on the validation sample in an epoch. Below it the learning rate is halved, or
/// training stops.
const MIN_IMPROVEMENT: f64 = 0.003;

/// Early stopping for time budgets with more epochs than are useful. After the first epoch without sufficient improvement, each
/// epoch starts from the best checkpoint with half the learning rate; the second such epoch is the last (Mikolov et al. 2010,
/// *Recurrent neural network based language model*, section 2).
#[derive(Debug, Default)]
struct LearningRateHalving {
    /// Mean ln p of the best checkpoint before the epoch.
    previous_best: Option<f64>,
    /// How often the learning rate was halved.
    halvings: i32,
}

/// The vectors with the highest mean ln p on the validation sample.
struct BestCheckpoint {
    log_prob: f64,
    inputs: Matrix,
    nodes: Matrix,
}

/// The state of a training.
struct TrainingState {
    start: Instant,
    /// Seconds spent on validation.
    validation_seconds: f64,
    tokens: u64,
    /// Number of trained pairs of an input and an inner node.
    pairs: u64,
    /// Sum of the sampled losses since the last point.
    loss: f64,
    /// Number of the sampled losses since the last point.
    losses: u64,
    best: Option<BestCheckpoint>,
    halving: LearningRateHalving,
}

impl LmConfig {
    /// Trains on a text of ids below `vocab_size` and returns the best checkpoint on the validation sample among all points of the
    /// learning curve. With a time budget, training stops early when epochs no longer improve the model.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if a setting is out of bounds, [`Error::FewWords`] if the text or the vocabulary is too small,
    /// [`Error::NotFinite`] if training diverges, and [`Error::Harness`] on interruption.
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        training: &mut Training<'_>,
    ) -> Result<CbowLm> {
        self.validate()?;
        let length = text.len() as u64;
        let budget = training.budget.tokens(length, self.epochs);
        let text = Prefix::new(text, budget.unwrap_or(u64::MAX));
        if vocab_size < 2 || text.is_empty() {
            return Err(Error::FewWords {
                words: vocab_size.min(text.len()),
                min_count: 1,
            });
        }
        let mut counts = vec![0; vocab_size];
        for chunk in chunk_ranges(text.len()) {
            let tokens = text.read(chunk);
            tokens.iter().for_each(|&token| counts[token as usize] += 1);
        }
        let mut model = CbowLm {
            config: self.clone(),
            tree: HuffmanTree::new(counts),
            inputs: Matrix::zeros(vocab_size, self.dimension),
            nodes: Matrix::zeros(vocab_size - 1, self.dimension),
        };
        init_uniform(&mut model.inputs, 0.0, training.seed);
        let mut state = TrainingState {
            start: Instant::now(),
            validation_seconds: 0.0,
            tokens: 0,
            pairs: 0,
            loss: 0.0,
            losses: 0,
            best: None,
            halving: LearningRateHalving::default(),
        };
        // Points of the curve lie between ranges of this length.
        let range_length = text.len().div_ceil(POINTS_PER_EPOCH);
        let mut from = 0;
        loop {
            if state.fraction(training.budget, budget) >= 1.0 {
                break;
            }
            let mut end = text.len().min(from + range_length);
            if let Some(budget) = budget {
                end = end.min(from + (budget - state.tokens) as usize);
            }
            self.train_range(&mut model, &text, from..end, budget, training, &mut state)?;
            if !(model.inputs.is_finite() && model.nodes.is_finite()) {
                return Err(Error::NotFinite {
                    tokens: state.tokens,
                    learning_rate: self.learning_rate,
                    snapshot: "no snapshot was saved".to_owned(),
                });
            }
            state.point(self, &model, training)?;
            from = if end == text.len() { 0 } else { end };
            let is_timed = matches!(training.budget, Budget::Time(_));
            if is_timed && from == 0 && !state.continue_after_epoch(&mut model) {
                break;
            }
        }
        state.restore_best(&mut model);
        Ok(model)
    }

    /// Trains on a range of the text.
    fn train_range<T: Text + ?Sized>(
        &self,
        model: &mut CbowLm,
        text: &T,
        range: std::ops::Range<usize>,
        budget: Option<u64>,
        training: &mut Training<'_>,
        state: &mut TrainingState,
    ) -> Result<()> {
        let tree = &model.tree;
        let (inputs, nodes) = (model.inputs.share(), model.nodes.share());
        let mut trainer = CbowTrainer::new(inputs, nodes);
        // The words before the range are context, too.
        let mut context = text.read(range.start.saturating_sub(self.window)..range.start);
        for start in (range.start..range.end).step_by(CHUNK) {
            let fraction = state.fraction(training.budget, budget);
            if fraction >= 1.0 {
                break;
            }
            let decay = 0.5_f64.powi(state.halving.halvings) * (1.0 - fraction).max(1e-4);
            let rate = (self.learning_rate * decay) as f32;
            let tokens = text.read(start..range.end.min(start + CHUNK));
            let context_length = context.len();
            context.extend(&tokens);
            for at in context_length..context.len() {
                let preceding = &context[at.saturating_sub(self.window)..at];
                trainer.step(preceding, tree, context[at], rate);
            }
            state.tokens += tokens.len() as u64;
            state.pairs += std::mem::take(&mut trainer.pairs);
            // The loss of the last step is a sample of those of the chunk.
            state.loss += trainer.step.loss(rate);
            state.losses += 1;
            context.drain(..context.len().saturating_sub(self.window));
            let tick = training.progress.tick("training", state.tokens, budget);
            if tick == ControlFlow::Break(()) {
                return Err(harness::Error::Interrupted.into());
            }
        }
        Ok(())
    }
}

/// Tokens between two updates of the learning rate.
const CHUNK: usize = 1024;

/// Takes steps of gradient descent on shared vectors.
struct CbowTrainer<'a> {
    inputs: SharedMatrix<'a>,
    nodes: SharedMatrix<'a>,
    step: Step,
    mean: AlignedRows,
    pairs: u64,
}

impl<'a> CbowTrainer<'a> {
    fn new(inputs: SharedMatrix<'a>, nodes: SharedMatrix<'a>) -> CbowTrainer<'a> {
        CbowTrainer {
            inputs,
            nodes,
            step: Step::new(Kernel::best(), inputs.stride()),
            mean: AlignedRows::default(),
            pairs: 0,
        }
    }

    /// Takes one step: the preceding words predict the path of the next token.
    #[allow(unsafe_code)]
    fn step(&mut self, preceding: &[TokenId], tree: &HuffmanTree, token: TokenId, rate: f32) {
        if preceding.is_empty() {
            return;
        }
        let path = tree.path(token);
        self.step.outputs.clear();
        for (&node, &bit) in path.nodes.iter().zip(&path.code) {
            self.step.outputs.push(Output {
                vector: self.nodes.row(node),
                label: if bit { 0.0 } else { 1.0 },
                saturation: Saturation::Clamp,
            });
        }
        self.pairs += path.nodes.len() as u64;
        let stride = self.inputs.stride();
        let context_rows: Vec<*mut f32> = preceding
            .iter()
            .map(|&token| self.inputs.row(token))
            .collect();
        self.mean.clear(1, stride);
        let mean = self.mean.row(0, stride);
        self.step.inputs.clear();
        self.step.inputs.push(mean);
        // SAFETY: the pointers are aligned rows of shared matrices and of scratch memory with the same stride.
        unsafe {
            self.step.mean(&context_rows, mean);
            let update = self.step.run_for_input_update(rate);
            self.step.add(&context_rows, update);
        }
    }
}

impl TrainingState {
    /// Seconds of training, without validation.
    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64() - self.validation_seconds
    }

    /// The spent fraction of the budget, which is a time or a number of tokens.
    fn fraction(&self, budget: Budget, tokens: Option<u64>) -> f64 {
        match (budget, tokens) {
            (Budget::Time(time), _) => self.seconds() / time.as_secs_f64(),
            (_, tokens) => self.tokens as f64 / tokens.unwrap_or(u64::MAX) as f64,
        }
    }

    /// Validates and reports a point of the learning curve.
    fn point(
        &mut self,
        config: &LmConfig,
        model: &CbowLm,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let seconds = self.seconds();
        let valid = &training.validation;
        let valid_log_prob = match valid.len() {
            0 => None,
            tokens => Some(model.score(valid)?.iter().sum::<f64>() / tokens as f64),
        };
        if let Some(log_prob) = valid_log_prob {
            self.record_best(log_prob, model);
        }
        self.validation_seconds += self.seconds() - seconds;
        training.progress.point(&CurvePoint {
            step: self.tokens,
            tokens: self.tokens,
            seconds,
            // Per pair and dimension: a dot product and two updates, each with a multiplication and an addition.
            flops: self.pairs as f64 * 6.0 * config.dimension as f64,
            train_loss: (self.losses > 0).then(|| self.loss / self.losses as f64),
            valid_log_prob,
        });
        (self.loss, self.losses) = (0.0, 0);
        Ok(())
    }

    /// Records the vectors if their mean ln p on the validation sample is the highest so far.
    fn record_best(&mut self, log_prob: f64, model: &CbowLm) {
        let best = self.best.as_ref().map(|best| best.log_prob);
        if best.is_none_or(|best| log_prob > best) && log_prob.is_finite() {
            // The old checkpoint is freed first, because a model may fill half the memory.
            self.best = None;
            self.best = Some(BestCheckpoint {
                log_prob,
                inputs: model.inputs.clone(),
                nodes: model.nodes.clone(),
            });
        }
    }

    /// Restores the best checkpoint.
    fn restore_best(&self, model: &mut CbowLm) {
        if let Some(best) = &self.best {
            model.inputs.clone_from(&best.inputs);
            model.nodes.clone_from(&best.nodes);
        }
    }

    /// Decides after an epoch whether to train another; always, if there is no validation sample.
    fn continue_after_epoch(&mut self, model: &mut CbowLm) -> bool {
        let Some(best) = self.best.as_ref().map(|best| best.log_prob) else {
            return true;
        };
        let previous = self.halving.previous_best.replace(best);
        let improved = previous.is_none_or(|previous| best > previous * (1.0 - MIN_IMPROVEMENT));
        match (improved, self.halving.halvings) {
            (true, 0) => return true,
            (false, 1..) => return false,
            _ => {}
        }
        self.restore_best(model);
        self.halving.halvings += 1;
        true
    }
}
