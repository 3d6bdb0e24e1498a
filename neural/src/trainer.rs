//! The training loop: steps until the budget is spent, learning curve, checkpoints.

use std::ops::ControlFlow;
use std::time::Instant;

use corpus::sha256_of_file;
use harness::{CurvePoint, ModelCard, Training};
use tch::Tensor;

use crate::best_checkpoint::BestCheckpoint;
use crate::budget_clock::{BudgetClock, Limit};
use crate::checkpoint::{self, Counters};
use crate::checkpoint_average::CheckpointAverage;
use crate::dropout::seed_dropout;
use crate::error::{Error, Result, torch};
use crate::memory::{catch_out_of_memory, require_memory};
use crate::optimizer::{Optimizer, clip_factor};
use crate::parameters::{Accumulation, Parameters};
use crate::task::Task;
use crate::trained_weights::WEIGHTS;
use crate::training_config::TrainingConfig;
use crate::training_state::TrainingState;

/// Points of a learning curve.
const CURVE_POINTS: f64 = 20.0;
/// Validation may take this share of the training time; a large model on a small budget is validated less often.
const VALIDATION_SHARE: f64 = 0.1;
/// The points at a quarter and at half of the budget, which are always validated: the end of a curve is judged by them, and on
/// every machine alike.
const LANDMARKS: [usize; 2] = [5, 10];

/// Trains until the budget is spent, from the weights of [`Training::init_from`] if it is set, resuming from the last
/// checkpoint if there is one. With a time budget, small texts overfit: training then restores the checkpoint with the
/// lowest validation loss.
///
/// # Errors
/// [`Error::Diverged`]; [`Error::Harness`] when interrupted; [`Error::Memory`] and [`Error::StepMemory`] if there is too
/// little memory; [`Error::MissingTensor`], [`Error::UnexpectedTensor`] and [`Error::Shape`] for initial weights with other
/// names or shapes.
pub fn train(
    task: &mut dyn Task,
    parameters: &mut Parameters,
    config: &TrainingConfig,
    training: &mut Training<'_>,
) -> Result<()> {
    if let Some(folder) = &training.init_from {
        parameters.load(&ModelCard::open(folder)?.file(folder, WEIGHTS)?)?;
    }
    let mut trainer = Trainer::new(task, parameters, config, training)?;
    trainer.resume()?;
    while trainer.share() < 1.0 {
        trainer.step()?;
        trainer.update_average()?;
        trainer.record_if_due()?;
        if trainer.show_progress().is_break() {
            trainer.save_checkpoint()?;
            return Err(harness::Error::Interrupted.into());
        }
    }
    trainer.finish()
}

struct Trainer<'a, 'b> {
    task: &'a mut dyn Task,
    parameters: &'a mut Parameters,
    config: &'a TrainingConfig,
    training: &'a mut Training<'b>,
    state: TrainingState,
    clock: BudgetClock,
    last_checkpoint: Instant,
    /// Losses that have not been read from the device yet, each with its step.
    pending_losses: Vec<(u64, Tensor)>,
}

impl<'a, 'b> Trainer<'a, 'b> {
    fn new(
        task: &'a mut dyn Task,
        parameters: &'a mut Parameters,
        config: &'a TrainingConfig,
        training: &'a mut Training<'b>,
    ) -> Result<Trainer<'a, 'b>> {
        let limit = Limit::new(training, task.epoch_tokens(), config.epochs);
        let fingerprint = format!(
            "{} {config:?} {} {} {} {}",
            task.fingerprint(),
            training.budget,
            training.seed,
            task.epoch_tokens(),
            parameters.count()
        );
        let fingerprint = match &training.init_from {
            Some(folder) => format!(
                "{fingerprint} {}",
                sha256_of_file(&ModelCard::open(folder)?.file(folder, WEIGHTS)?)?
            ),
            None => fingerprint,
        };
        // The parameters are already allocated; their gradient exists twice, per parameter and flat.
        let best = u64::from(matches!(limit, Limit::Seconds(_)));
        let average = u64::from(config.averaged_checkpoints > 1);
        let copies = 2 + config.optimizer.num_states() as u64 + best + average;
        let needed = 4 * parameters.count() * copies + task.batch_bytes();
        require_memory(parameters.device(), needed)?;
        Ok(Trainer {
            state: TrainingState {
                counters: Counters::new(fingerprint),
                optimizer: Optimizer::new(config.optimizer, parameters)?,
                average: CheckpointAverage::default(),
                best: BestCheckpoint::default(),
            },
            task,
            parameters,
            config,
            training,
            clock: BudgetClock::new(limit),
            last_checkpoint: Instant::now(),
            pending_losses: Vec::new(),
        })
    }

