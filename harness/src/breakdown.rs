//! Breakdowns: the difference of two models' ln p by kinds of token.

use std::collections::HashSet;

use corpus::effective_number;
use serde::{Deserialize, Serialize};

use crate::test_set::TestSet;

/// The cell of unknown words. Every other cell leaves them out, as all comparisons do.
const UNKNOWN: &str = "<unk>";

/// A partition of the tokens of a split into cells.
#[derive(Debug, Clone)]
pub struct Breakdown {
    /// What the cells differ in.
    pub name: String,
    /// Names of the cells, in order.
    pub cells: Vec<String>,
    /// The cell of each token.
    pub cell_of: Vec<u16>,
}

/// Mean of ln p(reference) - ln p(model) over the tokens of one cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The breakdown's name.
    pub breakdown: String,
    /// The cell's name.
    pub cell: String,
    /// Tokens in it.
    pub tokens: u64,
    /// Excess loss over the reference, in nats per token.
    pub excess: f64,
    /// Standard error of `excess` over documents.
    pub standard_error: f64,
    /// The cell's share of the total excess loss on known words; none if that is zero, and for unknown words.
    pub share: Option<f64>,
}

/// All breakdowns that the data allows: by tag, by frequency of the word in `train`, by its position in the line, and by
/// whether it occurred before in the document.
pub fn breakdowns(set: &TestSet) -> Vec<Breakdown> {
    // The most informative breakdown comes first.
    let by_tag = set.tags.as_ref().map(|(names, tags)| Breakdown {
        name: "phenomenon".to_owned(),
        cells: names.clone(),
        cell_of: tags.iter().map(|&tag| u16::from(tag)).collect(),
    });
    let by_place = [
        by_frequency(set),
        by_place_in_line(set),
        by_seen_before(set),
    ];
    by_tag.into_iter().chain(by_place).collect()
}

fn by_frequency(set: &TestSet) -> Breakdown {
    const CELLS: [&str; 8] = [
        "never",
        "1 to 9",
        "10 to 99",
        "100 to 999",
        "1,000 to 9,999",
        "10,000 and more",
        "<eos>",
        UNKNOWN,
    ];
    let cell = |&token: &u32| match set.train_counts[token as usize] {
        _ if token == set.eos => 6,
        _ if Some(token) == set.unk => 7,
        0 => 0,
        count => (count.ilog10() as u16 + 1).min(5),
    };
    breakdown("occurrences in train", &CELLS, set.tokens.iter().map(cell))
}

fn by_place_in_line(set: &TestSet) -> Breakdown {
    const CELLS: [&str; 6] = [
        "1st",
        "2nd",
        "3rd and 4th",
        "5th to 8th",
        "9th to 16th",
        "later",
    ];
    let mut place = 0_u32;
    let cells = set.tokens.iter().map(|&token| {
        let cell = match place {
            0 => 0,
            1 => 1,
            2..=3 => 2,
            4..=7 => 3,
            8..=15 => 4,
            _ => 5,
        };
        place = if token == set.eos { 0 } else { place + 1 };
        cell
    });
    breakdown(
        "place in the line",
        &CELLS,
        cells.collect::<Vec<_>>().into_iter(),
    )
}

fn by_seen_before(set: &TestSet) -> Breakdown {
    let mut seen = HashSet::new();
    let mut documents = set.documents.iter().peekable();
    let cells = set.tokens.iter().enumerate().map(|(at, token)| {
        while documents
            .next_if(|document| document.start <= at as u64)
            .is_some()
        {
            seen.clear();
        }
        u16::from(!seen.insert(*token))
    });
    breakdown(
        "seen before in the document",
        &["no", "yes"],
        cells.collect::<Vec<_>>().into_iter(),
    )
}

fn breakdown(name: &str, cells: &[&str], cell_of: impl Iterator<Item = u16>) -> Breakdown {
    let cells = cells.iter().map(|&cell| cell.to_owned()).collect();
    Breakdown {
        name: name.to_owned(),
        cells,
        cell_of: cell_of.collect(),
    }
}

/// Units below which resampling says nothing.
pub(crate) const FEWEST_UNITS: usize = 10;

/// The units of resampling: documents, or 20 equal segments if there are in effect fewer than 10 documents, because a
/// chapter and many headings are one.
pub(crate) fn resampling_units(set: &TestSet) -> Vec<std::ops::Range<usize>> {
    const INTERVALS: usize = 20;
    let documents: Vec<_> = set
        .documents
        .iter()
        .map(|document| document.range())
        .collect();
    let covered: usize = documents.iter().map(ExactSizeIterator::len).sum();
    let number = effective_number(documents.iter().map(|document| document.len() as u64));
    if number >= FEWEST_UNITS as f64 && covered == set.tokens.len() {
        return documents;
    }
    let bound = |i| i * set.tokens.len() / INTERVALS;
    (0..INTERVALS)
        .map(|i| bound(i)..bound(i + 1))
        .filter(|unit| !unit.is_empty())
        .collect()
}

