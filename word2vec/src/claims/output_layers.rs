//! Negative sampling and hierarchical softmax, each without and with subsampling, as in table 1 of 2013b.

use harness::{Progress, Result};

use super::experiment_data::{ExperimentData, Outcome};
use super::summary_statistics::{accuracies, column, mean_of};
use crate::config::{Architecture, Config};

/// The paper's subsampling threshold t.
const SUBSAMPLE: f64 = 1e-5;

/// A cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    NegativeSampling,
    NegativeSamplingSubsampled,
    HierarchicalSoftmax,
    HierarchicalSoftmaxSubsampled,
}

impl Cell {
    pub(super) const ALL: [Cell; 4] = [
        Cell::NegativeSampling,
        Cell::NegativeSamplingSubsampled,
        Cell::HierarchicalSoftmax,
        Cell::HierarchicalSoftmaxSubsampled,
    ];

    pub(super) fn config(self, data: &ExperimentData<'_>) -> Config {
        let is_hierarchical = matches!(
            self,
            Cell::HierarchicalSoftmax | Cell::HierarchicalSoftmaxSubsampled
        );
        let is_subsampled = matches!(
            self,
            Cell::NegativeSamplingSubsampled | Cell::HierarchicalSoftmaxSubsampled
        );
        let config = data.settings(Architecture::SkipGram);
        Config {
            negative: if is_hierarchical { 0 } else { config.negative },
            hierarchical_softmax: is_hierarchical,
            subsample: if is_subsampled { SUBSAMPLE } else { 0.0 },
            ..config
        }
    }
}

/// The outcomes of each cell, by repetition.
#[derive(Default)]
pub(super) struct Table(pub(super) [Vec<Outcome>; Cell::ALL.len()]);

impl Table {
    pub(super) fn new(all: &[ExperimentData<'_>], progress: &mut dyn Progress) -> Result<Table> {
        let mut table = Table::default();
        for data in all {
            for (outcomes, cell) in table.0.iter_mut().zip(Cell::ALL) {
                outcomes.push(data.outcome(&cell.config(data), progress)?);
            }
        }
        Ok(table)
    }

    /// Accuracies by repetition.
    pub(super) fn accuracies(&self, cell: Cell) -> Vec<f64> {
        column(&self.0[cell as usize], |outcome| outcome.total)
    }

    /// A description of the whole table, for a finding.
    pub(super) fn describe(&self) -> String {
        let cell = |cell: Cell| {
            let outcomes = &self.0[cell as usize];
            let seconds = mean_of(outcomes, |outcome| outcome.seconds);
            format!("{} in {seconds:.1} s", accuracies(outcomes))
        };
        let asked = &self.0[Cell::NegativeSampling as usize];
        format!(
            "Negative sampling {}, with subsampling {}; hierarchical softmax {}, with subsampling {}; coverage {:.1} %. \
             (Skip-gram, {:.0} tokens; t = 1e-5.)",
            cell(Cell::NegativeSampling),
            cell(Cell::NegativeSamplingSubsampled),
            cell(Cell::HierarchicalSoftmax),
            cell(Cell::HierarchicalSoftmaxSubsampled),
            mean_of(asked, |outcome| outcome.coverage),
            mean_of(asked, |outcome| outcome.tokens),
        )
    }
}
