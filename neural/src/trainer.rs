//! The one training loop: budget, steps, learning curve, checkpoints.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use harness::{Budget, Check, CurvePoint, Training, require};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::checkpoint::{self, State};
use crate::device::require_memory;
use crate::dropout::seed_dropout;
use crate::error::{Error, Result, torch};
use crate::moments::Moments;
use crate::objective::Objective;
use crate::optimiser::{Optimiser, Rule, clip};
use crate::parameters::{Parameters, Weights};
use crate::schedule::Schedule;

/// What a model learns from.
pub trait Task {
    /// The loss of the batch with this number.
    ///
    /// # Errors
    /// Whatever the text meets.
    fn objective(&mut self, weights: &Weights, batch: u64) -> Result<Objective>;

    /// Tokens of a pass over the text.
    fn epoch_tokens(&self) -> u64;

    /// Mean ln p on the validation sample; none without one.
    ///
    /// # Errors
    /// Whatever the model meets.
    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>>;

    /// Floating-point operations of training on a token.
    fn flops_per_token(&self) -> f64;

    /// The model's settings in words: a checkpoint of a training with others is not taken up.
    fn settings(&self) -> String;

    /// About the memory that a batch needs, in bytes, beside the parameters, their gradient and the optimiser.
    fn batch_bytes(&self) -> u64;

    /// What is carried from batch to batch, for checkpoints.
    fn carried(&self) -> Vec<Tensor> {
        Vec::new()
    }

    /// Takes up what was carried.
    fn carry(&mut self, _carried: Vec<Tensor>) {}
}

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What a gradient does.
    pub optimiser: Rule,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// What becomes of it.
    pub schedule: Schedule,
    /// Steps until it is reached.
    pub warmup: u64,
    /// The longest gradient; longer ones are shortened to it. 0: any.
    pub clip: f64,
    /// Batches of one step.
    pub accumulate: u64,
    /// Moments, evenly apart in the last tenth of training, whose parameters are averaged in the end (Vaswani et al. 2017,
    /// section 6.1). 1: those of the end alone.
    pub average: u64,
    /// Passes over the text where no budget says how long.
    pub epochs: f64,
}

/// What served all networks here best within minutes: Adam with a long memory of squared gradients, since a word that comes
/// once in a thousand steps needs one, and a learning rate that falls from the beginning on.
impl Default for Recipe {
    fn default() -> Recipe {
        Recipe {
            optimiser: Rule::AdamW {
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                weight_decay: 0.01,
            },
            learning_rate: 3e-3,
            schedule: Schedule::Cosine,
            warmup: 100,
            clip: 1.0,
            accumulate: 1,
            average: 1,
            epochs: 1.0,
        }
    }
}

