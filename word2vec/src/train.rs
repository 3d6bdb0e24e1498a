//! Training: threads, progress, the end.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use corpus::{Prefix, Text, Vocab};
use harness::{Budget, CurvePoint, Training};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::faithful::Faithful;
use crate::fast::{Layers, Worker, thresholds};
use crate::keep::Keeper;
use crate::matrix::Matrix;
use crate::model::Model;
use crate::noise::Noise;
use crate::phrases::Phrases;
use crate::plan::{Done, Plan};
use crate::random::Random;
use crate::words::Words;

/// How often progress is looked at.
const PAUSE: Duration = Duration::from_millis(20);
/// Points of a learning curve.
const POINTS: u64 = 20;

impl Config {
    /// Learns vectors of the words of `text`, whose tokens are of `vocab`.
    ///
    /// With one thread the same seed gives the same bytes; with more, or with a budget of time, it does not.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`Error::FewWords`], [`Error::NotFinite`], and [`Error::Harness`] when interrupted.
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab: &Vocab,
        training: &mut Training<'_>,
    ) -> Result<Model> {
        self.validate()?;
        let length = text.len() as u64;
        let (passes, time) = match (training.budget, training.budget.tokens(length, self.epochs)) {
            (Budget::Time(time), _) => (f64::INFINITY, Some(time)),
            (_, tokens) => (tokens.unwrap_or(length) as f64 / length.max(1) as f64, None),
        };
        // Less than a pass takes the beginning of the text.
        let text = Prefix::new(text, (length as f64 * passes.min(1.0)).round() as u64);
        let passes = passes.max(1.0);
        if training.progress.tick("counting", 0, Some(length)) == ControlFlow::Break(()) {
            return Err(harness::Error::Interrupted.into());
        }
        let passes_of_phrases = (self.phrases, self.phrase_threshold);
        let phrases = Phrases::learn(
            &text,
            vocab,
            self.min_count,
            passes_of_phrases,
            training.progress,
        )?;
        let words = Words::count(&text, vocab, phrases, self.min_count)?;
        let plan = Plan::new(self, &words, passes, time);
        let mut inputs = Matrix::zeros(words.len(), self.dimension);
        initialise(&mut inputs, self.initial_length, training.seed);
        let done = Done::default();
        let mut keeper = Keeper::new(training.checkpoints.as_deref(), &words, vocab);
        match self.faithful {
            true => {
                let mut program = Faithful::new(&plan, inputs, training.seed);
                // It is there to be compared with the program, which keeps nothing either.
                watch(&plan, &done, training, &mut || Ok(()), |scope| {
                    vec![scope.spawn(|| program.run(&text, &done))]
                })?;
                inputs = program.inputs;
            }
            false => fast(&plan, &done, &mut inputs, &text, training, &mut keeper)?,
        }
        if done.lost.load(Relaxed) || !inputs.is_finite() {
            return Err(Error::NotFinite {
                tokens: done.read.load(Relaxed),
                learning_rate: self.learning_rate,
                kept: keeper.kept(),
            });
        }
        point(&plan, &done, training);
        Model::new(self.clone(), &words, &inputs, vocab)
    }

    /// Threads that a training runs in, on a text of so many sentences.
    fn threads(&self, sentences: u64) -> Result<usize> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let most = usize::try_from(sentences.max(1)).unwrap_or(usize::MAX);
        match self.threads {
            0 => Ok(cores.min(most)),
            threads if threads > most => Err(harness::Error::Setting {
                field: "threads",
                value: threads.to_string(),
                bound: format!("must be at most {most}, for there are no more lines than that"),
            }
            .into()),
            threads => Ok(threads),
        }
    }
}

/// Uniform around 0, in the order and by the draws of the C program; within half a D-th, as there, if `length` is 0.
pub(crate) fn initialise(inputs: &mut Matrix, length: f64, seed: u64) {
    let mut random = Random::new(seed);
    let dimension = inputs.row(0).len() as f64;
    let width = match length > 0.0 {
        // The mean square of a uniform number is a twelfth of the width's.
        true => length * (12.0 / dimension).sqrt(),
        false => 1.0 / dimension,
    };
    for row in 0..inputs.rows() {
        let row = inputs.row_mut(row);
        row.iter_mut().for_each(|number| {
            *number = ((f64::from(random.coarse()) - 0.5) * width) as f32;
        });
    }
}

