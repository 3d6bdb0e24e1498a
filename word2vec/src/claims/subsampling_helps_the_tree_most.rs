//! Leaving out frequent words helps hierarchical softmax most.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, Notebook, mean};
use super::two_by_two::{Cell, Table};
use super::{claim, finding};

/// What subsampling adds to the accuracy with a tree, and with negative samples. The claim is that it helps, and helps the
/// tree more: the verdict is made from the lesser of the tree's gain and its lead.
pub(super) struct SubsamplingHelpsTheTreeMost(pub(super) Notebook);

impl Experiment for SubsamplingHelpsTheTreeMost {
    fn claim(&self) -> Claim {
        claim(
            "subsampling-helps-the-tree-most",
            "Leaving out frequent words adds more to the accuracy of hierarchical softmax than to that of negative sampling.",
            "A Huffman tree rises from 47 to 55 %, five negative samples from 59 to 60 %; on analogies of phrases from 19 to \
             47 % and from 24 to 27 %.",
            "2013b, tables 1 and 3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let table = Table::new(&bench, context.seeds, progress)?;
        let gains = |with: Cell, without: Cell| -> Vec<f64> {
            let (with, without) = (table.accuracies(with), table.accuracies(without));
            with.iter().zip(&without).map(|(a, b)| a - b).collect()
        };
        let of_tree = gains(Cell::TreeSubsampled, Cell::Tree);
        let of_negatives = gains(Cell::NegativesSubsampled, Cell::Negatives);
        let leads: Vec<f64> = of_tree
            .iter()
            .zip(&of_negatives)
            .map(|(tree, negatives)| tree - negatives)
            .collect();
        let values: Vec<f64> = leads
            .iter()
            .zip(&of_tree)
            .map(|(lead, gain)| lead.min(*gain))
            .collect();
        let (decision, lead) = (decide(&values, 0.0), decide(&leads, 0.0));
        let measured = format!(
            "Subsampling adds {:.2} percentage points with the tree and {:.2} with negative sampling (below 0: it takes), \
             {:.2} ± {:.2} more with the tree, on {} tokens. {}",
            mean(&of_tree),
            mean(&of_negatives),
            lead.mean,
            lead.margin,
            bench.length(0),
            table.described(),
        );
        Ok(finding(self.claim(), decision, measured, values))
    }
}
