//! chrF: character n-gram overlap of translations with references.

use super::text::{is_space, phrases};

/// The largest n of character n-grams (Popović 2015, section 3).
const ORDER: usize = 6;
/// The weight β of recall relative to precision: the best in the paper, and the default of sacreBLEU.
const BETA: f64 = 2.0;

/// chrF2 of a whole corpus (Popović 2015, eq. 1), from 0 to 100; larger is better. White space does not count:
///
/// ```text
/// chrF = (1 + β²) · P · R / (β² · P + R)        β = 2
/// ```
///
/// P is the share of the hypotheses' character n-grams that are in the reference, with clipped counts, and R the share of the
/// reference's n-grams that are in the hypotheses; both are means over n = 1..6, without lengths for which either side has no
/// n-gram. Of several references, each sentence is compared with the one that gives it the best chrF.
///
/// The result equals that of sacreBLEU (Post 2018) by default. Capitals count: see [`crate::BleuCase::apply`].
///
/// # Panics
/// If there are more or fewer lists of references than hypotheses, or if such a list is empty.
///
/// ```
/// // 3 of 3 letters of 4, 1 of 2 pairs of 3; no triple is the same: P = (1 + 1/2 + 0) / 3, R = (3/4 + 1/3 + 0) / 3.
/// let (precision, recall) = (0.5, 13.0 / 36.0);
/// let expected = 100.0 * 5.0 * precision * recall / (4.0 * precision + recall);
/// assert!((harness::chrf(&["ab d"], &[vec!["a bcd"]]) - expected).abs() < 1e-9);
/// ```
pub fn chrf(hypotheses: &[&str], references: &[Vec<&str>]) -> f64 {
    assert_eq!(
        hypotheses.len(),
        references.len(),
        "each hypothesis has its references"
    );
    let mut sums = [Counts::default(); ORDER];
    for (hypothesis, references) in hypotheses.iter().zip(references) {
        for (sum, counts) in sums.iter_mut().zip(best(hypothesis, references)) {
            sum.hypothesis += counts.hypothesis;
            sum.reference += counts.reference;
            sum.matches += counts.matches;
        }
    }
    score(&sums)
}

/// Counts of n-grams of one length.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// In the hypothesis; none where the reference has none.
    hypothesis: u64,
    /// In the reference.
    reference: u64,
    /// In both.
    matches: u64,
}

/// The counts with the reference that gives the best score; the first wins ties.
fn best(hypothesis: &str, references: &[&str]) -> [Counts; ORDER] {
    let hypothesis = characters(hypothesis);
    let counted = references
        .iter()
        .map(|reference| count(&hypothesis, &characters(reference)));
    counted
        .reduce(|best, counts| match score(&counts) > score(&best) {
            true => counts,
            false => best,
        })
        .expect("each hypothesis has a reference")
}

fn characters(text: &str) -> Vec<char> {
    text.chars().filter(|&letter| !is_space(letter)).collect()
}

fn count(hypothesis: &[char], reference: &[char]) -> [Counts; ORDER] {
    std::array::from_fn(|at| {
        let order = at + 1;
        let in_reference = phrases(reference, order);
        let mut counts = Counts {
            reference: in_reference.values().sum(),
            ..Counts::default()
        };
        if counts.reference == 0 {
            return counts;
        }
        for (sequence, count) in phrases(hypothesis, order) {
            let there = in_reference.get(sequence).copied().unwrap_or(0);
            counts.hypothesis += count;
            counts.matches += count.min(there);
        }
        counts
    })
}

fn score(counts: &[Counts; ORDER]) -> f64 {
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
    let both = |counts: &&Counts| counts.hypothesis > 0 && counts.reference > 0;
    for counts in counts.iter().filter(both) {
        precision += counts.matches as f64 / counts.hypothesis as f64;
        recall += counts.matches as f64 / counts.reference as f64;
        orders += 1.0;
    }
    if precision + recall == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (precision / orders, recall / orders);
    let factor = BETA * BETA;
    100.0 * (1.0 + factor) * precision * recall / (factor * precision + recall)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_range_from_zero_without_overlap_to_a_hundred_for_equality() {
        assert_eq!(chrf(&[], &[]), 0.0);
        assert_eq!(chrf(&["", "abc"], &[vec!["abc"], vec![""]]), 0.0);
        assert_eq!(chrf(&["a b\tc"], &[vec!["abc"]]), 100.0);
    }

    #[test]
    fn the_best_reference_counts() {
        let references = vec!["xyz", "abcdefg", "abc"];
        assert_eq!(chrf(&["abc"], &[references]), 100.0);
    }
}
