//! Verdicts on measurements for which each claim must hold, must not hold, or cannot be decided.

use harness::Finding;
use harness::Verdict::{self, DoesNotHold, Holds, NotDecided};
use neural::experiments::Quality;

use super::against_lstm::{self, Measured};
use super::variations::{self, Expected};
use super::{Row, claim, decoding, schedule};

/// Five repetitions that differ little, and five that differ much.
const CLOSE: [f64; 5] = [0.0, 0.1, -0.1, 0.05, -0.05];
const FAR: [f64; 5] = [0.0, 40.0, -40.0, 30.0, -30.0];

fn any() -> harness::Claim {
    claim("id", "statement", "evidence", "section")
}

fn verdict(finding: Finding) -> Verdict {
    finding.decision().verdict()
}

/// The quality with two configurations; the second deviates.
fn rows(base: [f64; 2], changed: [f64; 2], noise: [f64; 5]) -> [Row<2>; 5] {
    let quality = |[nats, bleu]: [f64; 2], noise: f64| Quality {
        nats: nats + noise / 10.0,
        bleu: bleu + noise,
    };
    noise.map(|noise| [quality(base, 0.0), quality(changed, noise)])
}

#[test]
fn warm_up_must_matter_and_more_with_post_norm() {
    let of = |losses: [f64; 2], noise: [f64; 5]| {
        let row = |noise: f64| {
            let quality = |nats: f64| Quality { nats, bleu: 0.0 };
            let [post, pre] = losses;
            [
                quality(2.0),
                quality(2.0 + post + noise),
                quality(2.0),
                quality(2.0 + pre),
            ]
        };
        verdict(schedule::finding_on_warm_up(any(), &noise.map(row)))
    };
    assert_eq!(of([2.0, 0.1], CLOSE), Holds);
    assert_eq!(of([-1.0, -2.0], CLOSE), DoesNotHold);
    assert_eq!(of([1.0, 2.0], CLOSE), DoesNotHold);
    assert_eq!(of([2.0, 0.1], FAR), NotDecided);
}

#[test]
fn an_average_of_checkpoints_must_lower_the_perplexity() {
    let of = |nats, noise| {
        verdict(schedule::finding_on_averaging(
            any(),
            &rows([2.0, 0.0], [nats, 0.0], noise),
        ))
    };
    assert_eq!(of(1.9, CLOSE), Holds);
    assert_eq!(of(2.1, CLOSE), DoesNotHold);
    assert_eq!(of(1.9, FAR), NotDecided);
}

#[test]
fn a_length_penalty_must_raise_bleu() {
    let of = |gain: f64, noise: [f64; 5]| {
        verdict(decoding::finding(
            any(),
            &noise.map(|noise| [20.0, 20.0 + gain + noise, 0.0]),
        ))
    };
    assert_eq!(of(1.0, CLOSE), Holds);
    assert_eq!(of(-1.0, CLOSE), DoesNotHold);
    assert_eq!(of(0.0, CLOSE), NotDecided);
}

#[test]
fn variations_must_have_the_expected_effect() {
    let of = |expected, changed, noise| {
        let measured = rows([2.0, 20.0], changed, noise);
        verdict(variations::finding(any(), "name", expected, &measured))
    };
    assert_eq!(of(Expected::Worse, [2.2, 0.0], CLOSE), Holds);
    assert_eq!(of(Expected::Worse, [1.8, 0.0], CLOSE), DoesNotHold);
    assert_eq!(of(Expected::Worse, [2.2, 0.0], FAR), NotDecided);
    // Without label smoothing perplexity must fall, and BLEU too.
    assert_eq!(of(Expected::OtherMeasures, [1.8, 19.0], CLOSE), Holds);
    assert_eq!(of(Expected::OtherMeasures, [1.8, 21.0], CLOSE), DoesNotHold);
    assert_eq!(of(Expected::OtherMeasures, [2.2, 19.0], CLOSE), DoesNotHold);
    assert_eq!(of(Expected::OtherMeasures, [1.8, 19.0], FAR), NotDecided);
    assert_eq!(of(Expected::Within(0.05), [2.0, 0.0], CLOSE), Holds);
    assert_eq!(of(Expected::Within(0.05), [2.2, 0.0], CLOSE), DoesNotHold);
    assert_eq!(of(Expected::Within(0.05), [1.8, 0.0], CLOSE), DoesNotHold);
    assert_eq!(of(Expected::Within(0.05), [2.05, 0.0], CLOSE), NotDecided);
}

/// The cost in five repetitions with these shares of the operations.
fn cost(flops: f64, is_reached: [bool; 5], gain: f64) -> Verdict {
    let mut measured = CLOSE.map(|noise| Measured {
        bleu: [20.0, 20.0 + gain + noise],
        flops: flops + noise / 10.0,
        seconds: 1.0,
        is_reached: true,
    });
    for (own, is_reached) in measured.iter_mut().zip(is_reached) {
        own.is_reached = is_reached;
    }
    verdict(against_lstm::finding_on_cost(any(), &measured))
}

#[test]
fn the_cost_must_be_a_third_and_the_translations_better() {
    assert_eq!(cost(0.2, [true; 5], 3.0), Holds);
    assert_eq!(cost(0.6, [true; 5], 3.0), DoesNotHold);
    assert_eq!(cost(0.33, [true; 5], 3.0), NotDecided);
    assert_eq!(cost(0.2, [true; 5], -3.0), DoesNotHold);
}

#[test]
fn a_result_that_is_not_reached_never_confirms_the_cost() {
    let once = [true, true, false, true, true];
    assert_eq!(cost(0.2, once, 3.0), NotDecided);
    assert_eq!(cost(0.2, [false; 5], 3.0), NotDecided);
    // The whole training is already too expensive.
    assert_eq!(cost(0.6, [false; 5], 3.0), DoesNotHold);
}

#[test]
fn long_sentences_must_gain_more() {
    let of = |long: f64, noise: [f64; 5]| {
        let measured = noise.map(|noise| [[20.0, 25.0], [10.0, 15.0 + long + noise]]);
        verdict(against_lstm::finding_on_long(any(), &measured))
    };
    assert_eq!(of(3.0, CLOSE), Holds);
    assert_eq!(of(-3.0, CLOSE), DoesNotHold);
    assert_eq!(of(3.0, FAR), NotDecided);
}
