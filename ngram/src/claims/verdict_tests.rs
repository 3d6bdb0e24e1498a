//! Verdicts on measurements for which each claim must hold, must not hold, or cannot be decided.

use harness::Verdict::{DoesNotHold, Holds, NotDecided};
use harness::{Finding, Verdict};

use super::any_alpha::{self, SWEEP};
use super::backoff_catches_up::{self, Gap};
use super::higher_orders::{self, Losses};
use super::raw_is_enough::{self, Choices};
use super::shard_balance::{self, Shards};
use super::summary_statistics::Curve;
use super::{cheap_to_build, claim, coverage, more_data};

/// Five repetitions that differ little, and five that differ much.
const CLOSE: [f64; 5] = [0.0, 0.1, -0.1, 0.05, -0.05];
const FAR: [f64; 5] = [0.0, 9.0, -9.0, 5.0, -5.0];

/// A finding from a measurement that depends on the repetition's deviation.
fn found<T>(
    noise: [f64; 5],
    measure: impl Fn(f64) -> T,
    finding: impl Fn(&[T]) -> Finding,
) -> Verdict {
    let measured: Vec<T> = noise.into_iter().map(measure).collect();
    finding(&measured).decision().verdict()
}

fn any() -> harness::Claim {
    claim("id", "statement", "evidence", "section")
}

#[test]
fn any_alpha_depends_on_the_improvement_by_the_best_factor() {
    // The best other factor is 0.5, and better than 0.4 by `gain`.
    let verdict = |gain: f64, noise| {
        let losses = |noise: f64| {
            let loss = |alpha| match alpha {
                0.5 => 2.0 - gain - 0.01 * noise,
                0.4 => 2.0,
                // Worse than 0.5 and 0.4.
                _ => 2.5,
            };
            let row = SWEEP.map(loss).to_vec();
            [row.clone(), row]
        };
        found(noise, losses, |measured| {
            any_alpha::finding(any(), measured)
        })
    };
    assert_eq!(verdict(0.01, CLOSE), Holds);
    assert_eq!(verdict(-0.1, CLOSE), Holds);
    assert_eq!(verdict(0.2, CLOSE), DoesNotHold);
    assert_eq!(verdict(0.05, FAR), NotDecided);
}

#[test]
fn curves_must_improve_with_every_doubling() {
    // Values at three sizes.
    let curve =
        |noise: f64, [a, b, c]: [f64; 3]| vec![(1e3, a), (2e3, b + noise), (4e3, c - noise)];
    let verdict = |values, noise: [f64; 5], finding: fn(harness::Claim, &Curve) -> Finding| {
        let measure = |noise| curve(noise, values);
        found(noise, measure, |rows| finding(any(), &Curve(rows.to_vec())))
    };
    assert_eq!(verdict([9.0, 8.0, 7.0], CLOSE, more_data::finding), Holds);
    assert_eq!(
        verdict([9.0, 8.0, 8.5], CLOSE, more_data::finding),
        DoesNotHold
    );
    assert_eq!(
        verdict([9.0, 8.0, 7.0], FAR, more_data::finding),
        NotDecided
    );
    assert_eq!(verdict([9.0, 12.0, 15.0], CLOSE, coverage::finding), Holds);
    // A rise of half a point is not enough.
    assert_eq!(
        verdict([9.0, 12.0, 12.5], CLOSE, coverage::finding),
        DoesNotHold
    );
    assert_eq!(
        verdict([9.0, 12.0, 15.0], FAR, coverage::finding),
        NotDecided
    );
}

#[test]
fn backoff_must_be_behind_at_first_and_its_gap_must_shrink() {
    let verdict = |gaps: [f64; 3], noise| {
        let measure = |noise: f64| -> Vec<Option<Gap>> {
            let gap = |(at, loss): (u32, f64)| Gap {
                tokens: 1000 << at,
                loss: loss + noise * f64::from(at),
                accuracy: 0.0,
            };
            (0..).zip(gaps).map(gap).map(Some).collect()
        };
        found(noise, measure, |measured| {
            backoff_catches_up::finding(any(), measured)
        })
    };
    assert_eq!(verdict([3.1, 2.0, 1.0], FAR), NotDecided);
    assert_eq!(verdict([1.0, 2.0, 3.0], CLOSE), DoesNotHold);
    // Ahead from the beginning; without spread the sign test cannot decide with five repetitions.
    assert_eq!(verdict([-1.0, -2.0, -3.0], [0.0; 5]), NotDecided);
    let measure = |noise: f64| {
        let gap = |tokens, loss| Gap {
            tokens,
            loss,
            accuracy: 0.0,
        };
        vec![
            None,
            Some(gap(1000, 3.0 + noise)),
            Some(gap(2000, 2.0 - noise)),
        ]
    };
    let finding = |measured: &[Vec<Option<Gap>>]| backoff_catches_up::finding(any(), measured);
    assert_eq!(found(CLOSE, measure, finding), Holds);
    // Kneser-Ney cannot be estimated at two sizes.
    let measured = vec![measure(0.0), vec![None, None, measure(0.0)[2]]];
    let finding = backoff_catches_up::finding(any(), &measured);
    assert_eq!(finding.decision().verdict(), NotDecided);
    assert!(finding.criteria.is_empty());
}

