//! Claim: higher orders pay off only with enough text.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{DOUBLINGS, ExperimentData, into_harness};
use super::summary_statistics::{comma_separated, mean_by_size};
use super::{claim, finding};
use crate::config::Config;

/// Orders compared.
const ORDERS: std::ops::RangeInclusive<usize> = 1..=5;

/// Trains all orders on 1/256, 1/64, 1/16, 1/4 and all of the text. The verdict tests whether the advantage of 5-grams over
/// bigrams is larger on the whole text than on the smallest.
pub(super) struct HigherOrders;

impl Experiment for HigherOrders {
    fn claim(&self) -> Claim {
        claim(
            "higher-orders",
            "The advantage of longer n-grams grows with the text.",
            "The paper uses 5-grams because its texts are large.",
            "sections 1 and 7",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let sizes: Vec<u32> = ExperimentData::sizes().step_by(2).collect();
        // `savings[seed][size]`: the advantage of 5-grams over bigrams. `losses[size][seed][order]`.
        let (mut savings, mut losses) = (Vec::new(), vec![Vec::new(); sizes.len()]);
        for &seed in context.seeds {
            let mut row = Vec::new();
            for (&halvings, losses) in sizes.iter().zip(&mut losses) {
                let by_order = losses_by_order(&data, seed, halvings, progress)?;
                row.push(by_order[1] - by_order[4]);
                losses.push(by_order);
            }
            savings.push(row);
        }
        let last = sizes.len() - 1;
        let growth: Vec<f64> = savings.iter().map(|row| row[last] - row[0]).collect();
        let decision = decide(&growth, 0.0);
        let best: Vec<f64> = losses
            .iter()
            .map(|rows| best_order(&mean_by_size(rows)) as f64)
            .collect();
        let measured = format!(
            "The advantage of 5-grams over bigrams changes by {:.3} ± {:.3} nats per token from {} to {} tokens. At sizes that \
             grow fourfold it is {}, and the best order is {}. Losses of orders 1 to 5: {} on the smallest text, {} on the \
             whole text.",
            decision.mean,
            decision.margin,
            data.length(DOUBLINGS),
            data.length(0),
            comma_separated(&mean_by_size(&savings), 3),
            comma_separated(&best, 0),
            comma_separated(&mean_by_size(&losses[0]), 3),
            comma_separated(&mean_by_size(&losses[last]), 3),
        );
        Ok(finding(self.claim(), decision, measured, growth))
    }
}

/// The loss of each order.
fn losses_by_order(
    data: &ExperimentData,
    seed: u64,
    halvings: u32,
    progress: &mut dyn Progress,
) -> Result<Vec<f64>> {
    let mut loss = |order| {
        let config = Config {
            order,
            ..Config::default()
        };
        let model = data.train(&config, seed, halvings, progress);
        data.loss(&model.map_err(into_harness)?)
    };
    ORDERS.map(&mut loss).collect()
}

/// The order with the smallest loss; among equals, the lowest.
pub(super) fn best_order(losses: &[f64]) -> usize {
    let best = (1..).zip(losses).min_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(order, _)| order)
}
