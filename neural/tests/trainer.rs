//! The training loop: an interrupted run resumes with the same numbers, and failures are reported.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

use harness::{Budget, CurvePoint, Progress, Training};
use neural::{
    Error, Init, Layout, Loss, OptimizerConfig, Order, OutputLayer, ParameterId, Parameters,
    Precision, Schedule, Task, TextBatches, TrainingConfig, Weights, train,
};
use tch::Device;

const WORDS: i64 = 20;
const WIDTH: i64 = 6;

/// Each word is predicted from the one before it.
struct Bigrams<'a> {
    embedding: ParameterId,
    output: OutputLayer,
    streams: TextBatches<'a, [u32]>,
    wrong: Wrong,
}

/// The simulated failure.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    /// The loss of this batch is NaN.
    Loss(u64),
    /// This batch needs more memory than the machine has.
    Batch(u64),
    /// All batches do, according to their estimate.
    Memory,
    /// The configuration has changed.
    Fingerprint,
}

impl Task for Bigrams<'_> {
    fn loss(&mut self, weights: &Weights, batch: u64) -> neural::Result<Loss> {
        let window = self.streams.batch(batch);
        let hidden = weights[self.embedding].index_select(0, &window.inputs.flatten(0, -1));
        // Dropout makes the result depend on the seed of each step.
        let hidden = hidden.dropout(0.2, true);
        let hidden = match self.wrong {
            Wrong::Loss(at) if at == batch => hidden * f64::NAN,
            Wrong::Batch(at) if at == batch => hidden.repeat([1 << 30, 1 << 20]),
            _ => hidden,
        };
        let targets = window.targets.flatten(0, -1);
        Ok(self.output.cross_entropy(weights, &hidden, &targets, 0.0))
    }

    fn fingerprint(&self) -> String {
        format!("{}", self.wrong == Wrong::Fingerprint)
    }

    fn batch_bytes(&self) -> u64 {
        match self.wrong {
            Wrong::Memory => 1 << 60,
            _ => 0,
        }
    }

    fn epoch_tokens(&self) -> u64 {
        self.streams.text_tokens()
    }

    fn validate(&mut self, _: &Weights) -> neural::Result<Option<f64>> {
        Ok(None)
    }

    fn flops_per_token(&self) -> f64 {
        1.0
    }
}

/// Records curve and notes; interrupts training after some ticks.
#[derive(Default)]
struct Watch {
    curve: Vec<CurvePoint>,
    notes: Vec<String>,
    ticks: u64,
    breaks_after: Option<u64>,
}

impl Progress for Watch {
    fn point(&mut self, point: &CurvePoint) {
        // Times differ between runs.
        self.curve.push(CurvePoint {
            seconds: 0.0,
            ..point.clone()
        });
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        self.ticks += 1;
        match self.breaks_after.is_some_and(|after| self.ticks >= after) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn note(&mut self, what: &str) {
        self.notes.push(what.to_owned());
    }
}

/// libtorch has one random generator per process, and tests run in parallel.
static GENERATOR: Mutex<()> = Mutex::new(());

fn text() -> Vec<u32> {
    (0..600).map(|at| (at * at / 3 % WORDS) as u32).collect()
}

/// Trains for 40 steps of 30 tokens; returns all parameters.
fn run(
    watch: &mut Watch,
    checkpoints: Option<&Path>,
    wrong: Wrong,
    (learning_rate, average): (f64, u64),
) -> neural::Result<Vec<f32>> {
    let _alone = GENERATOR
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let text = text();
    let mut layout = Layout::default();
    let embedding = layout.add("embedding", &[WORDS, WIDTH], Init::Normal(0.5));
    let table = layout.add("output", &[WORDS, WIDTH], Init::Normal(0.5));
    let bias = layout.add("bias", &[WORDS], Init::Zeros);
    let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 3)?;
    let mut task = Bigrams {
        embedding,
        output: OutputLayer {
            table,
            bias: Some(bias),
            vocab_size: WORDS,
        },
        streams: TextBatches::new(&text[..], 0, (3, 5), Order::Sequential, 3, Device::Cpu),
        wrong,
    };
    let training_config = TrainingConfig {
        optimizer: OptimizerConfig::Adam {
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-8,
        },
        learning_rate,
        schedule: Schedule::Cosine,
        warmup_steps: 5,
        max_grad_norm: 1.0,
        accumulation_steps: 2,
        averaged_checkpoints: average,
        epochs: 1.0,
    };
    let mut training = Training {
        budget: Budget::Tokens(1200),
        seed: 3,
        checkpoints: checkpoints.map(Path::to_path_buf),
        ..Training::new(watch)
    };
    train(&mut task, &mut parameters, &training_config, &mut training)?;
    let weights = parameters.weights();
    let all = [embedding, table, bias].map(|id| weights[id].flatten(0, -1));
    Ok(all
        .iter()
        .flat_map(|part| Vec::<f32>::try_from(part).unwrap())
        .collect())
}

