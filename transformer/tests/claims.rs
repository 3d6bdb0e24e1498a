//! Smoke test of the experiments; with so few pairs their verdicts are meaningless.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;

use corpus::{OnExisting, Watch};
use harness::{CurvePoint, ExperimentContext, Progress, Scale, reproduce};
use transformer::experiments;
use village::{Settings, Village};

/// Counts reports: training makes some, reading a stored finding does not.
#[derive(Default)]
struct Reports(u64);

impl Progress for Reports {
    fn point(&mut self, _: &CurvePoint) {
        self.0 += 1;
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }
}

#[test]
fn an_experiment_has_a_value_for_each_repetition_and_is_run_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        tokens: 20_000,
        held_out: 5_000,
        pairs: 120,
        ..Settings::small()
    };
    let village = Village::new(&settings).unwrap();
    let place = folder.path().join("village");
    let corpus = village
        .prepare(&place, OnExisting::Refuse, &mut Watch::silent())
        .unwrap();
    let seeds = [1, 2];
    let context = ExperimentContext {
        corpus: &corpus,
        analogies: None,
        other: None,
        seeds: &seeds,
        scale: Scale::Small,
        version: "test",
    };
    // Each experiment trains several models for each repetition; three of them show that stored findings are used again.
    let (mut all, notes) = (experiments(), folder.path().join("findings"));
    all.truncate(3);
    let run = || {
        let mut reports = Reports::default();
        let judged = reproduce(&all, all.len(), &context, &notes, &mut reports).unwrap();
        (judged, reports.0)
    };
    let (judged, reports) = run();
    assert!(reports > 0);
    for (judgement, experiment) in judged.iter().zip(&all) {
        let finding = &judgement.finding;
        assert_eq!(finding.claim, experiment.claim());
        assert!(!finding.criteria.is_empty(), "{finding:?}");
        let complete = |own: &harness::Criterion| own.values.len() == seeds.len();
        assert!(finding.criteria.iter().all(complete), "{finding:?}");
    }
    assert_eq!(run(), (judged, 0));
}
