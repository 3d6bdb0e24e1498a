//! The paper's claims, each with its miniature.
//!
//! What all share stands in `bench.rs`: pairs, settings, and a notebook, so that what several experiments train is trained
//! once. BLEU is of the test pairs; a repetition is a seed.
//!
//! Left out are that rescoring improves a system of phrases (there is none here), and that the vectors of sentences do not
//! mind the voice of a verb: no corpus here says which sentences differ in it only.

mod bench;
mod bucketing;
mod depth;
mod ensemble;
mod lengths;
mod reversal;
mod vectors;

use harness::{Claim, Experiment, Finding, Verdict};

use bench::Notebook;

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let notebook = Notebook::default();
    let shared = || notebook.clone();
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

/// A claim of the paper, at a place in it.
fn claim(id: &str, statement: &str, evidence: &str, place: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Sutskever et al. 2014, {place}"),
    }
}

/// What became of it.
fn finding(claim: Claim, verdict: Verdict, measured: String, values: Vec<f64>) -> Finding {
    Finding {
        claim,
        verdict,
        measured,
        values,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
