//! Longer n-grams pay only when there is enough text.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, DOUBLINGS, into_harness};
use super::statistics::{by_size, series};
use super::{claim, finding};
use crate::config::Config;

/// Orders that are tried.
const ORDERS: std::ops::RangeInclusive<usize> = 1..=5;

/// All orders at every fourth size: 1/256, 1/64, … of the text, and all of it. The verdict is made from what 5-grams save
/// over bigrams: more on all of the text than on the least?
pub(super) struct HigherOrders;

impl Experiment for HigherOrders {
    fn claim(&self) -> Claim {
        claim(
            "higher-orders",
            "Longer n-grams pay better the more text there is.",
            "5-grams are used because the text is large.",
            "sections 1 and 7",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let sizes: Vec<u32> = Bench::sizes().step_by(2).collect();
        // By seed what 5-grams save at each size, and by size the losses of each order for each seed.
        let (mut savings, mut losses) = (Vec::new(), vec![Vec::new(); sizes.len()]);
        for &seed in context.seeds {
            let mut row = Vec::new();
            for (&halvings, losses) in sizes.iter().zip(&mut losses) {
                let by_order = orders(&bench, seed, halvings, progress)?;
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
            .map(|rows| best_order(&by_size(rows)) as f64)
            .collect();
        let measured = format!(
            "What 5-grams save over bigrams changes by {:.3} ± {:.3} nats per token from {} to {} tokens; at each fourfold \
             size it is {}, and the best order is {}. Losses of orders 1 to 5: {} on the least text, {} on all of it.",
            decision.mean,
            decision.margin,
            bench.length(DOUBLINGS),
            bench.length(0),
            series(&by_size(&savings), 3),
            series(&best, 0),
            series(&by_size(&losses[0]), 3),
            series(&by_size(&losses[last]), 3),
        );
        Ok(finding(self.claim(), decision, measured, growth))
    }
}

/// The losses of all orders.
fn orders(
    bench: &Bench,
    seed: u64,
    halvings: u32,
    progress: &mut dyn Progress,
) -> Result<Vec<f64>> {
    let mut loss = |order| {
        let config = Config {
            order,
            ..Config::default()
        };
        let model = bench.train(&config, seed, halvings, progress);
        bench.loss(&model.map_err(into_harness)?)
    };
    ORDERS.map(&mut loss).collect()
}

/// The order of the least loss, the shortest of several.
pub(super) fn best_order(losses: &[f64]) -> usize {
    let best = (1..).zip(losses).min_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(order, _)| order)
}
