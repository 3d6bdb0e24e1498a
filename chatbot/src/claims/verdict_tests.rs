//! Verdicts on measurements for which each claim must hold, must not hold, or cannot be decided.

use harness::Verdict::{self, DoesNotHold, Holds, NotDecided};
use harness::{Claim, Finding, TurnsPerplexity, Variety};

use super::{against_ngrams, claim, closed, context, generic, inconsistent};

/// Five repetitions that differ little, and five that differ much.
const CLOSE: [f64; 5] = [0.0, 0.1, -0.1, 0.05, -0.05];
const FAR: [f64; 5] = [0.0, 4.0, -4.0, 3.0, -3.0];

fn any() -> Claim {
    claim("id", "statement", "evidence", "section")
}

fn verdict(finding: Finding) -> Verdict {
    finding.decision().verdict()
}

#[test]
fn perplexities_must_be_lower() {
    type Compare<'a> = &'a dyn Fn(&[[f64; 2]]) -> Finding;
    let by_turns = |pair: &[f64; 2]| -> Vec<TurnsPerplexity> {
        let turns = |(turns, &perplexity): (usize, &f64)| TurnsPerplexity {
            turns,
            perplexity: Some(perplexity),
        };
        // The second number is that of one turn.
        [3, 1].into_iter().zip(pair).map(turns).collect()
    };
    let on_context = |pairs: &[[f64; 2]]| {
        context::finding(any(), &pairs.iter().map(by_turns).collect::<Vec<_>>())
    };
    let on_ngrams = |pairs: &[[f64; 2]]| against_ngrams::finding(any(), pairs);
    let on_domains = |pairs: &[[f64; 2]]| closed::finding(any(), ["a", "b"], pairs);
    let cases: [Compare<'_>; 3] = [&on_ngrams, &on_domains, &on_context];
    for finding in cases {
        let of = |own: f64, other: f64, noise: [f64; 5]| {
            verdict(finding(&noise.map(|noise| [own + noise, other])))
        };
        assert_eq!(of(8.0, 18.0, CLOSE), Holds);
        assert_eq!(of(18.0, 8.0, CLOSE), DoesNotHold);
        assert_eq!(of(8.0, 9.0, FAR), NotDecided);
        assert_eq!(of(f64::INFINITY, 9.0, CLOSE), NotDecided);
    }
}

#[test]
fn generic_replies_have_less_variety_by_both_measures() {
    let of = |common: f64, distinct: f64, noise: [f64; 5]| {
        let pair = |noise: f64| {
            let own = Variety {
                distinct: [0.0, distinct + noise / 10.0],
                common: common + noise / 10.0,
            };
            let corpus = Variety {
                distinct: [0.0, 0.5],
                common: 0.2,
            };
            [own, corpus]
        };
        verdict(generic::finding(any(), &noise.map(pair)))
    };
    assert_eq!(of(0.5, 0.2, CLOSE), Holds);
    assert_eq!(of(0.1, 0.2, CLOSE), DoesNotHold);
    assert_eq!(of(0.5, 0.8, CLOSE), DoesNotHold);
    assert_eq!(of(0.5, 0.2, FAR), NotDecided);
}

#[test]
fn a_tenth_of_the_answers_must_differ() {
    let of = |same: f64| {
        verdict(inconsistent::finding(
            any(),
            CLOSE.map(|noise| same + noise).to_vec(),
        ))
    };
    assert_eq!(of(50.0), Holds);
    assert_eq!(of(97.0), DoesNotHold);
    assert_eq!(of(90.0), NotDecided);
}