#[test]
fn cheap_means_less_than_half_the_time() {
    let verdict = |ratio: f64, noise| {
        let measure = |noise: f64| Some([1.0, ratio + noise]);
        found(noise, measure, |times| {
            let times = [times.to_vec(), vec![None; times.len()]];
            cheap_to_build::finding(any(), [1e6, 1e5], &times)
        })
    };
    assert_eq!(verdict(3.0, CLOSE), Holds);
    assert_eq!(verdict(1.5, CLOSE), DoesNotHold);
    assert_eq!(verdict(2.0, CLOSE), NotDecided);
    let unknown = cheap_to_build::finding(any(), [1.0; 2], &[vec![None], vec![None]]);
    assert_eq!(unknown.decision().verdict(), NotDecided);
}

#[test]
fn raw_scores_must_agree_for_95_percent_of_sentences() {
    let verdict = |agreement: f64, noise| {
        let measure = |noise: f64| {
            let equal = (1000.0 * (agreement + noise)) as usize;
            Choices {
                raw: vec![0; 1000],
                renormalised: (0..1000).map(|at| usize::from(at >= equal)).collect(),
            }
        };
        found(noise, measure, |measured| {
            raw_is_enough::finding(any(), measured)
        })
    };
    let small = CLOSE.map(|noise| noise / 10.0);
    assert_eq!(verdict(0.98, small), Holds);
    assert_eq!(verdict(0.9, small), DoesNotHold);
    assert_eq!(verdict(0.95, small), NotDecided);
}

#[test]
fn shards_must_be_balanced_and_local() {
    // Sizes of the fullest of two shards of 1000 n-grams, and contexts kept of 1000, for the rules one, two and all.
    let verdict = |fullest: [f64; 3], local: [u64; 3], noise| {
        let measure = |noise: f64| {
            let sizes = |full: f64| vec![(full + noise) as u64, (1000.0 - full - noise) as u64];
            let [one, two, all] = fullest;
            Shards {
                sizes: [sizes(one - noise), sizes(two), sizes(all)],
                long: 1000,
                local: [1000, local[1], local[2] + (10.0 * (noise + 10.0)) as u64],
            }
        };
        found(noise, measure, |measured| {
            shard_balance::finding(any(), measured)
        })
    };
    let noise = CLOSE.map(|noise| 20.0 * noise);
    assert_eq!(verdict([900.0, 600.0, 510.0], [0, 1000, 16], noise), Holds);
    assert_eq!(
        verdict([600.0, 900.0, 510.0], [0, 1000, 16], noise),
        DoesNotHold
    );
    // Balanced, but contexts are elsewhere.
    assert_eq!(
        verdict([900.0, 600.0, 510.0], [0, 16, 600], noise),
        DoesNotHold
    );
    assert_eq!(
        verdict([600.0, 600.0, 510.0], [0, 1000, 16], noise),
        NotDecided
    );
}

#[test]
fn the_advantage_of_higher_orders_must_grow() {
    let verdict = |growth: f64, noise| {
        let measure = |noise: f64| -> Vec<Losses> {
            let size = |at: u32| Losses {
                tokens: 1e3 * f64::from(1_u32 << at),
                by_order: vec![9.0, 5.0 + (growth + noise) * f64::from(at), 5.0, 5.0, 5.0],
            };
            (0..3).map(size).collect()
        };
        found(noise, measure, |measured| {
            higher_orders::finding(any(), measured)
        })
    };
    assert_eq!(verdict(1.0, CLOSE), Holds);
    assert_eq!(verdict(-1.0, CLOSE), DoesNotHold);
    assert_eq!(verdict(1.0, FAR), NotDecided);
}
