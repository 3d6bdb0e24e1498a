//! Negative sampling and hierarchical softmax, each without and with subsampling: table 1 of 2013b.

use harness::{Progress, Result};

use super::bench::{Bench, Outcome, accuracies, mean_of, settings};
use crate::config::{Architecture, Config};

/// The threshold of the paper.
const SUBSAMPLE: f64 = 1e-5;

/// A cell of the table: how to train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Negatives,
    NegativesSubsampled,
    Tree,
    TreeSubsampled,
}

impl Cell {
    pub(super) const ALL: [Cell; 4] = [
        Cell::Negatives,
        Cell::NegativesSubsampled,
        Cell::Tree,
        Cell::TreeSubsampled,
    ];

    pub(super) fn config(self) -> Config {
        let is_tree = matches!(self, Cell::Tree | Cell::TreeSubsampled);
        let is_subsampled = matches!(self, Cell::NegativesSubsampled | Cell::TreeSubsampled);
        let config = settings(Architecture::SkipGram);
        Config {
            negative: if is_tree { 0 } else { config.negative },
            hierarchical_softmax: is_tree,
            subsample: if is_subsampled { SUBSAMPLE } else { 0.0 },
            ..config
        }
    }
}

/// What came of each cell, by seed.
#[derive(Default)]
pub(super) struct Table([Vec<Outcome>; Cell::ALL.len()]);

impl Table {
    pub(super) fn new(
        bench: &Bench<'_>,
        seeds: &[u64],
        progress: &mut dyn Progress,
    ) -> Result<Table> {
        let mut table = Table::default();
        for &seed in seeds {
            for (outcomes, cell) in table.0.iter_mut().zip(Cell::ALL) {
                outcomes.push(bench.outcome(&cell.config(), seed, progress)?);
            }
        }
        Ok(table)
    }

    /// Accuracies by seed.
    pub(super) fn accuracies(&self, cell: Cell) -> Vec<f64> {
        let outcomes = &self.0[cell as usize];
        outcomes.iter().map(|outcome| outcome.total).collect()
    }

    /// All of it, for a sentence.
    pub(super) fn described(&self) -> String {
        let cell = |cell: Cell| {
            let outcomes = &self.0[cell as usize];
            let seconds = mean_of(outcomes, |outcome| outcome.seconds);
            format!("{} in {seconds:.1} s", accuracies(outcomes))
        };
        let asked = &self.0[Cell::Negatives as usize];
        let config = Cell::Negatives.config();
        format!(
            "Negative sampling {}, subsampled {}; tree {}, subsampled {}; {:.1} % of the questions asked. (Skip-gram, {} \
             dimensions, {} passes; t = 1e-5.)",
            cell(Cell::Negatives),
            cell(Cell::NegativesSubsampled),
            cell(Cell::Tree),
            cell(Cell::TreeSubsampled),
            mean_of(asked, |outcome| outcome.coverage),
            config.dimension,
            config.epochs,
        )
    }
}
