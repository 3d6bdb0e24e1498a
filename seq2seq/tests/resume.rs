//! An interrupted run resumes. This test has a process of its own, because libtorch has one random generator per process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;

use harness::{Budget, CurvePoint, LanguageModel, Progress, Silent, Training};
use seq2seq::LmConfig;

const WORDS: usize = 12;
const TOKENS: u64 = 640;

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
    // With every kind of randomness, interrupted between windows that carry a state.
    let config = LmConfig {
        embedding_size: 16,
        hidden_size: 16,
        num_layers: 2,
        batch_size: 4,
        bptt_length: 8,
        dropout: 0.1,
        num_sampled: 8,
        ..LmConfig::default()
    };
    let text: Vec<u32> = (0..1_000).map(|at| at * at * 7 % WORDS as u32).collect();
    let folder = tempfile::tempdir().unwrap();
    let train = |progress: &mut dyn Progress, checkpoints: bool| {
        let mut training = Training::new(progress);
        training.budget = Budget::Tokens(TOKENS);
        training.checkpoints = checkpoints.then(|| folder.path().to_owned());
        config.train(&text[..], WORDS, 0, &mut training)
    };
    let whole = train(&mut Silent, false).unwrap();
    assert!(train(&mut Stop(TOKENS / 2 + 20), true).is_err());
    let resumed = train(&mut Silent, true).unwrap();
    let stream = &text[..60];
    assert_eq!(whole.score(stream).unwrap(), resumed.score(stream).unwrap());
}
