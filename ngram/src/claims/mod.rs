//! The paper's claims, each with its miniature: a file for each.
//!
//! What all share stands in `bench.rs`: training text that is halved again and again, and text to measure on. A loss is
//! the mean negative ln p per token of validation text, of scores renormalised over the vocabulary.

mod any_alpha;
mod backoff_catches_up;
mod bench;
mod cheap_to_build;
mod coverage;
mod higher_orders;
mod more_data;
mod raw_is_enough;
mod rerank;
mod shard_balance;
mod statistics;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worked_by_hand;

use harness::{Claim, Decision, Experiment, Finding};

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    vec![
        Box::new(any_alpha::AnyAlpha),
        Box::new(shard_balance::ShardBalance),
        Box::new(cheap_to_build::CheapToBuild),
        Box::new(raw_is_enough::RawIsEnough),
        Box::new(more_data::MoreData),
        Box::new(coverage::Coverage),
        Box::new(backoff_catches_up::BackoffCatchesUp),
        Box::new(higher_orders::HigherOrders),
    ]
}

/// A claim of the paper, at a place in it.
fn claim(id: &str, statement: &str, evidence: &str, place: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Brants et al. 2007, {place}"),
    }
}

/// What became of it.
fn finding(claim: Claim, decision: Decision, measured: String, values: Vec<f64>) -> Finding {
    Finding {
        claim,
        verdict: decision.verdict,
        measured,
        values,
    }
}
