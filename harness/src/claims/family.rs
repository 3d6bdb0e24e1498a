//! Verdicts on all claims of an era, corrected for their number.

use serde::{Deserialize, Serialize};

use super::{Finding, Verdict};

/// A finding with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What was measured.
    #[serde(flatten)]
    pub finding: Finding,
    /// The p value after Holm's correction for the number of claims.
    pub adjusted_p_value: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// The verdicts on the claims of a family by Holm's method (1979): the probability that any claim of the family is decided
/// wrongly is at most [`super::LEVEL`].
///
/// `family` is the number of claims of the era, which may be more than were tested. The others count as undecided, with p = 1:
/// what they would yield can only lower the adjusted p values.
///
/// ```
/// use harness::{Claim, Criterion, Finding, Verdict, judge};
///
/// let finding = |values: [f64; 3]| {
///     let claim = Claim { id: String::new(), statement: String::new(), evidence: String::new(), source: String::new() };
///     Finding::new(claim, String::new(), vec![Criterion::above("gain", values.to_vec(), 0.0)])
/// };
/// let judged = judge(vec![finding([1.0, 1.1, 0.9])], 1);
/// assert_eq!(judged[0].verdict, Verdict::Holds); // p = 0.0033
/// let judged = judge(vec![finding([1.0, 1.1, 0.9])], 20);
/// assert_eq!(judged[0].verdict, Verdict::NotDecided);
/// ```
pub fn judge(findings: Vec<Finding>, family: usize) -> Vec<Judgement> {
    let p_values: Vec<f64> = findings.iter().map(|finding| finding.p_value).collect();
    let adjusted = holm(&p_values, family);
    let judgement = |(finding, adjusted_p_value): (Finding, f64)| Judgement {
        verdict: finding.decision().verdict_at(adjusted_p_value),
        finding,
        adjusted_p_value,
    };
    findings.into_iter().zip(adjusted).map(judgement).collect()
}

/// Holm's adjusted p values of some of `family` hypotheses, in their order.
fn holm(p_values: &[f64], family: usize) -> Vec<f64> {
    let family = family.max(p_values.len());
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, at) in order.into_iter().enumerate() {
        largest = largest.max((family - rank) as f64 * p_values[at]).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_p_values_are_those_worked_by_hand() {
        // In order: 3 · 0.01 = 0.03, 2 · 0.02 = 0.04, and 1 · 0.03 is raised to 0.04.
        let close = |found: Vec<f64>, expected: &[f64]| {
            let pairs = found.iter().zip(expected);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in pairs {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        };
        close(holm(&[0.03, 0.01, 0.02], 3), &[0.04, 0.03, 0.04]);
        close(holm(&[0.5, 0.9], 2), &[1.0, 1.0]);
        close(holm(&[], 3), &[]);
    }

    #[test]
    fn claims_left_out_can_only_lower_adjusted_p_values() {
        let all = [0.001, 0.004, 0.02, 0.3, 0.8];
        let whole = holm(&all, 5);
        for kept in 1..1_u32 << all.len() {
            let chosen: Vec<usize> = (0..all.len()).filter(|at| kept >> at & 1 == 1).collect();
            let own: Vec<f64> = chosen.iter().map(|&at| all[at]).collect();
            for (&at, adjusted) in chosen.iter().zip(holm(&own, 5)) {
                assert!(adjusted >= whole[at] - 1e-12, "{chosen:?}");
            }
        }
    }
}