#[test]
fn an_interrupted_run_resumes_with_the_same_numbers() {
    let mut whole = Watch::default();
    let expected = run(&mut whole, None, Wrong::Nothing, (0.05, 1)).unwrap();
    assert_eq!((whole.ticks, whole.curve.len()), (40, 20));
    let losses: Vec<f64> = whole
        .curve
        .iter()
        .filter_map(|point| point.train_loss)
        .collect();
    assert!(losses[19] < losses[0] - 0.5, "{losses:?}");

    let folder = tempfile::tempdir().unwrap();
    for breaks_after in [7, 12] {
        let mut watch = Watch {
            breaks_after: Some(breaks_after),
            ..Watch::default()
        };
        let stopped = run(&mut watch, Some(folder.path()), Wrong::Nothing, (0.05, 1)).unwrap_err();
        assert!(matches!(
            stopped,
            Error::Harness(harness::Error::Interrupted)
        ));
    }
    // The last checkpoint is damaged: a note reports it, and the previous one is used.
    let last = folder.path().join("step-000000000019/state.safetensors");
    let bytes = std::fs::read(&last).unwrap();
    std::fs::write(&last, &bytes[..bytes.len() / 2]).unwrap();
    let mut watch = Watch::default();
    let resumed = run(&mut watch, Some(folder.path()), Wrong::Nothing, (0.05, 1)).unwrap();
    assert_eq!(watch.ticks, 33);
    assert!(
        watch.notes.len() == 2 && watch.notes[0].contains("step-000000000019"),
        "{:?}",
        watch.notes
    );
    assert_eq!(watch.notes[1], "resumed after step 7");
    assert_eq!(resumed, expected);
    assert_eq!(watch.curve, whole.curve);
}

#[test]
fn checkpoint_averaging_resumes_after_an_interruption() {
    let run = |watch: &mut Watch, folder: Option<&Path>, average: u64| {
        run(watch, folder, Wrong::Nothing, (0.05, average))
    };
    let last = run(&mut Watch::default(), None, 1).unwrap();
    let expected = run(&mut Watch::default(), None, 3).unwrap();
    let difference = last.iter().zip(&expected).map(|(a, b)| (a - b).abs());
    let difference = difference.fold(0.0, f32::max);
    assert!(difference > 0.0 && difference < 0.1, "{difference}");
    // After step 38 of 40 one of the three checkpoints is in the average.
    let folder = tempfile::tempdir().unwrap();
    let mut stopped = Watch {
        breaks_after: Some(38),
        ..Watch::default()
    };
    assert!(run(&mut stopped, Some(folder.path()), 3).is_err());
    let resumed = run(&mut Watch::default(), Some(folder.path()), 3).unwrap();
    assert_eq!(resumed, expected);
    // A finished run is not averaged again.
    let again = run(&mut Watch::default(), Some(folder.path()), 3).unwrap();
    assert_eq!(again, expected);
}

#[test]
fn a_checkpoint_of_another_run_is_rejected() {
    for (wrong, learning_rate) in [(Wrong::Nothing, 0.04), (Wrong::Fingerprint, 0.05)] {
        let mut watch = Watch {
            breaks_after: Some(5),
            ..Watch::default()
        };
        let folder = tempfile::tempdir().unwrap();
        run(&mut watch, Some(folder.path()), Wrong::Nothing, (0.05, 1)).unwrap_err();
        let mut watch = Watch::default();
        run(&mut watch, Some(folder.path()), wrong, (learning_rate, 1)).unwrap();
        assert_eq!(watch.ticks, 40);
        let note = &watch.notes[0];
        assert!(note.contains("other settings"), "{note}");
    }
}

/// The checkpoints of the other run have later steps and would be taken for the latest ones.
#[test]
fn checkpoints_of_another_run_do_not_replace_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    for (steps, learning_rate) in [(30, 0.05), (5, 0.04)] {
        let mut watch = Watch {
            breaks_after: Some(steps),
            ..Watch::default()
        };
        let training_config = (learning_rate, 1);
        run(
            &mut watch,
            Some(folder.path()),
            Wrong::Nothing,
            training_config,
        )
        .unwrap_err();
    }
    let mut watch = Watch::default();
    run(&mut watch, Some(folder.path()), Wrong::Nothing, (0.04, 1)).unwrap();
    assert_eq!(watch.ticks, 35);
    assert_eq!(watch.notes, ["resumed after step 5"]);
}

#[test]
fn too_little_memory_is_an_error_with_a_remedy() {
    for (wrong, begins) in [
        (
            Wrong::Memory,
            "training needs about 1099511627776 MiB of memory, ",
        ),
        (Wrong::Batch(6), "out of memory in step 3 ("),
    ] {
        let failed = run(&mut Watch::default(), None, wrong, (0.05, 1)).unwrap_err();
        let message = failed.to_string();
        assert!(message.starts_with(begins), "{message}");
        assert!(message.contains("halve `batch_size`"), "{message}");
    }
}

#[test]
fn a_non_finite_loss_stops_training_and_names_step_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let mut watch = Watch {
        breaks_after: Some(5),
        ..Watch::default()
    };
    run(&mut watch, Some(folder.path()), Wrong::Nothing, (0.05, 1)).unwrap_err();
    let mut watch = Watch::default();
    // The first of the two batches of step 9.
    let message = run(&mut watch, Some(folder.path()), Wrong::Loss(18), (0.05, 1))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("the loss is not finite at step 9;"),
        "{message}"
    );
    assert!(
        message.contains("smaller learning rate than 0.05"),
        "{message}"
    );
    assert!(message.contains("step-000000000005"), "{message}");
}
