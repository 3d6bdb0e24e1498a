//! BLEU compared with sacreBLEU (`golden/bleu.py`).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::bleu;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    hypotheses: Vec<String>,
    references: Vec<Vec<String>>,
    score: f64,
    precisions: [f64; 4],
    brevity_penalty: f64,
    hypothesis_length: u64,
    reference_length: u64,
}

fn nearly_equal(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * theirs.abs()
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

#[test]
fn bleu_matches_sacrebleu() {
    let golden: Golden = serde_json::from_str(include_str!("golden/bleu.json")).unwrap();
    assert_eq!(golden.cases.len(), 15);
    for case in &golden.cases {
        let references: Vec<Vec<&str>> = case.references.iter().map(|row| texts(row)).collect();
        let result = bleu(&texts(&case.hypotheses), &references);
        let name = &case.name;
        assert!(
            nearly_equal(result.score, case.score),
            "{name}: {} != {}",
            result.score,
            case.score
        );
        assert!(
            nearly_equal(result.brevity_penalty, case.brevity_penalty),
            "{name}"
        );
        for (ours, theirs) in result.precisions.into_iter().zip(case.precisions) {
            assert!(nearly_equal(ours, theirs), "{name}: {ours} != {theirs}");
        }
        assert_eq!(result.hypothesis_length, case.hypothesis_length, "{name}");
        assert_eq!(result.reference_length, case.reference_length, "{name}");
    }
}