    /// Spent share of the budget.
    fn share(&self) -> f64 {
        self.clock.share(self.state.counters.tokens)
    }

    /// One optimizer step: forward and backward pass of its batches, clipping, update.
    fn step(&mut self) -> Result<()> {
        let step = self.state.counters.step;
        let (schedule, warmup) = (self.config.schedule, self.config.warmup_steps);
        let learning_rate = self.config.learning_rate * schedule.factor(step, warmup, self.share());
        // `tch` cannot save the state of libtorch's generator; a seed for each step lets a resumed run draw the same numbers.
        let seed = step_seed(self.training.seed, step);
        tch::manual_seed(seed);
        seed_dropout(seed as u64);
        self.accumulate_gradient(step)?;
        let gradient = self.parameters.gradient();
        catch_out_of_memory(step, || {
            let scale = tch::no_grad(|| clip_factor(&gradient, self.config.max_grad_norm));
            let optimizer = &mut self.state.optimizer;
            optimizer.step(self.parameters, &gradient, &scale, learning_rate);
            Ok(())
        })?;
        self.state.counters.step += 1;
        Ok(())
    }

    /// Computes the mean gradient of the batches of one step.
    fn accumulate_gradient(&mut self, step: u64) -> Result<()> {
        let batches = self.config.accumulation_steps.max(1);
        for batch in 0..batches {
            let accumulation = match batch {
                0 => Accumulation::Replace,
                _ => Accumulation::Add,
            };
            catch_out_of_memory(step, || {
                let weights = self.parameters.weights();
                let loss = self.task.loss(&weights, step * batches + batch)?;
                self.state.counters.tokens += loss.tokens;
                self.pending_losses.push((step, loss.value.shallow_clone()));
                let loss = loss.scaled(1.0 / batches as f64);
                self.parameters.backward(&weights, loss, accumulation)
            })?;
        }
        Ok(())
    }

    fn update_average(&mut self) -> Result<()> {
        let (step, share) = (self.state.counters.step, self.share());
        let number = self.config.averaged_checkpoints;
        let average = &mut self.state.average;
        average.update(self.parameters, step, number, share)
    }

    /// Reads the losses, adds a point to the learning curve and writes a checkpoint, each when it is due.
    fn record_if_due(&mut self) -> Result<()> {
        // Reading a loss waits for a GPU, so there the losses of several steps are read together.
        let interval = match self.parameters.device().is_cuda() {
            true => 16,
            false => 1,
        };
        if self.pending_losses.len() >= interval {
            self.read_losses()?;
        }
        let share = self.share();
        let next_point = self.state.counters.curve.len() + 1;
        if share < 1.0 && share * CURVE_POINTS >= next_point as f64 {
            let is_affordable =
                self.clock.paused.as_secs_f64() <= VALIDATION_SHARE * self.clock.seconds();
            match is_affordable || LANDMARKS.contains(&next_point) {
                true => self.add_validated_point()?,
                false => self.add_point(None)?,
            }
        }
        if self.last_checkpoint.elapsed() > self.training.checkpoint_every && share < 1.0 {
            self.save_checkpoint()?;
        }
        Ok(())
    }

    fn show_progress(&mut self) -> ControlFlow<()> {
        let (done, total) = self.clock.progress(self.state.counters.tokens);
        self.training.progress.tick("training", done, Some(total))
    }

    /// Adds the pending losses to the counters.
    fn read_losses(&mut self) -> Result<()> {
        for (step, loss) in std::mem::take(&mut self.pending_losses) {
            let loss = torch("compute the loss", || loss.f_double_value(&[]))?;
            if !loss.is_finite() {
                return Err(self.diverged(step));
            }
            self.state.counters.loss_sum += loss;
            self.state.counters.loss_count += 1;
        }
        Ok(())
    }

