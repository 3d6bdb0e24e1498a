//! With a time budget that is too long for the text, training restores the best checkpoint.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use harness::{Budget, CurvePoint, Progress, Training};
use neural::{
    Error, Init, Layout, Loss, ParameterId, Parameters, Precision, Task, TrainingConfig, Weights,
    train,
};
use tch::{Device, Kind};

/// Four parameters that approach 100 without reaching it.
struct Drawn {
    numbers: ParameterId,
    /// Mean ln p of successive validations; later validations return a value as low as the first.
    found: Vec<f64>,
    /// The parameters at each validation.
    seen: Vec<Vec<f32>>,
}

impl Task for Drawn {
    fn loss(&mut self, weights: &Weights, _: u64) -> neural::Result<Loss> {
        let loss = (&weights[self.numbers] - 100.0).square().mean(Kind::Float);
        Ok(Loss::new(loss, 1))
    }

    fn fingerprint(&self) -> String {
        String::new()
    }

    fn batch_bytes(&self) -> u64 {
        0
    }

    fn epoch_tokens(&self) -> u64 {
        1
    }

    fn validate(&mut self, weights: &Weights) -> neural::Result<Option<f64>> {
        let numbers = Vec::<f32>::try_from(&weights[self.numbers]).unwrap();
        let found = self.found.get(self.seen.len()).copied().unwrap_or(-9.0);
        self.seen.push(numbers);
        Ok(Some(found))
    }

    fn flops_per_token(&self) -> f64 {
        1.0
    }
}

/// Records notes; interrupts training after some points.
struct Watch {
    points: usize,
    breaks_after: usize,
    notes: Vec<String>,
}

impl Progress for Watch {
    fn point(&mut self, _: &CurvePoint) {
        self.points += 1;
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        match self.points >= self.breaks_after {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn note(&mut self, what: &str) {
        self.notes.push(what.to_owned());
    }
}

/// Trains; returns the final parameters, those at each validation, and the notes.
fn run(
    found: &[f64],
    checkpoints: &Path,
    breaks_after: usize,
) -> (neural::Result<Vec<f32>>, Vec<Vec<f32>>, Vec<String>) {
    let mut layout = Layout::default();
    let numbers = layout.add("numbers", &[4], Init::Zeros);
    let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
    let mut task = Drawn {
        numbers,
        found: found.to_vec(),
        seen: Vec::new(),
    };
    let mut watch = Watch {
        points: 0,
        breaks_after,
        notes: Vec::new(),
    };
    let mut training = Training {
        budget: Budget::Time(Duration::from_secs(1)),
        checkpoints: Some(checkpoints.to_owned()),
        ..Training::new(&mut watch)
    };
    let training_config = TrainingConfig {
        learning_rate: 1e-4,
        ..TrainingConfig::default()
    };
    let end = train(&mut task, &mut parameters, &training_config, &mut training);
    let weights = parameters.weights();
    let end = end.map(|()| Vec::<f32>::try_from(&weights[numbers]).unwrap());
    (end, task.seen, watch.notes)
}

#[test]
fn the_best_checkpoint_is_restored_also_after_an_interruption() {
    let found = [-9.0, -7.0, -5.0, -6.0];
    let folder = tempfile::tempdir().unwrap();
    let (end, seen, notes) = run(&found, folder.path(), usize::MAX);
    let end = end.unwrap();
    assert_eq!(end, seen[2]);
    assert!(seen.len() > 4 && end != seen[seen.len() - 1], "{seen:?}");
    assert!(
        notes[0].starts_with("restored the best checkpoint"),
        "{notes:?}"
    );

    let folder = tempfile::tempdir().unwrap();
    let (stopped, seen, _) = run(&found, folder.path(), 5);
    assert!(matches!(
        stopped,
        Err(Error::Harness(harness::Error::Interrupted))
    ));
    // No better checkpoint follows, and resuming once more does not lose the best one.
    for _ in 0..2 {
        let (resumed, _, _) = run(&[], folder.path(), usize::MAX);
        assert_eq!(resumed.unwrap(), seen[2]);
    }
}

#[test]
fn the_final_parameters_are_kept_if_they_are_best() {
    let folder = tempfile::tempdir().unwrap();
    let rising: Vec<f64> = (0..40).map(|at| f64::from(at) - 50.0).collect();
    let (end, seen, notes) = run(&rising, folder.path(), usize::MAX);
    assert_eq!(end.unwrap(), seen[seen.len() - 1]);
    assert!(notes.is_empty(), "{notes:?}");
}
