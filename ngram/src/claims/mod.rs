//! The paper's claims, each with a miniature experiment in a file of its own.
//!
//! `experiment_data` holds what they share: the training text of a repetition in nine sizes, and its validation text. A loss is the
//! mean negative ln p per token of the validation text, with scores renormalised over the vocabulary. Each experiment measures in
//! `run`; its function `finding` turns measurements into a finding.

mod any_alpha;
mod backoff_catches_up;
mod cheap_to_build;
mod coverage;
mod experiment_data;
#[cfg(test)]
mod experiment_tests;
mod higher_orders;
mod more_data;
mod raw_is_enough;
mod rerank;
mod shard_balance;
mod summary_statistics;
#[cfg(test)]
mod unit_tests;
#[cfg(test)]
mod verdict_tests;

use harness::{Claim, Experiment};

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

/// A claim of the paper; `location` is the section, table or figure.
fn claim(id: &str, statement: &str, evidence: &str, location: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Brants et al. 2007, {location}"),
    }
}
