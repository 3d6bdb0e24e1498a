//! Smoke test of the experiments; with so few pairs their findings are meaningless.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use corpus::{OnExisting, Watch};
use harness::{ExperimentContext, Scale, Silent, reproduce};
use transformer::experiments;
use village::{Settings, Village};

#[test]
fn every_claim_is_tested_once() {
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
    let context = ExperimentContext {
        corpus: &corpus,
        analogies: None,
        other: None,
        seeds: &[1, 2],
        scale: Scale::Small,
    };
    let experiments = experiments();
    let notes = folder.path().join("findings");
    let findings = reproduce(&experiments, &context, &notes, &mut Silent).unwrap();
    let ids: BTreeSet<&str> = findings
        .iter()
        .map(|finding| &finding.claim.id[..])
        .collect();
    assert_eq!(ids.len(), experiments.len());
    for finding in &findings {
        assert_eq!(finding.values.len(), 2, "{finding:?}");
        assert!(
            finding.values.iter().all(|value| value.is_finite()),
            "{finding:?}"
        );
        assert!(
            finding.measured.contains(|c: char| c.is_ascii_digit()),
            "{finding:?}"
        );
    }
    // Findings are cached.
    assert_eq!(
        reproduce(&experiments, &context, &notes, &mut Silent).unwrap(),
        findings
    );
}
