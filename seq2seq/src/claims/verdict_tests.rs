//! Verdicts on measurements for which each claim must hold, must not hold, or cannot be decided.

use harness::Finding;
use harness::Verdict::{self, DoesNotHold, Holds, NotDecided};
use neural::experiments::Quality;

use super::ensemble::Measured;
use super::{bucketing, claim, depth, ensemble, lengths, reversal, vectors};

/// Five repetitions that differ little, and five that differ much.
const CLOSE: [f64; 5] = [0.0, 0.1, -0.1, 0.05, -0.05];
const FAR: [f64; 5] = [0.0, 40.0, -40.0, 30.0, -30.0];

fn any() -> harness::Claim {
    claim("id", "statement", "evidence", "section")
}

fn verdict(finding: Finding) -> Verdict {
    finding.decision().verdict()
}

/// A claim that compares two numbers of each repetition.
type OfTwo = fn(harness::Claim, &[[f64; 2]]) -> Finding;

#[test]
fn claims_that_compare_two_numbers_have_their_thresholds() {
    // The numbers for which the claim holds, does not hold, and is on its threshold.
    let cases: [(&str, OfTwo, [[f64; 2]; 3]); 5] = [
        (
            "bucketing",
            bucketing::finding,
            [[3.0, 1.0], [1.5, 1.0], [2.0, 1.0]],
        ),
        (
            "depth",
            depth::finding,
            [[100.0, 88.0], [100.0, 96.0], [100.0, 92.0]],
        ),
        (
            "long",
            lengths::finding_on_long,
            [[30.0, 29.0], [30.0, 25.0], [30.0, 28.0]],
        ),
        (
            "rare",
            lengths::finding_on_rare,
            [[30.0, 25.0], [30.0, 35.0], [30.0, 30.0]],
        ),
        (
            "reversal",
            reversal::finding_on_long,
            [[30.0, 25.0], [25.0, 30.0], [30.0, 30.0]],
        ),
    ];
    for (name, finding, [holds, fails, open]) in cases {
        let of = |[a, b]: [f64; 2]| verdict(finding(any(), &CLOSE.map(|noise| [a + noise, b])));
        assert_eq!(
            [of(holds), of(fails), of(open)],
            [Holds, DoesNotHold, NotDecided],
            "{name}"
        );
    }
}

#[test]
fn reversal_must_improve_both_measures() {
    let of = |nats: f64, bleu: f64, noise: [f64; 5]| {
        let quality = |nats, bleu| Quality { nats, bleu };
        let pair = |noise: f64| {
            let reversed = quality(2.0 + nats + noise / 100.0, 20.0 + bleu + noise);
            [reversed, quality(2.0, 20.0)]
        };
        verdict(reversal::finding(any(), &noise.map(pair)))
    };
    assert_eq!(of(-0.2, 5.0, CLOSE), Holds);
    assert_eq!(of(0.2, 5.0, CLOSE), DoesNotHold);
    assert_eq!(of(-0.2, -5.0, CLOSE), DoesNotHold);
    assert_eq!(of(-0.2, 5.0, FAR), NotDecided);
    assert_eq!(of(f64::NAN, 5.0, CLOSE), NotDecided);
}

#[test]
fn each_repetition_compares_its_own_ensemble() {
    let of = |together: f64, noise: [f64; 5]| {
        let one = |noise: f64| Measured {
            alone: vec![[20.0, 21.0, 22.0], [22.0, 23.0, 24.0]],
            together: [0.0, together + noise, 0.0],
        };
        verdict(ensemble::finding(any(), &noise.map(one)))
    };
    // The mean of the models with width 12 is 23.
    assert_eq!(of(24.0, CLOSE), Holds);
    assert_eq!(of(22.0, CLOSE), DoesNotHold);
    assert_eq!(of(24.0, FAR), NotDecided);
    let single = Measured {
        alone: vec![[0.0; 3]],
        together: [9.0; 3],
    };
    assert_eq!(verdict(ensemble::finding(any(), &[single])), NotDecided);
}

#[test]
fn a_swap_must_move_a_vector_by_a_tenth() {
    let of = |ratio: f64| {
        verdict(vectors::finding(
            any(),
            CLOSE.map(|noise| ratio + noise / 10.0).to_vec(),
        ))
    };
    assert_eq!(of(0.3), Holds);
    assert_eq!(of(0.05), DoesNotHold);
    assert_eq!(of(0.1), NotDecided);
}
