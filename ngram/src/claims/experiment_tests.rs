//! Runs every experiment on a small text.

use std::ops::ControlFlow;
use std::path::Path;

use corpus::{Corpus, OnExisting, Settings, Source, Watch, prepare};
use harness::{CurvePoint, ExperimentContext, Progress, Scale, Silent, Verdict};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::experiments;

/// Lines of words that depend on the preceding word: the r-th of its successors has a probability of about 1 / r^2. Every fifth
/// word is from a large set of rare words, without which Kneser-Ney's discounts cannot be estimated.
fn corpus(folder: &Path) -> Corpus {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut text = String::new();
    let mut word = 0_u64;
    for _ in 0..8_000 {
        for _ in 0..rng.random_range(5..12) {
            let rank = (1.0 / rng.random_range(0.003..1.0_f64)) as u64;
            word = (word * 31 + rank * rank * 7) % 401;
            match rng.random_bool(0.2) {
                true => {
                    let rare = rng.random_range(0.0..11.5_f64).exp() as u64;
                    text.push_str(&format!("r{rare} "));
                }
                false => text.push_str(&format!("w{word} ")),
            }
        }
        text.push('\n');
    }
    let path = folder.join("text.txt");
    std::fs::write(&path, text).unwrap();
    let source = Source::find(path.to_str().unwrap()).unwrap();
    let (target, settings) = (folder.join("prepared"), Settings::default());
    prepare(
        &source,
        &target,
        &settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    )
    .unwrap()
}

#[test]
fn every_experiment_reports_one_value_per_seed() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let context = ExperimentContext {
        corpus: &corpus,
        analogies: None,
        other: None,
        seeds: &[1, 2, 3],
        scale: Scale::Small,
    };
    for experiment in experiments() {
        let id = experiment.claim().id;
        let finding = experiment.run(&context, &mut Silent).unwrap();
        assert_eq!(finding.claim, experiment.claim());
        assert_eq!(finding.values.len(), 3, "{id}: {}", finding.measured);
        assert!(
            finding.values.iter().all(|value| value.is_finite()),
            "{finding:?}"
        );
        assert!(!finding.measured.contains("NaN"), "{}", finding.measured);
        let bounds = match id.as_str() {
            "more-data" | "shard-balance" | "cheap-to-build" => 0.0..=f64::INFINITY,
            // The smallest texts are too small for any common 5-gram.
            "coverage" => 0.0..=1.0,
            "any-alpha" => f64::NEG_INFINITY..=0.05 + 1e-12,
            "raw-is-enough" => 0.5..=1.0,
            // Differences of losses, which are below ln V.
            _ => -9.0..=9.0,
        };
        assert!(
            finding.values.iter().all(|value| bounds.contains(value)),
            "{finding:?}"
        );
        // By construction of the text: a word predicts the next one, and some words are frequent.
        if ["more-data", "shard-balance"].contains(&id.as_str()) {
            assert_eq!(finding.verdict, Verdict::Holds, "{finding:?}");
        }
    }
}

/// Interrupts at the first tick.
struct Stop;

impl Progress for Stop {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn every_experiment_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let context = ExperimentContext {
        corpus: &corpus,
        analogies: None,
        other: None,
        seeds: &[1],
        scale: Scale::Small,
    };
    for experiment in experiments() {
        let stopped = experiment.run(&context, &mut Stop);
        assert!(
            matches!(stopped, Err(harness::Error::Interrupted)),
            "{}",
            experiment.claim().id
        );
    }
}