impl Recipe {
    /// The same with so many passes if it has fewer: an experiment compares what has learnt something.
    pub fn at_least(self, epochs: f64) -> Recipe {
        Recipe {
            epochs: self.epochs.max(epochs),
            ..self
        }
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> harness::Result<()> {
        self.schedule.validate()?;
        require(&[
            Check::positive("training.learning_rate", self.learning_rate),
            Check::new(
                self.clip >= 0.0,
                "training.clip",
                self.clip,
                "must be 0 (none) or more",
            ),
            Check::new(
                (1..=1 << 20).contains(&self.accumulate),
                "training.accumulate",
                self.accumulate,
                "must be from 1 to 1048576",
            ),
            Check::new(
                (1..=1000).contains(&self.average),
                "training.average",
                self.average,
                "must be from 1 to 1000",
            ),
            Check::new(
                self.epochs > 0.0 && self.epochs <= 1e6,
                "training.epochs",
                self.epochs,
                "must be above 0, at most 1000000",
            ),
        ])
    }
}

/// Points of a learning curve.
const POINTS: f64 = 20.0;
/// Time that validation may take on the way, as a share of that of training: a large model on a small budget is validated
/// less often.
const PATIENCE: f64 = 0.1;

/// Trains until the budget is spent, from the last checkpoint if there is one. Where a budget in time ends worse on the
/// validation sample than a point of the learning curve was, the parameters are those of that point: in time a small text is
/// learnt by heart.
///
/// # Errors
/// [`Error::Diverged`], [`Error::Harness`] when interrupted, [`Error::Memory`] and [`Error::StepMemory`] where memory does
/// not suffice.
pub fn train(
    task: &mut dyn Task,
    parameters: &mut Parameters,
    recipe: &Recipe,
    training: &mut Training<'_>,
) -> Result<()> {
    let mut trainer = Trainer::new(task, parameters, recipe, training)?;
    trainer.resume()?;
    while trainer.share() < 1.0 {
        trainer.step()?;
        let share = trainer.share();
        let (moments, state) = (&mut trainer.moments, &mut trainer.state);
        moments.gather(trainer.parameters, state, recipe.average, share)?;
        if trainer.tick()?.is_break() {
            trainer.checkpoint()?;
            return Err(harness::Error::Interrupted.into());
        }
    }
    let is_new = trainer
        .moments
        .average(trainer.parameters, &mut trainer.state);
    // A training that was stopped when it was done has its last point already.
    let last = trainer.state.curve.last();
    let is_told =
        |point: &CurvePoint| point.step == trainer.state.step && point.valid_log_prob.is_some();
    if is_new || !last.is_some_and(is_told) {
        trainer.point(true)?;
    }
    let returned = trainer
        .moments
        .return_to_best(trainer.parameters, &trainer.state);
    if let Some(note) = returned {
        trainer.training.progress.note(&note);
    }
    trainer.checkpoint()
}

struct Trainer<'a, 'b> {
    task: &'a mut dyn Task,
    parameters: &'a mut Parameters,
    recipe: &'a Recipe,
    training: &'a mut Training<'b>,
    optimiser: Optimiser,
    /// Tokens or time that may be spent.
    limit: Limit,
    state: State,
    moments: Moments,
    /// When this program began to train, less the pauses of validation and what was spent before.
    began: Instant,
    pauses: Duration,
    before: f64,
    saved: Instant,
    /// Losses that were not looked at yet, each with its step.
    losses: Vec<(u64, Tensor)>,
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    Seconds(f64),
    Tokens(u64),
}

impl<'a, 'b> Trainer<'a, 'b> {
    fn new(
        task: &'a mut dyn Task,
        parameters: &'a mut Parameters,
        recipe: &'a Recipe,
        training: &'a mut Training<'b>,
    ) -> Result<Trainer<'a, 'b>> {
        let limit = match (
            training.budget,
            training.budget.tokens(task.epoch_tokens(), recipe.epochs),
        ) {
            (Budget::Time(time), _) => Limit::Seconds(time.as_secs_f64()),
            (_, tokens) => Limit::Tokens(tokens.unwrap_or_else(|| task.epoch_tokens()).max(1)),
        };
        let state = State {
            training: format!(
                "{} {recipe:?} {} {} {} {}",
                task.settings(),
                training.budget,
                training.seed,
                task.epoch_tokens(),
                parameters.count()
            ),
            step: 0,
            tokens: 0,
            seconds: 0.0,
            loss: (0.0, 0),
            curve: Vec::new(),
            averaged: 0,
            best: None,
        };
        // The parameters are there already. Their gradient is once in pieces and once in one.
        let kept = u64::from(matches!(limit, Limit::Seconds(_))) + u64::from(recipe.average > 1);
        let numbers = parameters.count() * (2 + recipe.optimiser.states() as u64 + kept);
        require_memory(parameters.device(), 4 * numbers + task.batch_bytes())?;
        let now = Instant::now();
        Ok(Trainer {
            optimiser: Optimiser::new(recipe.optimiser, parameters)?,
            task,
            parameters,
            recipe,
            training,
            limit,
            state,
            moments: Moments::default(),
            began: now,
            pauses: Duration::ZERO,
            before: 0.0,
            saved: now,
            losses: Vec::new(),
        })
    }

    fn seconds(&self) -> f64 {
        self.before + (self.began.elapsed() - self.pauses).as_secs_f64()
    }

    /// How much of the budget is spent.
    fn share(&self) -> f64 {
        match self.limit {
            Limit::Seconds(seconds) => self.seconds() / seconds,
            Limit::Tokens(tokens) => self.state.tokens as f64 / tokens as f64,
        }
    }

