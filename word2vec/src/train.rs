//! Training: preparation, threads and progress.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use corpus::{Prefix, Text, Vocab};
use harness::{Budget, CurvePoint, Training};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::hogwild::{Weights, Worker, thresholds};
use crate::lcg::Lcg;
use crate::matrix::Matrix;
use crate::model::Model;
use crate::noise::NoiseDistribution;
use crate::phrases::Phrases;
use crate::reference::ReferenceTrainer;
use crate::snapshot::SnapshotWriter;
use crate::training_context::{SharedProgress, TrainingContext};
use crate::word_vocab::WordVocab;

/// Time between two progress reports.
const TICK_INTERVAL: Duration = Duration::from_millis(20);
/// Number of points of the learning curve.
const POINTS: u64 = 20;

impl Config {
    /// Trains vectors for the words of `text`, whose tokens are ids of `vocab`.
    ///
    /// With one thread the same seed gives the same bytes; with several threads or a time budget the result varies.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if a setting is out of bounds, [`Error::FewWords`] if the text has too few words,
    /// [`Error::NotFinite`] if training diverges, and [`Error::Harness`] on interruption and I/O errors.
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab: &Vocab,
        training: &mut Training<'_>,
    ) -> Result<Model> {
        self.validate()?;
        let length = text.len() as u64;
        let (epochs, time) = match (training.budget, training.budget.tokens(length, self.epochs)) {
            (Budget::Time(time), _) => (f64::INFINITY, Some(time)),
            (_, tokens) => (tokens.unwrap_or(length) as f64 / length.max(1) as f64, None),
        };
        // Less than an epoch uses the beginning of the text.
        let text = Prefix::new(text, (length as f64 * epochs.min(1.0)).round() as u64);
        let epochs = epochs.max(1.0);
        if training.progress.tick("counting", 0, Some(length)) == ControlFlow::Break(()) {
            return Err(harness::Error::Interrupted.into());
        }
        let phrase_schedule = (self.phrases, self.phrase_threshold);
        let phrases = Phrases::learn(
            &text,
            vocab,
            self.min_count,
            phrase_schedule,
            training.progress,
        )?;
        let words = WordVocab::count(&text, vocab, phrases, self.min_count)?;
        let context = TrainingContext::new(self, &words, epochs, time);
        let mut inputs = Matrix::zeros(words.len(), self.dimension);
        init_uniform(&mut inputs, self.initial_length, training.seed);
        let progress = SharedProgress::default();
        let mut snapshots = SnapshotWriter::new(training.checkpoints.as_deref(), &words, vocab);
        match self.faithful {
            true => {
                let mut trainer = ReferenceTrainer::new(&context, inputs, training.seed);
                // The reference trainer saves no snapshots; it is for comparison with the C program.
                supervise(&context, &progress, training, &mut || Ok(()), |scope| {
                    vec![scope.spawn(|| trainer.run(&text, &progress))]
                })?;
                inputs = trainer.inputs;
            }
            false => train_hogwild(
                &context,
                &progress,
                &mut inputs,
                &text,
                training,
                &mut snapshots,
            )?,
        }
        if progress.diverged.load(Relaxed) || !inputs.is_finite() {
            return Err(Error::NotFinite {
                tokens: progress.words_read.load(Relaxed),
                learning_rate: self.learning_rate,
                snapshot: snapshots.describe(),
            });
        }
        report_point(&context, &progress, training);
        Model::new(self.clone(), &words, &inputs, vocab)
    }

    /// The number of threads for a text of `sentences` sentences.
    fn threads(&self, sentences: u64) -> Result<usize> {
        let max_threads = usize::try_from(sentences.max(1)).unwrap_or(usize::MAX);
        match self.threads {
            0 => Ok(harness::usable_cores().min(max_threads)),
            threads if threads > max_threads => Err(harness::Error::Setting {
                field: "threads",
                value: threads.to_string(),
                bound: format!("must be at most {max_threads}, the number of lines of the text"),
            }
            .into()),
            threads => Ok(threads),
        }
    }
}

/// Initialises vectors uniformly around 0, with the random numbers of the C program. `length` is the mean length of a vector; 0
/// gives values from -1/(2D) to 1/(2D), as in the C program.
pub(crate) fn init_uniform(inputs: &mut Matrix, length: f64, seed: u64) {
    let mut rng = Lcg::new(seed);
    let dimension = inputs.row(0).len() as f64;
    let width = match length > 0.0 {
        // The variance of a uniform distribution is width^2 / 12.
        true => length * (12.0 / dimension).sqrt(),
        false => 1.0 / dimension,
    };
    for row in 0..inputs.rows() {
        let row = inputs.row_mut(row);
        row.iter_mut().for_each(|number| {
            *number = ((f64::from(rng.next_f32()) - 0.5) * width) as f32;
        });
    }
}

