//! An interrupted run resumes. This test has a process of its own, because libtorch has one random generator per process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;

use chatbot::Config;
use corpus::{OnExisting, Watch};
use harness::{Budget, CurvePoint, Progress, Prompt, Responder, Silent, Training};
use village::{Settings, Village};

const TOKENS: u64 = 8_000;

/// Interrupts training after some tokens.
struct Stop(u64);

impl Progress for Stop {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, done: u64, _: Option<u64>) -> ControlFlow<()> {
        match done >= self.0 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

#[test]
fn an_interrupted_run_resumes_with_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        tokens: 10_000,
        held_out: 2_000,
        pairs: 240,
        ..Settings::small()
    };
    let corpus = Village::new(&settings)
        .unwrap()
        .prepare(
            &folder.path().join("village"),
            OnExisting::Refuse,
            &mut Watch::silent(),
        )
        .unwrap();
    // With every kind of randomness, interrupted after the first epoch.
    let config = Config {
        embedding_size: 16,
        hidden_size: 16,
        num_heads: 2,
        dropout: 0.1,
        num_sampled: 100,
        batch_tokens: 256,
        compute: neural::ComputeConfig {
            threads: 1,
            ..neural::ComputeConfig::default()
        },
        ..Config::default()
    };
    let checkpoints = folder.path().join("checkpoints");
    let train = |progress: &mut dyn Progress, kept: bool| {
        let mut training = Training::new(progress);
        training.budget = Budget::Tokens(TOKENS);
        training.checkpoints = kept.then(|| checkpoints.clone());
        config.train(&corpus, &mut training)
    };
    let whole = train(&mut Silent, false).unwrap();
    assert!(train(&mut Stop(TOKENS / 2 + 20), true).is_err());
    let resumed = train(&mut Silent, true).unwrap();
    let prompt = Prompt {
        turns: &[],
        speaker: 0,
    };
    let asked = [(prompt, "hello , I am Maeve .")];
    assert_eq!(
        whole.score_replies(&asked).unwrap(),
        resumed.score_replies(&asked).unwrap()
    );
}
