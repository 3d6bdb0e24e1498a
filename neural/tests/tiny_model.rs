//! A neural era in miniature: build, train, save, load, compare.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Mutex;

use neural::ComputeConfig;
use neural::weights::{self, Named};
use tch::{Device, Kind, Tensor};

const VOCAB: i64 = 8;
const EMBED: i64 = 16;
const HIDDEN: i64 = 32;
/// Every token has one successor, so the best loss is zero.
const SEQUENCE: [i64; 8] = [3, 1, 4, 0, 5, 2, 6, 7];

/// libtorch has one random generator per process, and all tests run in one process.
static GENERATOR: Mutex<()> = Mutex::new(());

/// embedding -> tanh layer -> logits of the next token
struct Model {
    parameters: Named,
}

impl Model {
    fn new(seed: i64) -> Self {
        let _alone = GENERATOR.lock().unwrap();
        tch::manual_seed(seed);
        let random = |shape: &[i64]| {
            (Tensor::randn(shape, (Kind::Float, Device::Cpu)) * 0.3).set_requires_grad(true)
        };
        let parameters = [
            ("embedding", random(&[VOCAB, EMBED])),
            ("hidden.weight", random(&[EMBED, HIDDEN])),
            ("hidden.bias", random(&[HIDDEN])),
            ("output.weight", random(&[HIDDEN, VOCAB])),
        ];
        let parameters = parameters
            .map(|(name, tensor)| (name.to_owned(), tensor))
            .into();
        Self { parameters }
    }

    fn logits(&self, tokens: &Tensor) -> Tensor {
        let embedded = self.parameters["embedding"].index_select(0, tokens); // [time, embed]
        let hidden = (embedded.matmul(&self.parameters["hidden.weight"])
            + &self.parameters["hidden.bias"])
            .tanh(); // [time, hidden]
        hidden.matmul(&self.parameters["output.weight"]) // [time, vocab]
    }

    /// Trains with Adam (Kingma and Ba 2015, algorithm 1), written out here; returns the loss of every step.
    fn train(&self, steps: i32) -> Vec<f64> {
        let tokens = Tensor::from_slice(&SEQUENCE).repeat([4]);
        let (inputs, targets) = (tokens.slice(0, 0, 31, 1), tokens.slice(0, 1, 32, 1));
        let zeros = || {
            self.parameters
                .values()
                .map(Tensor::zeros_like)
                .collect::<Vec<_>>()
        };
        let (mut means, mut squares) = (zeros(), zeros());
        let mut losses = Vec::new();
        for step in 1..=steps {
            let loss = self.logits(&inputs).cross_entropy_for_logits(&targets);
            losses.push(loss.double_value(&[]));
            loss.backward();
            let scale = 0.02 * (1.0 - 0.999_f64.powi(step)).sqrt() / (1.0 - 0.9_f64.powi(step));
            tch::no_grad(|| {
                for ((tensor, mean), square) in
                    self.parameters.values().zip(&mut means).zip(&mut squares)
                {
                    let mut gradient = tensor.grad();
                    *mean = &*mean * 0.9 + &gradient * 0.1;
                    *square = &*square * 0.999 + &gradient * &gradient * 0.001;
                    let _ = tensor
                        .shallow_clone()
                        .g_sub_(&(&*mean / (square.sqrt() + 1e-8) * scale));
                    let _ = gradient.zero_();
                }
            });
        }
        losses
    }
}

fn one_thread() {
    let settings = ComputeConfig {
        threads: 1,
        ..ComputeConfig::default()
    };
    settings.apply().unwrap();
}

#[test]
fn a_repeated_sequence_is_memorised() {
    one_thread();
    let losses = Model::new(1).train(200);
    // An untrained model is about as good as guessing one of 8 tokens: ln 8 = 2.08.
    assert!((1.5..4.0).contains(&losses[0]), "{}", losses[0]);
    let last = losses.last().unwrap();
    assert!(*last < 0.01, "loss after 200 steps: {last}");
}

#[test]
fn losses_depend_on_the_seed_only() {
    one_thread();
    let losses = Model::new(7).train(20);
    assert_eq!(Model::new(7).train(20), losses);
    assert_ne!(Model::new(8).train(20), losses);
}

#[test]
fn a_loaded_model_predicts_like_the_saved_one() {
    one_thread();
    let trained = Model::new(2);
    trained.train(50);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    weights::save(&path, &trained.parameters).unwrap();

    let fresh = Model::new(3);
    let tokens = Tensor::from_slice(&SEQUENCE);
    assert_ne!(fresh.logits(&tokens), trained.logits(&tokens));
    weights::load_into(&path, &fresh.parameters).unwrap();
    assert_eq!(fresh.logits(&tokens), trained.logits(&tokens));
    // The loaded model can still be trained.
    let losses = fresh.train(50);
    assert!(losses[49] < losses[0]);
}
