//! Principal components compared with numpy's (`golden/principal_components.py`).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::principal_components;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    vectors: Vec<Vec<f32>>,
    points: Vec<[f64; 2]>,
    shares: [f64; 2],
}

fn borrowed(vectors: &[Vec<f32>]) -> Vec<&[f32]> {
    vectors.iter().map(Vec::as_slice).collect()
}

#[test]
fn points_match_numpy_up_to_the_sign_of_each_axis() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("golden/principal_components.json")).unwrap();
    for case in cases {
        let found = principal_components(&borrowed(&case.vectors)).unwrap();
        for axis in 0..2 {
            assert!((found.shares[axis] - case.shares[axis]).abs() < 1e-9);
            let [ours, theirs] = [&found.points, &case.points]
                .map(|points| points.iter().map(|point| point[axis]).collect::<Vec<f64>>());
            let first = |most: f64, &value: &f64| match value.abs() > most.abs() + 1e-9 {
                true => value,
                false => most,
            };
            let largest = ours.iter().fold(0.0, first);
            assert!(largest >= 0.0, "the sign is fixed");
            let distance = |sign: f64| {
                let pairs = ours.iter().zip(&theirs);
                pairs.map(|(a, b)| (a - sign * b).abs()).fold(0.0, f64::max)
            };
            assert!(
                distance(1.0).min(distance(-1.0)) < 1e-6,
                "{ours:?} {theirs:?}"
            );
        }
    }
}

#[test]
fn vectors_without_a_map_are_rejected_with_the_reason() {
    for (vectors, expected) in [
        (vec![], "vectors = 0: a map needs at least 2"),
        (vec![vec![1.0]], "vectors = 1: a map needs at least 2"),
        (
            vec![vec![1.0], vec![1.0, 2.0]],
            "1 and 2 coordinates: all must have the same",
        ),
        (
            vec![vec![1.0, 2.0]; 3],
            "3, all equal: a map needs two that differ",
        ),
    ] {
        let message = principal_components(&borrowed(&vectors))
            .unwrap_err()
            .to_string();
        assert!(message.contains(expected), "{message}");
    }
}
