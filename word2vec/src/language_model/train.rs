//! Training of the language model: one thread, so that the same seed gives the same bytes.

use std::ops::ControlFlow;
use std::time::Instant;

use corpus::{Prefix, Text, TokenId};
use harness::{Budget, CurvePoint, LanguageModel, Training};

use super::{CbowLm, LmConfig, tree::Tree};
use crate::blocks::blocks;
use crate::error::{Error, Result};
use crate::kernel::{Kernel, Output, Scratch, Step};
use crate::matrix::{Matrix, Shared};
use crate::sigmoid::Saturated;
use crate::train::initialise;

/// Points of a learning curve for each pass.
const POINTS: usize = 4;

/// What a pass must gain in mean ln p on the validation sample, as a share of it, to be worth another of that step size.
const GAIN: f64 = 0.003;

/// When to stop where a budget in time leaves more passes than there is to learn: from the first pass on that gains next to
/// nothing each begins from the best moment so far with steps half as large, and the second that gains next to nothing is the
/// last (Mikolov et al. 2010, *Recurrent neural network based language model*, section 2).
#[derive(Debug, Default)]
struct Halving {
    /// Mean ln p of the best moment before the pass.
    before: Option<f64>,
    /// How often steps were halved.
    times: i32,
}

/// The vectors that were best on the validation sample.
struct Best {
    log_prob: f64,
    inputs: Matrix,
    nodes: Matrix,
}

/// What grows while training goes on.
struct Course {
    began: Instant,
    /// Seconds that validation took.
    aside: f64,
    tokens: u64,
    pairs: u64,
    loss: f64,
    losses: u64,
    best: Option<Best>,
    halving: Halving,
}

impl LmConfig {
    /// Learns from a text of ids below `vocab_size`; of all points of the learning curve, the model is that of the best on the
    /// validation sample. A budget in time is a limit: training ends when passes bring nothing any more.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`Error::FewWords`], [`Error::NotFinite`], and [`Error::Harness`] when interrupted.
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
        for block in blocks(text.len()) {
            let tokens = text.read(block);
            tokens.iter().for_each(|&token| counts[token as usize] += 1);
        }
        let mut model = CbowLm {
            config: self.clone(),
            tree: Tree::new(counts),
            inputs: Matrix::zeros(vocab_size, self.dimension),
            nodes: Matrix::zeros(vocab_size - 1, self.dimension),
        };
        initialise(&mut model.inputs, 0.0, training.seed);
        let mut course = Course {
            began: Instant::now(),
            aside: 0.0,
            tokens: 0,
            pairs: 0,
            loss: 0.0,
            losses: 0,
            best: None,
            halving: Halving::default(),
        };
        // Stretches of the text, so that points of the curve lie between them.
        let stretch = text.len().div_ceil(POINTS);
        let mut from = 0;
        loop {
            if course.share(training.budget, budget) >= 1.0 {
                break;
            }
            let mut end = text.len().min(from + stretch);
            if let Some(budget) = budget {
                end = end.min(from + (budget - course.tokens) as usize);
            }
            self.pass(&mut model, &text, from..end, budget, training, &mut course)?;
            if !(model.inputs.is_finite() && model.nodes.is_finite()) {
                return Err(Error::NotFinite {
                    tokens: course.tokens,
                    learning_rate: self.learning_rate,
                    kept: "nothing is kept of it".to_owned(),
                });
            }
            course.point(self, &model, training)?;
            from = if end == text.len() { 0 } else { end };
            let is_timed = matches!(training.budget, Budget::Time(_));
            if is_timed && from == 0 && !course.goes_on(&mut model) {
                break;
            }
        }
        course.return_to_best(&mut model);
        Ok(model)
    }

    /// Trains on a stretch of the text.
    fn pass<T: Text + ?Sized>(
        &self,
        model: &mut CbowLm,
        text: &T,
        range: std::ops::Range<usize>,
        budget: Option<u64>,
        training: &mut Training<'_>,
        course: &mut Course,
    ) -> Result<()> {
        let tree = &model.tree;
        let (inputs, nodes) = (model.inputs.share(), model.nodes.share());
        let mut learner = Learner::new(inputs, nodes);
        // The words before the stretch are context, too.
        let mut context = text.read(range.start.saturating_sub(self.window)..range.start);
        for start in (range.start..range.end).step_by(PIECE) {
            let share = course.share(training.budget, budget);
            if share >= 1.0 {
                break;
            }
            let falling = 0.5_f64.powi(course.halving.times) * (1.0 - share).max(1e-4);
            let rate = (self.learning_rate * falling) as f32;
            let tokens = text.read(start..range.end.min(start + PIECE));
            let known = context.len();
            context.extend(&tokens);
            for at in known..context.len() {
                let before = &context[at.saturating_sub(self.window)..at];
                learner.learn(before, tree, context[at], rate);
            }
            course.tokens += tokens.len() as u64;
            course.pairs += std::mem::take(&mut learner.pairs);
            // One step of the piece stands for all.
            course.loss += learner.step.loss(rate);
            course.losses += 1;
            context.drain(..context.len().saturating_sub(self.window));
            let tick = training.progress.tick("training", course.tokens, budget);
            if tick == ControlFlow::Break(()) {
                return Err(harness::Error::Interrupted.into());
            }
        }
        Ok(())
    }
}

