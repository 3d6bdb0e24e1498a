//! Claim: higher orders pay off only with enough text.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::{Curve, comma_separated, mean_by_size};
use crate::config::Config;

/// Orders compared.
const ORDERS: std::ops::RangeInclusive<usize> = 1..=5;

/// Trains all orders on 1/256, 1/64, 1/16, 1/4 and all of the text. The claim requires a positive slope of the advantage of 5-grams
/// over bigrams.
pub(super) struct HigherOrders;

/// The measurements of a repetition at one size.
#[derive(Debug, Clone)]
pub(super) struct Losses {
    /// Length of the training text in tokens.
    pub(super) tokens: f64,
    /// Loss of each order in nats per token.
    pub(super) by_order: Vec<f64>,
}

impl Experiment for HigherOrders {
    fn claim(&self) -> Claim {
        claim(
            "higher-orders",
            "The advantage of 5-grams over bigrams grows with the text.",
            "The paper uses 5-grams because its texts are large.",
            "sections 1 and 7",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for (_, data) in ExperimentData::all(context)? {
            let sizes = ExperimentData::sizes().step_by(2);
            let losses = |halvings| losses(&data, halvings, progress);
            measured.push(sizes.map(losses).collect::<Result<Vec<Losses>>>()?);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the losses of each repetition at each size, the smallest first.
pub(super) fn finding(claim: Claim, measured: &[Vec<Losses>]) -> Finding {
    let saving = |own: &Losses| (own.tokens, own.by_order[1] - own.by_order[4]);
    let row = |sizes: &Vec<Losses>| sizes.iter().map(saving).collect();
    let savings = Curve(measured.iter().map(row).collect());
    let by_order = |size: usize| {
        let of_size = measured.iter().map(|sizes| sizes[size].by_order.clone());
        mean_by_size(&of_size.collect::<Vec<_>>())
    };
    let tokens = savings.sizes();
    let all = 0..tokens.len();
    let best: Vec<f64> = all.map(|size| best_order(&by_order(size)) as f64).collect();
    let growth = Criterion::above(
        "growth of the advantage per doubling, nats per token",
        savings.slopes(),
        0.0,
    );
    let sentence = format!(
        "The advantage of 5-grams over bigrams changes by {growth:.3} nats per token with each doubling. With {} tokens it is {}, and \
         the best order is {}. Losses of orders 1 to 5: {} on the smallest text, {} on the whole text.",
        comma_separated(&tokens, 0),
        comma_separated(&savings.means(), 3),
        comma_separated(&best, 0),
        comma_separated(&by_order(0), 3),
        comma_separated(&by_order(tokens.len() - 1), 3),
    );
    Finding::new(claim, sentence, vec![growth])
}

/// The loss of each order.
fn losses(data: &ExperimentData, halvings: u32, progress: &mut dyn Progress) -> Result<Losses> {
    let mut loss = |order| {
        let config = Config {
            order,
            ..Config::default()
        };
        let model = data.train(&config, halvings, progress);
        data.loss(&model.map_err(into_harness)?)
    };
    Ok(Losses {
        tokens: data.length(halvings) as f64,
        by_order: ORDERS.map(&mut loss).collect::<Result<_>>()?,
    })
}

/// The order with the smallest loss; among equals, the lowest.
pub(super) fn best_order(losses: &[f64]) -> usize {
    let best = (1..).zip(losses).min_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(order, _)| order)
}
