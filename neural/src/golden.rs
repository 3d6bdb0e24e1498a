//! For tests: compares a model with PyTorch recordings of the same weights and panics where they differ.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "for tests")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use harness::{Budget, CurvePoint, Progress, Training};
use serde::Deserialize;
use tch::{Device, Tensor};

use crate::{Layout, Parameters, Precision, Task, TrainingConfig, to_f64s, train, weights};

/// A training run recorded with PyTorch.
#[derive(Debug, Deserialize)]
pub struct Golden {
    weights: BTreeMap<String, Shaped>,
    /// Gradients of the first step.
    gradients: BTreeMap<String, Shaped>,
    /// Loss of each step, before the update.
    losses: Vec<f64>,
}

#[derive(Debug, Deserialize)]
struct Shaped {
    shape: Vec<i64>,
    numbers: Vec<f32>,
}

impl Golden {
    /// Parameters with the initial weights of the recording.
    pub fn parameters(&self, layout: Layout) -> Parameters {
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let tensor = |(name, values): (&String, &Shaped)| {
            let tensor = Tensor::from_slice(&values.numbers).view(&values.shape[..]);
            (name.clone(), tensor)
        };
        weights::save(&path, &self.weights.iter().map(tensor).collect()).unwrap();
        parameters.load(&path).unwrap();
        parameters
    }

    /// Checks loss and gradients of the first batch.
    pub fn check_first_step(&self, parameters: &mut Parameters, task: &mut dyn Task) {
        let weights = parameters.weights();
        let computed = task.loss(&weights, 0).unwrap();
        let loss = computed.value.double_value(&[]);
        let expected = self.losses[0];
        assert!((loss / expected - 1.0).abs() < 1e-5, "{loss} {expected}");
        let gradients = parameters.gradients(&weights, computed).unwrap();
        assert!(gradients.keys().eq(self.gradients.keys()));
        for (name, expected) in &self.gradients {
            let ours = to_f64s(&gradients[name]);
            assert_eq!(ours.len(), expected.numbers.len());
            for (a, &b) in ours.iter().zip(&expected.numbers) {
                let b = f64::from(b);
                assert!((a - b).abs() < 2e-6 + 1e-4 * b.abs(), "{name}: {a} {b}");
            }
        }
    }

    /// Checks the losses of all steps of `tokens_per_step` tokens.
    pub fn check_training(
        &self,
        parameters: &mut Parameters,
        task: &mut dyn Task,
        config: &TrainingConfig,
        tokens_per_step: u64,
    ) {
        let steps = self.losses.len();
        let mut progress = Losses(Vec::new());
        let mut training = Training::new(&mut progress);
        training.budget = Budget::Tokens(steps as u64 * tokens_per_step);
        train(task, parameters, config, &mut training).unwrap();
        // The learning curve has twenty points, each the mean loss since the one before.
        let ends = (1..=20).map(|point: usize| (point * steps).div_ceil(20));
        let starts = std::iter::once(0).chain(ends.clone());
        let mean = |(from, to)| self.losses[from..to].iter().sum::<f64>() / (to - from) as f64;
        let expected: Vec<f64> = starts.zip(ends).map(mean).collect();
        assert_eq!(progress.0.len(), expected.len());
        for (ours, theirs) in progress.0.iter().zip(&expected) {
            let found = &progress.0;
            assert!((ours / theirs - 1.0).abs() < 1e-4, "{found:?} {expected:?}");
        }
    }
}

/// The losses of a learning curve.
struct Losses(Vec<f64>);

impl Progress for Losses {
    fn point(&mut self, point: &CurvePoint) {
        self.0.extend(point.train_loss);
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