    /// One step of the optimiser.
    fn step(&mut self) -> Result<()> {
        let step = self.state.step;
        let factor = self
            .recipe
            .schedule
            .factor(step, self.recipe.warmup, self.share());
        let batches = self.recipe.accumulate.max(1);
        // `tch` cannot read libtorch's generator back: a seed for each step makes a stopped training go on the same.
        let seed = mix(self.training.seed, step);
        tch::manual_seed(seed);
        seed_dropout(seed as u64);
        for batch in 0..batches {
            with_memory(step, || {
                let weights = self.parameters.weights();
                let objective = self.task.objective(&weights, step * batches + batch)?;
                self.state.tokens += objective.tokens;
                self.losses.push((step, objective.loss.shallow_clone()));
                let objective = objective.scaled(1.0 / batches as f64);
                self.parameters
                    .differentiate(&weights, objective, batch > 0)
            })?;
        }
        let gradient = self.parameters.gradient();
        let limit = Some(self.recipe.clip).filter(|&clip| clip > 0.0);
        let rate = self.recipe.learning_rate * factor;
        with_memory(step, || {
            let scale = tch::no_grad(|| clip(&gradient, limit));
            self.optimiser
                .step(self.parameters, &gradient, &scale, rate);
            Ok(())
        })?;
        self.state.step += 1;
        Ok(())
    }

    /// Looks at the losses, tells how far training is, and does what is due.
    fn tick(&mut self) -> Result<ControlFlow<()>> {
        // A GPU would have to be waited for at each look.
        let patience = match self.parameters.device().is_cuda() {
            true => 16,
            false => 1,
        };
        if self.losses.len() >= patience {
            self.look()?;
        }
        let share = self.share();
        if share < 1.0 && share * POINTS >= (self.state.curve.len() + 1) as f64 {
            self.point(false)?;
        }
        if self.saved.elapsed() > self.training.checkpoint_every && share < 1.0 {
            self.checkpoint()?;
        }
        let (done, total) = match self.limit {
            Limit::Seconds(seconds) => (self.seconds(), seconds),
            Limit::Tokens(tokens) => (self.state.tokens as f64, tokens as f64),
        };
        let progress = &mut *self.training.progress;
        Ok(progress.tick("training", done as u64, Some(total as u64)))
    }

    /// Adds up the losses, and stops where one is not a number.
    fn look(&mut self) -> Result<()> {
        for (step, loss) in std::mem::take(&mut self.losses) {
            let loss = torch("compute the loss", || loss.f_double_value(&[]))?;
            if !loss.is_finite() {
                return Err(self.diverged(step));
            }
            self.state.loss.0 += loss;
            self.state.loss.1 += 1;
        }
        Ok(())
    }

    fn diverged(&self, step: u64) -> Error {
        let kept = self.training.checkpoints.as_deref();
        let kept = kept.and_then(|folder| checkpoint::list(folder).ok()?.pop());
        Error::Diverged {
            step,
            learning_rate: self.recipe.learning_rate,
            kept: kept.map_or(
                "no checkpoint was made before".to_owned(),
                |path: PathBuf| format!("the last good state is in {}", path.display()),
            ),
        }
    }

    /// A point of the learning curve; its validation does not count as training.
    fn point(&mut self, is_last: bool) -> Result<()> {
        self.look()?;
        let seconds = self.seconds();
        let pause = Instant::now();
        let valid_log_prob = match is_last || self.pauses.as_secs_f64() <= PATIENCE * seconds {
            true => with_memory(self.state.step, || {
                tch::no_grad(|| self.task.validate(&self.parameters.exact_weights()))
            })?,
            false => None,
        };
        // Which points are validated is the machine's affair; what comes of so many tokens must not be.
        if let (Limit::Seconds(_), Some(log_prob)) = (self.limit, valid_log_prob) {
            self.moments
                .keep(self.parameters, &mut self.state, log_prob)?;
        }
        let (sum, number) = std::mem::take(&mut self.state.loss);
        let point = CurvePoint {
            step: self.state.step,
            tokens: self.state.tokens,
            seconds,
            flops: self.task.flops_per_token() * self.state.tokens as f64,
            train_loss: (number > 0).then(|| sum / number as f64),
            valid_log_prob,
        };
        self.training.progress.point(&point);
        self.state.curve.push(point);
        self.pauses += pause.elapsed();
        Ok(())
    }