/// The cells of a breakdown for a model with `log_probs`, against a reference model.
pub fn cells(
    set: &TestSet,
    breakdown: &Breakdown,
    log_probs: &[f32],
    reference: &[f32],
) -> Vec<Cell> {
    let units = resampling_units(set);
    let excess = |at: usize| f64::from(reference[at]) - f64::from(log_probs[at]);
    let known = (0..set.tokens.len()).filter(|&at| set.is_known(at));
    let whole: f64 = known.map(excess).sum();
    let mut sums = vec![vec![(0.0, 0_u64); units.len()]; breakdown.cells.len()];
    for (index, unit) in units.iter().enumerate() {
        for at in unit.clone() {
            let cell = usize::from(breakdown.cell_of[at]);
            if !set.is_known(at) && breakdown.cells[cell] != UNKNOWN {
                continue;
            }
            let (sum, count) = &mut sums[cell][index];
            *sum += excess(at);
            *count += 1;
        }
    }
    let filled = breakdown
        .cells
        .iter()
        .zip(&sums)
        .filter(|(_, sums)| sums.iter().any(|&(_, count)| count > 0));
    filled
        .map(|(name, sums)| {
            let (excess, standard_error) = ratio_and_error(sums);
            let tokens = sums.iter().map(|&(_, count)| count).sum();
            let share = (whole != 0.0 && name != UNKNOWN).then(|| excess * tokens as f64 / whole);
            let (breakdown, cell) = (breakdown.name.clone(), name.clone());
            Cell {
                breakdown,
                cell,
                tokens,
                excess,
                standard_error,
                share,
            }
        })
        .collect()
}

/// A ratio of sums over units and its standard error by linearisation (Cochran 1977, eq. 6.13).
fn ratio_and_error(units: &[(f64, u64)]) -> (f64, f64) {
    let total: f64 = units.iter().map(|&(sum, _)| sum).sum();
    let count = units.iter().map(|&(_, count)| count).sum::<u64>() as f64;
    let ratio = total / count;
    let n = units.iter().filter(|&&(_, count)| count > 0).count() as f64;
    let squares: f64 = units
        .iter()
        .map(|&(sum, count)| (sum - ratio * count as f64).powi(2))
        .sum();
    (ratio, (n / (n - 1.0) * squares).sqrt() / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> TestSet {
        // Two lines: "0 1 <eos>" and "1 1 2 <eos>"; <eos> is 3, <unk> is 2.
        let span = |start, end| corpus::Span {
            start,
            end,
            label: 0,
        };
        TestSet {
            tokens: vec![0, 1, 3, 1, 1, 2, 3],
            documents: vec![span(0, 3), span(3, 7)],
            unk: Some(2),
            eos: 3,
            train_counts: vec![0, 250, 5, 9],
            ..TestSet::default()
        }
    }

    #[test]
    fn tokens_fall_into_the_right_cells() {
        let all = breakdowns(&set());
        assert_eq!(all[0].cell_of, [0, 3, 6, 3, 3, 7, 6]);
        assert_eq!(all[1].cell_of, [0, 1, 2, 0, 1, 2, 2]);
        assert_eq!(all[2].cell_of, [0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn cells_hold_mean_share_and_error() {
        let set = set();
        let by_seen = &breakdowns(&set)[2];
        let reference = [-1.0; 7];
        let model = [-2.0, -1.0, -1.0, -1.0, -4.0, -1.0, -1.0];
        let cells = cells(&set, by_seen, &model, &reference);
        // The sixth token is unknown and in neither cell.
        assert_eq!((cells[0].tokens, cells[1].tokens), (5, 1));
        assert!((cells[0].excess - 0.2).abs() < 1e-12);
        assert!((cells[1].excess - 3.0).abs() < 1e-12);
        assert!((cells[1].share.unwrap() - 0.75).abs() < 1e-12);
    }

    #[test]
    fn unknown_words_have_a_cell_of_their_own_and_no_share() {
        let set = set();
        let by_frequency = &breakdowns(&set)[0];
        let (reference, model) = ([-1.0; 7], [-1.0, -1.0, -1.0, -1.0, -2.0, -5.0, -1.0]);
        let cells = cells(&set, by_frequency, &model, &reference);
        let unknown = cells.iter().find(|cell| cell.cell == "<unk>").unwrap();
        assert_eq!((unknown.tokens, unknown.share), (1, None));
        assert!((unknown.excess - 4.0).abs() < 1e-12);
        let shares: f64 = cells.iter().filter_map(|cell| cell.share).sum();
        assert!((shares - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_error_of_a_ratio_of_equal_units_equals_the_error_of_a_mean() {
        let (ratio, error) = ratio_and_error(&[(1.0, 1), (2.0, 1), (3.0, 1), (4.0, 1)]);
        let (mean, expected) = crate::metrics::mean_and_error(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!((ratio, error), (mean, expected));
    }
}