    fn diverged(&self, step: u64) -> Error {
        let folder = self.training.checkpoints.as_deref();
        let last = folder.and_then(|folder| checkpoint::list(folder).ok()?.pop());
        Error::Diverged {
            step,
            learning_rate: self.config.learning_rate,
            kept: match last {
                None => "no checkpoint was written before".to_owned(),
                Some(path) => format!("the last checkpoint is {}", path.display()),
            },
        }
    }

    /// Validates and adds a point to the learning curve. Validation does not count as training time.
    fn add_validated_point(&mut self) -> Result<()> {
        self.read_losses()?;
        let started = Instant::now();
        let step = self.state.counters.step;
        let log_prob = catch_out_of_memory(step, || {
            tch::no_grad(|| self.task.validate(&self.parameters.eval_weights()))
        })?;
        self.clock.paused += started.elapsed();
        // Which points are validated depends on the machine's speed, but the result of a token budget must not.
        if let (Limit::Seconds(_), Some(log_prob)) = (self.clock.limit, log_prob) {
            let best = &mut self.state.best;
            best.update(self.parameters, step, log_prob)?;
        }
        self.add_point(log_prob)
    }

    fn add_point(&mut self, valid_log_prob: Option<f64>) -> Result<()> {
        self.read_losses()?;
        let seconds = self.clock.seconds();
        let counters = &mut self.state.counters;
        let point = CurvePoint {
            step: counters.step,
            tokens: counters.tokens,
            seconds,
            flops: self.task.flops_per_token() * counters.tokens as f64,
            train_loss: counters.take_mean_loss(),
            valid_log_prob,
        };
        self.training.progress.point(&point);
        counters.curve.push(point);
        Ok(())
    }

    /// Averages checkpoints, adds the last point, restores the best checkpoint and writes the final one.
    fn finish(&mut self) -> Result<()> {
        let is_new = self.state.average.finish(self.parameters);
        // A run that was interrupted after its last step already has its last point.
        let counters = &self.state.counters;
        let is_final =
            |point: &CurvePoint| point.step == counters.step && point.valid_log_prob.is_some();
        if is_new || !counters.curve.last().is_some_and(is_final) {
            self.add_validated_point()?;
        }
        let last = self.state.counters.curve.last();
        let last = last.and_then(|point| point.valid_log_prob);
        if let Some(note) = self.state.best.restore(self.parameters, last) {
            self.training.progress.note(&note);
        }
        self.save_checkpoint()
    }

    /// Writes a checkpoint if there is a folder for it. Fails in any case if a parameter is not finite.
    fn save_checkpoint(&mut self) -> Result<()> {
        self.read_losses()?;
        let (master, _) = self.parameters.master();
        let finite = torch("check the parameters", || {
            master.f_isfinite()?.f_all()?.f_int64_value(&[])
        })?;
        if finite == 0 {
            return Err(self.diverged(self.state.counters.step));
        }
        let Some(folder) = &self.training.checkpoints else {
            return Ok(());
        };
        self.state.counters.seconds = self.clock.seconds();
        let carried = self.task.carried_state();
        let (counters, tensors) = self.state.to_checkpoint(self.parameters, carried);
        checkpoint::save(folder, &counters, &tensors)?;
        self.last_checkpoint = Instant::now();
        Ok(())
    }

    /// Resumes from the last readable checkpoint; notes name unreadable ones.
    fn resume(&mut self) -> Result<()> {
        let Some(folder) = self.training.checkpoints.clone() else {
            return Ok(());
        };
        for path in checkpoint::list(&folder)?.into_iter().rev() {
            let restored = checkpoint::load(&path).and_then(|loaded| {
                let state = &mut self.state;
                state.restore(loaded, self.parameters, self.task, &path)
            });
            match restored {
                Ok(()) => {
                    let note = format!("resumed after step {}", self.state.counters.step);
                    self.training.progress.note(&note);
                    break;
                }
                Err(error) => {
                    let note = format!("{error}; trying the previous checkpoint");
                    self.training.progress.note(&note);
                }
            }
        }
        self.clock.resume(self.state.counters.seconds);
        for point in &self.state.counters.curve {
            self.training.progress.point(point);
        }
        Ok(())
    }
}

/// A seed for each step of each run (SplitMix64's finaliser).
fn step_seed(seed: u64, step: u64) -> i64 {
    let mut mixed = seed.wrapping_add((step + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as i64
}