/// Tokens between two looks at the learning rate.
const PIECE: usize = 1024;

/// Takes steps.
struct Learner<'a> {
    inputs: Shared<'a>,
    nodes: Shared<'a>,
    step: Step,
    mean: Scratch,
    pairs: u64,
}

impl<'a> Learner<'a> {
    fn new(inputs: Shared<'a>, nodes: Shared<'a>) -> Learner<'a> {
        Learner {
            inputs,
            nodes,
            step: Step::new(Kernel::best(), inputs.stride()),
            mean: Scratch::default(),
            pairs: 0,
        }
    }

    /// The words before against the path of the next.
    #[allow(unsafe_code)]
    fn learn(&mut self, before: &[TokenId], tree: &Tree, token: TokenId, rate: f32) {
        if before.is_empty() {
            return;
        }
        let path = tree.path(token);
        self.step.outputs.clear();
        for (&node, &turn) in path.nodes.iter().zip(&path.turns) {
            self.step.outputs.push(Output {
                vector: self.nodes.row(node),
                label: if turn { 0.0 } else { 1.0 },
                saturated: Saturated::Certain,
            });
        }
        self.pairs += path.nodes.len() as u64;
        let stride = self.inputs.stride();
        let around: Vec<*mut f32> = before.iter().map(|&token| self.inputs.row(token)).collect();
        self.mean.clear(1, stride);
        let mean = self.mean.row(0, stride);
        self.step.inputs.clear();
        self.step.inputs.push(mean);
        // SAFETY: rows of shared matrices and of a scratch, aligned and of one stride.
        unsafe {
            self.step.mean(&around, mean);
            let change = self.step.run_for_change(rate);
            self.step.add(&around, change);
        }
    }
}

impl Course {
    fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64() - self.aside
    }

    /// How much of the budget is spent: of its time, or of so many tokens.
    fn share(&self, budget: Budget, tokens: Option<u64>) -> f64 {
        match (budget, tokens) {
            (Budget::Time(time), _) => self.seconds() / time.as_secs_f64(),
            (_, tokens) => self.tokens as f64 / tokens.unwrap_or(u64::MAX) as f64,
        }
    }

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
            self.keep(log_prob, model);
        }
        self.aside += self.seconds() - seconds;
        training.progress.point(&CurvePoint {
            step: self.tokens,
            tokens: self.tokens,
            seconds,
            // A product and two changes, each a multiplication and an addition for each number of a vector.
            flops: self.pairs as f64 * 6.0 * config.dimension as f64,
            train_loss: (self.losses > 0).then(|| self.loss / self.losses as f64),
            valid_log_prob,
        });
        (self.loss, self.losses) = (0.0, 0);
        Ok(())
    }

    /// Keeps the vectors if none before had so high a mean ln p on the validation sample.
    fn keep(&mut self, log_prob: f64, model: &CbowLm) {
        let best = self.best.as_ref().map(|best| best.log_prob);
        if best.is_none_or(|best| log_prob > best) && log_prob.is_finite() {
            // Not both at once: a model may fill half the memory.
            self.best = None;
            self.best = Some(Best {
                log_prob,
                inputs: model.inputs.clone(),
                nodes: model.nodes.clone(),
            });
        }
    }

    /// Makes the vectors those that were best.
    fn return_to_best(&self, model: &mut CbowLm) {
        if let Some(best) = &self.best {
            model.inputs.clone_from(&best.inputs);
            model.nodes.clone_from(&best.nodes);
        }
    }

    /// After a pass: whether another is worth it; without validation always.
    fn goes_on(&mut self, model: &mut CbowLm) -> bool {
        let Some(best) = self.best.as_ref().map(|best| best.log_prob) else {
            return true;
        };
        let before = self.halving.before.replace(best);
        let gains = before.is_none_or(|before| best > before * (1.0 - GAIN));
        match (gains, self.halving.times) {
            (true, 0) => return true,
            (false, 1..) => return false,
            _ => {}
        }
        self.return_to_best(model);
        self.halving.times += 1;
        true
    }
}
