//! The papers' claims, each with a miniature experiment in a file of its own.
//!
//! `experiment_data` holds what they share: the text and the analogy questions of a repetition, and a cache of trainings.
//! Accuracies and their differences are in percent. Each experiment measures in `run`; its function `finding` turns measurements
//! into a finding.
//!
//! One claim is not tested: that such vectors cost less than those of neural language models of the same quality (2013a, tables 4
//! to 6). It needs the embeddings of an LSTM for comparison.

mod architecture_comparison;
mod cbow_faster;
mod cbow_syntactic;
mod dimension_and_data;
mod experiment_data;
#[cfg(test)]
mod experiment_tests;
mod negative_sampling_beats_tree;
mod noise_exponent;
mod offsets;
mod one_epoch_twice_the_text;
mod output_layers;
mod phrases;
mod skip_gram_semantic;
mod subsampling_helps_the_tree_most;
mod subsampling_speeds_up;
mod summary_statistics;
#[cfg(test)]
mod verdict_tests;
mod window;

use harness::{Claim, Experiment};

use experiment_data::TrainingCache;

/// The era's experiments, in the order of the papers.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let cache = TrainingCache::default();
    let shared = || cache.clone();
    vec![
        Box::new(offsets::Offsets(shared())),
        Box::new(skip_gram_semantic::SkipGramSemantic(shared())),
        Box::new(cbow_syntactic::CbowSyntactic(shared())),
        Box::new(cbow_faster::CbowFaster(shared())),
        Box::new(dimension_and_data::DimensionAndData(shared())),
        Box::new(one_epoch_twice_the_text::OneEpochTwiceTheText(shared())),
        Box::new(negative_sampling_beats_tree::NegativeSamplingBeatsTree(
            shared(),
        )),
        Box::new(subsampling_speeds_up::SubsamplingSpeedsUp(shared())),
        Box::new(subsampling_helps_the_tree_most::SubsamplingHelpsTheTreeMost(shared())),
        Box::new(noise_exponent::NoiseExponent(shared())),
        Box::new(window::Window(shared())),
        Box::new(phrases::Collocations(shared())),
    ]
}

/// A claim of the papers; `location` is the paper and its section or table.
fn claim(id: &str, statement: &str, evidence: &str, location: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Mikolov et al. {location}"),
    }
}