fn train_hogwild<T: Text + ?Sized>(
    context: &TrainingContext<'_>,
    progress: &SharedProgress,
    inputs: &mut Matrix,
    text: &T,
    training: &mut Training<'_>,
    snapshots: &mut SnapshotWriter<'_>,
) -> Result<()> {
    let config = context.config;
    let (words, dimension) = (context.words.len(), config.dimension);
    let mut outputs = (config.negative > 0).then(|| Matrix::zeros(words, dimension));
    let mut nodes = config
        .hierarchical_softmax
        .then(|| Matrix::zeros(words - 1, dimension));
    let weights = Weights {
        inputs: inputs.share(),
        outputs: outputs.as_mut().map(Matrix::share),
        nodes: nodes.as_mut().map(Matrix::share),
    };
    let noise = NoiseDistribution::new(&context.words.counts, config.noise_exponent);
    let keep = thresholds(&context.words.keep_probabilities(config.subsample));
    let ranges = split_ranges(text.len(), config.threads(context.words.counts[0])?);
    let (noise, keep) = (&noise, &keep[..]);
    let seed = training.seed;
    let mut write = || snapshots.save_if_due(weights.inputs);
    supervise(context, progress, training, &mut write, |scope| {
        let start = |(number, range): (usize, Range<usize>)| {
            let mut seeds = Lcg::new(seed ^ (number as u64) << 32);
            // The first numbers of similar seeds are similar.
            for _ in 0..8 {
                seeds.next_u64();
            }
            scope.spawn(move || {
                let worker = Worker::new(context, progress, weights, noise, keep, seeds.next_u64());
                worker.run(text, range);
            })
        };
        ranges.into_iter().enumerate().map(start).collect()
    })
}

/// Divides a text into `number` ranges of about equal length.
fn split_ranges(tokens: usize, number: usize) -> Vec<Range<usize>> {
    let start = |at: usize| (tokens as u128 * at as u128 / number as u128) as usize;
    (0..number).map(|at| start(at)..start(at + 1)).collect()
}

/// Starts threads and supervises them: reports progress, saves snapshots, and stops the threads on interruption or at the end of
/// a time budget.
fn supervise<'scope, 'env: 'scope>(
    context: &'env TrainingContext<'_>,
    progress: &'env SharedProgress,
    training: &mut Training<'_>,
    save_snapshot: &mut dyn FnMut() -> Result<()>,
    start: impl for<'s> FnOnce(
        &'s std::thread::Scope<'s, 'env>,
    ) -> Vec<std::thread::ScopedJoinHandle<'s, ()>>,
) -> Result<()> {
    let mut interrupted = false;
    let mut points = 1;
    let mut saved = Ok(());
    std::thread::scope(|scope| {
        let threads = start(scope);
        while !threads.iter().all(|thread| thread.is_finished()) {
            std::thread::sleep(TICK_INTERVAL);
            let fraction = context.fraction(progress.words_read.load(Relaxed));
            let tick = training
                .progress
                .tick("training", (fraction * 1000.0) as u64, Some(1000));
            interrupted |= tick == ControlFlow::Break(());
            if interrupted || (context.time.is_some() && fraction >= 1.0) {
                progress.stop.store(true, Relaxed);
            }
            if (fraction * POINTS as f64) as u64 >= points && fraction < 1.0 {
                points = (fraction * POINTS as f64) as u64 + 1;
                report_point(context, progress, training);
                if saved.is_ok() {
                    saved = save_snapshot();
                }
            }
        }
    });
    match interrupted {
        true => Err(harness::Error::Interrupted.into()),
        false => saved,
    }
}

fn report_point(
    context: &TrainingContext<'_>,
    progress: &SharedProgress,
    training: &mut Training<'_>,
) {
    let words_read = progress.words_read.load(Relaxed);
    // Per pair and dimension: a dot product and two updates, each with a multiplication and an addition.
    let flops = progress.pairs.load(Relaxed) as f64 * 6.0 * context.config.dimension as f64;
    training.progress.point(&CurvePoint {
        step: words_read,
        tokens: words_read,
        seconds: context.start.elapsed().as_secs_f64(),
        flops,
        train_loss: progress.take_loss(),
        valid_log_prob: None,
    });
}