    /// Saves everything, if there is a place for it; refuses parameters that are no numbers in any case.
    fn checkpoint(&mut self) -> Result<()> {
        self.look()?;
        let (master, _) = self.parameters.master();
        let finite = torch("look at the parameters", || {
            master.f_isfinite()?.f_all()?.f_int64_value(&[])
        })?;
        if finite == 0 {
            return Err(self.diverged(self.state.step));
        }
        let Some(folder) = self.training.checkpoints.clone() else {
            return Ok(());
        };
        self.state.seconds = self.seconds();
        let mut tensors = BTreeMap::from([("parameters".to_owned(), master)]);
        let states = self.optimiser.states.iter().map(Tensor::shallow_clone);
        let sum = self.moments.sum.iter().map(Tensor::shallow_clone);
        let best = self.moments.best.iter().map(Tensor::shallow_clone);
        for (name, list) in [
            ("average", sum.collect::<Vec<_>>()),
            ("best", best.collect()),
            ("optimiser", states.collect()),
            ("carried", self.task.carried()),
        ] {
            let named = (0..).zip(list);
            tensors.extend(
                named.map(|(at, tensor): (usize, Tensor)| (format!("{name}.{at}"), tensor)),
            );
        }
        checkpoint::save(&folder, &self.state, &tensors)?;
        self.saved = Instant::now();
        Ok(())
    }

    /// Goes on from the last checkpoint that can be read; says so where one cannot.
    fn resume(&mut self) -> Result<()> {
        let Some(folder) = self.training.checkpoints.clone() else {
            return Ok(());
        };
        for path in checkpoint::list(&folder)?.into_iter().rev() {
            let taken = checkpoint::load(&path).and_then(|loaded| self.take_up(loaded, &path));
            match taken {
                Ok(()) => {
                    let note = format!("training goes on after step {}", self.state.step);
                    self.training.progress.note(&note);
                    break;
                }
                Err(error) => {
                    let note = format!("{error}; the checkpoint before is used, or the beginning");
                    self.training.progress.note(&note);
                }
            }
        }
        self.began = Instant::now();
        self.before = self.state.seconds;
        for point in &self.state.curve {
            self.training.progress.point(point);
        }
        Ok(())
    }

    fn take_up(
        &mut self,
        (state, mut tensors): (State, BTreeMap<String, Tensor>),
        path: &std::path::Path,
    ) -> Result<()> {
        let refuse = |what: &str| Error::Checkpoint {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        if state.training != self.state.training {
            return Err(refuse("of a training with other settings"));
        }
        let (master, _) = self.parameters.master();
        let mut take = |name: String, like: &Tensor| match tensors.remove(&name) {
            Some(tensor) if tensor.size() == like.size() && tensor.kind() == Kind::Float => {
                Ok(tensor.to_device(like.device()))
            }
            _ => Err(refuse(&format!("{name} is missing or of another model"))),
        };
        let parameters = take("parameters".to_owned(), &master)?;
        let states: Result<Vec<Tensor>> = (0..self.optimiser.states.len())
            .map(|at| take(format!("optimiser.{at}"), &master))
            .collect();
        let states = states?;
        let sum = match state.averaged {
            0 => None,
            _ => Some(take("average.0".to_owned(), &master)?),
        };
        let best = match state.best {
            None => None,
            Some(_) => Some(take("best.0".to_owned(), &master)?),
        };
        // Nothing is missing: only now it is taken up.
        self.moments = Moments { sum, best };
        for (own, saved) in self.optimiser.states.iter().zip(states) {
            own.shallow_clone().copy_(&saved);
        }
        let device = self.parameters.device();
        let carried = (0..).map_while(|at| tensors.remove(&format!("carried.{at}")));
        self.task
            .carry(carried.map(|tensor| tensor.to_device(device)).collect());
        tch::no_grad(|| master.shallow_clone().copy_(&parameters));
        self.parameters.refresh();
        self.optimiser.steps = state.step;
        self.state = state;
        Ok(())
    }
}

/// What libtorch says where memory runs out, on a GPU and on the CPU.
const OUT_OF_MEMORY: [&str; 3] = ["out of memory", "allocate memory", "not enough memory"];

/// Does a part of a step. libtorch's operations panic where memory runs out; that is the user's affair, not a bug.
pub(crate) fn with_memory<T>(step: u64, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map_or("", |what| what);
        let is_it = |line: &&str| OUT_OF_MEMORY.iter().any(|words| line.contains(words));
        let line = what.lines().find(is_it);
        match line {
            Some(line) => Err(Error::StepMemory {
                step,
                what: line.trim().chars().take(200).collect(),
            }),
            None => resume_unwind(panic),
        }
    })
}

/// A seed for each step of each training (SplitMix64's finaliser).
fn mix(seed: u64, step: u64) -> i64 {
    let mut mixed = seed.wrapping_add((step + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as i64
}
