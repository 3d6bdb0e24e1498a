//! Runs every experiment on a small text.

use std::ops::ControlFlow;
use std::path::Path;

use corpus::{Corpus, OnExisting, Settings, Source, Watch, prepare};
use harness::{CurvePoint, ExperimentContext, Progress, Scale, Verdict, reproduce};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::experiments;

/// Lines of words that depend on the preceding word: the r-th of its successors has a probability of about 1 / r^2. Every fifth
/// word is from a large set of rare words, without which Kneser-Ney's discounts cannot be estimated.
fn corpus(folder: &Path) -> Corpus {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut text = String::new();
    let mut word = 0_u64;
    for _ in 0..16_000 {
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

/// Counts ticks: training ticks, reading a stored finding does not.
#[derive(Default)]
struct Ticks(u64);

impl Progress for Ticks {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }
}

#[test]
fn every_experiment_has_a_value_for_each_repetition_and_is_run_once() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let seeds = [1, 2];
    let context = context(&corpus, &seeds);
    let (all, notes) = (experiments(), folder.path().join("findings"));
    let run = || {
        let mut ticks = Ticks::default();
        let judged = reproduce(&all, all.len(), &context, &notes, &mut ticks).unwrap();
        (judged, ticks.0)
    };
    let (judged, ticks) = run();
    assert!(ticks > 0);
    for (judgement, experiment) in judged.iter().zip(&all) {
        let finding = &judgement.finding;
        assert_eq!(finding.claim, experiment.claim());
        assert!(!finding.criteria.is_empty(), "{finding:?}");
        assert!(
            finding
                .criteria
                .iter()
                .all(|own| own.values.len() == seeds.len()),
            "{finding:?}"
        );
        assert!(!finding.measured.contains("NaN"), "{}", finding.measured);
    }
    // By construction of the text: a word predicts the next one, and hashing two words never separates contexts.
    let of = |id: &str| {
        judged
            .iter()
            .find(|own| own.finding.claim.id == id)
            .unwrap()
    };
    assert_eq!(of("more-data").finding.decision().direction, Verdict::Holds);
    assert_eq!(
        of("shard-balance").finding.decision().direction,
        Verdict::Holds
    );
    assert_eq!(run(), (judged, 0));
}

fn context<'a>(corpus: &'a Corpus, seeds: &'a [u64]) -> ExperimentContext<'a> {
    ExperimentContext {
        corpus,
        analogies: None,
        other: None,
        seeds,
        scale: Scale::Small,
        version: "test",
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
    let context = context(&corpus, &[1]);
    for experiment in experiments() {
        let stopped = experiment.run(&context, &mut Stop);
        assert!(
            matches!(stopped, Err(harness::Error::Interrupted)),
            "{}",
            experiment.claim().id
        );
    }
}
