//! Our decoder beside PyTorch's own layers with the same weights (`tests/golden/decoder.py`).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use harness::{Budget, CurvePoint, Progress, Training};
use neural::{
    Layout, Order, Parameters, Precision, Recipe, Rule, Schedule, Streams, Task, weights,
};
use serde::Deserialize;
use tch::{Device, Tensor};

use crate::config::{Activation, Config, Norm, Positions};
use crate::network::Network;
use crate::train::Decoding;

#[derive(Deserialize)]
struct Golden {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    norm: Norm,
    activation: Activation,
    smoothing: f64,
    text: Vec<u32>,
    weights: BTreeMap<String, Vec<f32>>,
    gradients: BTreeMap<String, Vec<f32>>,
    losses: Vec<f64>,
}

const WORDS: usize = 11;

impl Run {
    fn config(&self) -> Config {
        Config {
            width: 8,
            layers: 2,
            heads: 2,
            feed_forward: 16,
            context: 6,
            positions: match self.norm {
                Norm::Pre => Positions::Learned,
                Norm::Post => Positions::Sinusoidal,
            },
            norm: self.norm,
            activation: self.activation,
            dropout: 0.0,
            smoothing: self.smoothing,
            batch: 2,
            training: Recipe {
                optimiser: Rule::AdamW {
                    beta1: 0.9,
                    beta2: 0.95,
                    epsilon: 1e-8,
                    weight_decay: 0.1,
                },
                learning_rate: 1e-2,
                schedule: Schedule::Constant,
                warmup: 0,
                clip: 1.0,
                accumulate: 1,
                epochs: 1.0,
            },
            ..Config::default()
        }
    }

    /// A network with the weights of the run.
    fn network(&self) -> (Network, Parameters) {
        let mut layout = Layout::default();
        let network = Network::new(&self.config(), WORDS, &mut layout);
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let tensor = |(name, values): (&String, &Vec<f32>)| {
            let flat = Tensor::from_slice(values);
            let shaped = match values.len() as i64 {
                length
                    if name.ends_with("scale")
                        || name.ends_with("shift")
                        || name.ends_with("bias") =>
                {
                    flat.view([length])
                }
                length if name.ends_with("outer.weight") => flat.view([length / 16, 16]),
                length => flat.view([length / 8, 8]),
            };
            (name.clone(), shaped)
        };
        weights::save(&path, &self.weights.iter().map(tensor).collect()).unwrap();
        parameters.load(&path).unwrap();
        (network, parameters)
    }
}

fn runs() -> Vec<Run> {
    let golden: Golden =
        serde_json::from_str(include_str!("../tests/golden/decoder.json")).unwrap();
    assert_eq!(golden.runs.len(), 2);
    golden.runs
}

fn task<'a>(run: &'a Run, network: &'a Network) -> Decoding<'a, [u32]> {
    Decoding {
        network,
        streams: Streams::new(&run.text[..], 0, (2, 6), Order::Running, 1, Device::Cpu),
        sampler: None,
        validation: Vec::new(),
        eos: 0,
    }
}

#[test]
fn loss_and_all_gradients_are_pytorch_s() {
    for run in runs() {
        let (network, mut parameters) = run.network();
        let weights = parameters.weights();
        let objective = task(&run, &network).objective(&weights, 0).unwrap();
        let loss = objective.loss.double_value(&[]);
        assert!(
            (loss / run.losses[0] - 1.0).abs() < 1e-5,
            "{loss} {}",
            run.losses[0]
        );
        let gradients = parameters.gradients(&weights, objective).unwrap();
        assert!(gradients.keys().eq(run.gradients.keys()));
        for (name, expected) in &run.gradients {
            let ours = Vec::<f32>::try_from(gradients[name].flatten(0, -1)).unwrap();
            for (a, b) in ours.iter().zip(expected) {
                assert!((a - b).abs() < 2e-6 + 1e-4 * b.abs(), "{name}: {a} {b}");
            }
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

#[test]
fn fifty_steps_have_pytorch_s_losses() {
    for run in runs() {
        let (network, mut parameters) = run.network();
        let mut task = task(&run, &network);
        let mut progress = Losses(Vec::new());
        let mut training = Training::new(&mut progress);
        training.budget = Budget::Tokens(50 * 12);
        neural::train(
            &mut task,
            &mut parameters,
            &run.config().training,
            &mut training,
        )
        .unwrap();
        let losses = progress.0;
        // Twenty points, each the mean of the two or three steps since the one before.
        let ends = (1..=20).map(|point: usize| (point * 50).div_ceil(20));
        let starts = std::iter::once(0).chain(ends.clone());
        let expected: Vec<f64> = starts
            .zip(ends)
            .map(|(from, to)| run.losses[from..to].iter().sum::<f64>() / (to - from) as f64)
            .collect();
        assert_eq!(losses.len(), expected.len());
        for (ours, theirs) in losses.iter().zip(&expected) {
            assert!(
                (ours / theirs - 1.0).abs() < 1e-4,
                "{losses:?} {expected:?}"
            );
        }
    }
}