fn fast<T: Text + ?Sized>(
    plan: &Plan<'_>,
    done: &Done,
    inputs: &mut Matrix,
    text: &T,
    training: &mut Training<'_>,
    keeper: &mut Keeper<'_>,
) -> Result<()> {
    let config = plan.config;
    let (words, dimension) = (plan.words.len(), config.dimension);
    let mut outputs = (config.negative > 0).then(|| Matrix::zeros(words, dimension));
    let mut nodes = config
        .hierarchical_softmax
        .then(|| Matrix::zeros(words - 1, dimension));
    let layers = Layers {
        inputs: inputs.share(),
        outputs: outputs.as_mut().map(Matrix::share),
        nodes: nodes.as_mut().map(Matrix::share),
    };
    let noise = Noise::new(&plan.words.counts, config.noise_exponent);
    let keep = thresholds(&plan.words.keep(config.subsample));
    let stretches = stretches(text.len(), config.threads(plan.words.counts[0])?);
    let (noise, keep) = (&noise, &keep[..]);
    let seed = training.seed;
    let mut write = || keeper.keep(layers.inputs);
    watch(plan, done, training, &mut write, |scope| {
        let start = |(number, stretch): (usize, Range<usize>)| {
            let mut seeds = Random::new(seed ^ (number as u64) << 32);
            // Neighbouring seeds give neighbouring numbers at first.
            for _ in 0..8 {
                seeds.step();
            }
            scope.spawn(move || {
                let worker = Worker::new(plan, done, layers, noise, keep, seeds.step());
                worker.run(text, stretch);
            })
        };
        stretches.into_iter().enumerate().map(start).collect()
    })
}

/// As many stretches of a text, of about the same length.
fn stretches(tokens: usize, number: usize) -> Vec<Range<usize>> {
    let start = |at: usize| (tokens as u128 * at as u128 / number as u128) as usize;
    (0..number).map(|at| start(at)..start(at + 1)).collect()
}

/// Reports progress while threads work, and stops them where that is wanted.
fn watch<'scope, 'env: 'scope>(
    plan: &'env Plan<'_>,
    done: &'env Done,
    training: &mut Training<'_>,
    keep: &mut dyn FnMut() -> Result<()>,
    start: impl for<'s> FnOnce(
        &'s std::thread::Scope<'s, 'env>,
    ) -> Vec<std::thread::ScopedJoinHandle<'s, ()>>,
) -> Result<()> {
    let mut interrupted = false;
    let mut points = 1;
    let mut kept = Ok(());
    std::thread::scope(|scope| {
        let threads = start(scope);
        while !threads.iter().all(|thread| thread.is_finished()) {
            std::thread::sleep(PAUSE);
            let share = plan.share(done.read.load(Relaxed));
            let tick = training
                .progress
                .tick("training", (share * 1000.0) as u64, Some(1000));
            interrupted |= tick == ControlFlow::Break(());
            if interrupted || (plan.time.is_some() && share >= 1.0) {
                done.stop.store(true, Relaxed);
            }
            if (share * POINTS as f64) as u64 >= points && share < 1.0 {
                points = (share * POINTS as f64) as u64 + 1;
                point(plan, done, training);
                if kept.is_ok() {
                    kept = keep();
                }
            }
        }
    });
    match interrupted {
        true => Err(harness::Error::Interrupted.into()),
        false => kept,
    }
}

fn point(plan: &Plan<'_>, done: &Done, training: &mut Training<'_>) {
    let read = done.read.load(Relaxed);
    // A product and two changes, each a multiplication and an addition for each number of a vector.
    let flops = done.pairs.load(Relaxed) as f64 * 6.0 * plan.config.dimension as f64;
    training.progress.point(&CurvePoint {
        step: read,
        tokens: read,
        seconds: plan.began.elapsed().as_secs_f64(),
        flops,
        train_loss: done.take_loss(),
        valid_log_prob: None,
    });
}
