//! The paper's claims, each with a miniature experiment.
//!
//! Experiments share trained models ([`neural::experiments`]). Each repetition trains on its own pairs, and measures BLEU on its
//! own test pairs. Each experiment measures in `run`; its function `finding` turns measurements into a finding.
//!
//! Two claims are not tested: that rescoring improves a phrase-based system (there is none here), and that sentence vectors
//! are insensitive to active or passive voice (no corpus here marks sentences that differ only in voice).

mod bucketing;
mod depth;
mod ensemble;
mod lengths;
mod reversal;
mod vectors;
#[cfg(test)]
mod verdict_tests;

use harness::{Claim, Experiment};
use neural::TrainingConfig;

use crate::translation::{Config, Network};

type TrainingCache = neural::experiments::TrainingCache<Network>;
type TranslationExperiment<'a> = neural::experiments::TranslationExperiment<'a, Network>;

/// The base configuration of the experiments, with a learning rate that also suits deep networks and attention, and enough
/// epochs for differences to show.
pub fn config(bench: &TranslationExperiment<'_>) -> Config {
    let config: Config = bench.preset(Config::tuned_preset, ["tiny", "small"]);
    let training = TrainingConfig {
        learning_rate: config.training.learning_rate.min(3e-3),
        ..bench.training(config.training, 4.0)
    };
    Config { training, ..config }
}

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let cache = TrainingCache::default();
    let shared = || cache.clone();
    vec![
        Box::new(reversal::Reversal(shared())),
        Box::new(reversal::ReversalOfLong(shared())),
        Box::new(depth::Depth(shared())),
        Box::new(ensemble::Ensembles(shared())),
        Box::new(lengths::LongSentences(shared())),
        Box::new(lengths::RareWords(shared())),
        Box::new(bucketing::Bucketing),
        Box::new(vectors::WordOrder(shared())),
    ]
}

/// A claim of the paper, with its section.
fn claim(id: &str, statement: &str, evidence: &str, section: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Sutskever et al. 2014, {section}"),
    }
}
