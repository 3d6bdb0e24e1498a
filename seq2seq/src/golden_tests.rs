//! Our LSTMs beside PyTorch's own with the same weights (`tests/golden/lstm.py`).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use harness::{Budget, CurvePoint, Progress, Training};
use neural::{
    Alike, Layout, Order, PairBatches, Parameters, Precision, Recipe, Rule, Schedule, Streams,
    Task, ids, numbers, weights,
};
use serde::Deserialize;
use tch::{Device, Tensor};

use crate::language_model::LmConfig;
use crate::language_model::network::Network as LmNetwork;
use crate::language_model::train::Modelling;
use crate::lstm::Mode;
use crate::translation::Config;
use crate::translation::network::{Ends, Network};
use crate::translation::train::Translating;

#[derive(Deserialize)]
struct Golden {
    language_model: Run,
    translator: Run,
}

#[derive(Deserialize)]
struct Run {
    weights: BTreeMap<String, Shaped>,
    gradients: BTreeMap<String, Shaped>,
    losses: Vec<f64>,
    first_state: Vec<Vec<f64>>,
    #[serde(default)]
    text: Vec<u32>,
    #[serde(default)]
    sources: Vec<Vec<u32>>,
    #[serde(default)]
    targets: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct Shaped {
    shape: Vec<i64>,
    numbers: Vec<f32>,
}

const WORDS: usize = 11;
const SOURCE_WORDS: usize = 9;

fn golden() -> Golden {
    serde_json::from_str(include_str!("../tests/golden/lstm.json")).unwrap()
}

fn recipe(optimiser: Rule, learning_rate: f64) -> Recipe {
    Recipe {
        optimiser,
        learning_rate,
        schedule: Schedule::Constant,
        warmup: 0,
        clip: 1.0,
        accumulate: 1,
        epochs: 1.0,
    }
}

fn lm_config() -> LmConfig {
    let rule = Rule::AdamW {
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        weight_decay: 0.1,
    };
    LmConfig {
        width: 4,
        hidden: 6,
        layers: 2,
        bias: false,
        dropout: 0.0,
        batch: 2,
        window: 5,
        training: recipe(rule, 1e-2),
        ..LmConfig::default()
    }
}

fn translator_config() -> Config {
    Config {
        width: 4,
        hidden: 6,
        layers: 1,
        tied: false,
        dropout: 0.0,
        batch_tokens: 1000,
        training: recipe(Rule::Sgd { momentum: 0.0 }, 0.7),
        ..Config::default()
    }
}

impl Run {
    /// Parameters with the weights of the run.
    fn parameters(&self, layout: Layout) -> Parameters {
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

    /// Loss and gradients of the first step.
    fn check_first_step(&self, parameters: &mut Parameters, task: &mut dyn Task) {
        let weights = parameters.weights();
        let objective = task.objective(&weights, 0).unwrap();
        let loss = objective.loss.double_value(&[]);
        assert!(
            (loss / self.losses[0] - 1.0).abs() < 1e-5,
            "{loss} {}",
            self.losses[0]
        );
        let gradients = parameters.gradients(&weights, objective).unwrap();
        assert!(gradients.keys().eq(self.gradients.keys()));
        for (name, expected) in &self.gradients {
            let ours = numbers(&gradients[name]);
            assert_eq!(ours.len(), expected.numbers.len());
            for (a, &b) in ours.iter().zip(&expected.numbers) {
                let b = f64::from(b);
                assert!((a - b).abs() < 2e-6 + 1e-4 * b.abs(), "{name}: {a} {b}");
            }
        }
    }

    /// Losses of 50 steps.
    fn check_training(&self, parameters: &mut Parameters, task: &mut dyn Task, recipe: &Recipe) {
        let mut progress = Losses(Vec::new());
        let mut training = Training::new(&mut progress);
        // A window of five tokens in two streams, or all pairs.
        let tokens_of_step = match self.text.is_empty() {
            true => task.epoch_tokens(),
            false => 2 * 5,
        };
        training.budget = Budget::Tokens(50 * tokens_of_step);
        neural::train(task, parameters, recipe, &mut training).unwrap();
        // Twenty points, each the mean of the two or three steps since the one before.
        let ends = (1..=20).map(|point: usize| (point * 50).div_ceil(20));
        let starts = std::iter::once(0).chain(ends.clone());
        let expected: Vec<f64> = starts
            .zip(ends)
            .map(|(from, to)| self.losses[from..to].iter().sum::<f64>() / (to - from) as f64)
            .collect();
        assert_eq!(progress.0.len(), expected.len());
        for (ours, theirs) in progress.0.iter().zip(&expected) {
            assert!(
                (ours / theirs - 1.0).abs() < 1e-4,
                "{:?} {expected:?}",
                progress.0
            );
        }
    }

    fn check_state(&self, found: [&Tensor; 2]) {
        for (found, expected) in found.into_iter().zip(&self.first_state) {
            let found = numbers(found);
            assert_eq!(found.len(), expected.len());
            for (a, b) in found.iter().zip(expected) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
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
fn the_language_model_is_pytorch_s() {
    let run = golden().language_model;
    let config = lm_config();
    let mut layout = Layout::default();
    let network = LmNetwork::new(&config, WORDS, &mut layout);
    let mut parameters = run.parameters(layout);
    let task = || Modelling {
        network: &network,
        streams: Streams::new(&run.text[..], 0, (2, 5), Order::Running, 1, Device::Cpu),
        state: None,
        sampler: None,
        validation: Vec::new(),
        eos: 0,
    };
    let mut first = task();
    run.check_first_step(&mut parameters, &mut first);
    let carried = first.carried();
    run.check_state([&carried[0], &carried[1]]);
    run.check_training(&mut parameters, &mut task(), &config.training);
}

#[test]
fn the_translator_is_pytorch_s() {
    let run = golden().translator;
    let config = translator_config();
    let mut layout = Layout::default();
    let ends = Ends {
        source: 0,
        target: 0,
    };
    let network = Network::new(&config, [SOURCE_WORDS, WORDS], ends, &mut layout);
    let mut parameters = run.parameters(layout);
    let pairs: Vec<_> = run
        .sources
        .iter()
        .cloned()
        .zip(run.targets.clone())
        .collect();
    let read: Vec<u32> = run
        .sources
        .iter()
        .flat_map(|source| network.order(source))
        .collect();
    let read = ids(&read, Device::Cpu).view([pairs.len() as i64, -1]);
    let state = network.encode(&parameters.exact_weights(), &read, Mode::Judge);
    run.check_state([&state.hidden, &state.cell]);
    let lengths = pairs
        .iter()
        .map(|pair| (pair.0.len() + 1, pair.1.len() + 1));
    let task = || Translating {
        network: &network,
        pairs: &pairs,
        batches: PairBatches::new(lengths.clone().collect(), Alike::Sources, 1000, 1),
        validation: Vec::new(),
        device: Device::Cpu,
    };
    run.check_first_step(&mut parameters, &mut task());
    run.check_training(&mut parameters, &mut task(), &config.training);
}
