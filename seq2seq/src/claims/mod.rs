//! The paper's claims, each with its miniature.
//!
//! What several experiments train is trained once ([`neural::bench`]). BLEU is of the test pairs; a repetition is a seed.
//!
//! Left out are that rescoring improves a system of phrases (there is none here), and that the vectors of sentences do not
//! mind the voice of a verb: no corpus here says which sentences differ in it only.

mod bucketing;
mod depth;
mod ensemble;
mod lengths;
mod reversal;
mod vectors;

use harness::{Claim, Experiment};
use neural::Recipe;

use crate::translation::{Config, Network};

type Notebook = neural::bench::Notebook<Network>;
type Outcome = neural::bench::Outcome<Network>;
type Bench<'a> = neural::bench::Bench<'a, Network>;

/// The settings that experiments begin from. Of the smallest preset they are gentler than its own: steps that serve long
/// networks and those with attention as well, and enough passes for differences to show.
pub fn config(bench: &Bench<'_>) -> Config {
    let config: Config = bench.preset(Config::preset, ["tiny", "small"]);
    let training = Recipe {
        learning_rate: config.training.learning_rate.min(3e-3),
        ..config.training.at_least(4.0)
    };
    Config { training, ..config }
}

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
