//! Twenty steps of each optimizer compared with PyTorch's (`golden/optimizers.py`).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use neural::{Init, Layout, Optimizer, OptimizerConfig, Parameters, Precision, weights};
use serde::Deserialize;
use tch::{Device, Kind, Tensor};

#[derive(Deserialize)]
struct Run {
    name: String,
    start: Vec<f32>,
    gradients: Vec<Vec<f32>>,
    end: Vec<f32>,
}

/// Optimizer and learning rate of a run.
fn rule(name: &str) -> (OptimizerConfig, f64) {
    match name {
        "sgd" => (OptimizerConfig::Sgd { momentum: 0.0 }, 0.1),
        "momentum" => (OptimizerConfig::Sgd { momentum: 0.9 }, 0.1),
        "adagrad" => (OptimizerConfig::AdaGrad { epsilon: 1e-10 }, 0.1),
        "adam" => {
            let (beta1, beta2, epsilon) = (0.9, 0.98, 1e-9);
            let rule = OptimizerConfig::Adam {
                beta1,
                beta2,
                epsilon,
            };
            (rule, 0.01)
        }
        "adamw" => {
            let rule = OptimizerConfig::AdamW {
                beta1: 0.9,
                beta2: 0.95,
                epsilon: 1e-8,
                weight_decay: 0.1,
            };
            (rule, 0.01)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn each_optimizer_matches_pytorch() {
    let runs: Vec<Run> = serde_json::from_str(include_str!("golden/optimizers.json")).unwrap();
    assert_eq!(runs.len(), 5);
    for run in runs {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("start.safetensors");
        // A matrix, because weight decay applies to matrices only.
        let start = Tensor::from_slice(&run.start).view([6, 8]);
        weights::save(&path, &[("w".to_owned(), start)].into()).unwrap();
        let mut layout = Layout::default();
        let w = layout.add("w", &[6, 8], Init::Zeros);
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        parameters.load(&path).unwrap();
        let (rule, rate) = rule(&run.name);
        let mut optimizer = Optimizer::new(rule, &parameters).unwrap();
        // Half of the gradient with scale 2 checks that the scale is applied.
        let scale = Tensor::from(2.0).to_kind(Kind::Float);
        for gradient in &run.gradients {
            let gradient = Tensor::from_slice(gradient) * 0.5;
            optimizer.step(&mut parameters, &gradient, &scale, rate);
        }
        let end = Vec::<f32>::try_from(parameters.weights()[w].flatten(0, -1)).unwrap();
        for (ours, theirs) in end.iter().zip(&run.end) {
            assert!(
                (ours - theirs).abs() < 2e-6,
                "{}: {ours} {theirs}",
                run.name
            );
        }
    }
}
