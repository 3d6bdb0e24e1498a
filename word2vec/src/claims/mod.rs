//! The papers' claims, each with its miniature: a file for each.
//!
//! What all share stands in `bench.rs`: text that begins somewhere else for each seed, questions of words, and a notebook,
//! so that what several experiments train is trained once. Accuracies and their differences are in per cent.
//!
//! Left out is that such vectors cost less than those of neural language models of the same quality (2013a, tables 4 to
//! 6): it needs the embeddings of an LSTM to compare with.

mod bench;
mod cbow_faster;
mod cbow_syntactic;
mod dimension_and_data;
mod halves;
mod negative_sampling_beats_tree;
mod noise_exponent;
mod offsets;
mod one_epoch_twice_the_text;
mod phrases;
mod skip_gram_semantic;
mod subsampling_helps_the_tree_most;
mod subsampling_speeds_up;
#[cfg(test)]
mod tests;
mod two_by_two;
mod window;

use harness::{Claim, Decision, Experiment, Finding};

use bench::Notebook;

/// The era's experiments, in the order of the papers.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let notebook = Notebook::default();
    let shared = || notebook.clone();
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

/// A claim of the papers, at a place in them.
fn claim(id: &str, statement: &str, evidence: &str, place: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Mikolov et al. {place}"),
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
