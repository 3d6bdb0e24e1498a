//! The paper's claims, each with its miniature.
//!
//! What several experiments train is trained once ([`neural::bench`]). Perplexity and BLEU are of the test pairs; a repetition
//! is a seed. What compares the Transformer with the LSTMs stands in the program, which knows both.

mod against_lstm;
mod decoding;
mod schedule;
mod variations;

use std::rc::Rc;

use harness::{Claim, Experiment, Laboratory, Progress, Result};

use crate::translation::{Config, Network};

type Notebook = neural::bench::Notebook<Network>;
type Outcome = neural::bench::Outcome<Network>;
type Bench<'a> = neural::bench::Bench<'a, Network>;

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let notebook = Notebook::default();
    let shared = || notebook.clone();
    let mut all: Vec<Box<dyn Experiment>> = vec![
        Box::new(schedule::WarmUp(shared())),
        Box::new(schedule::Averaging(shared())),
        Box::new(decoding::LengthPenalty(shared())),
    ];
    all.extend(variations::all(&notebook));
    all.extend(against_lstm::all(&notebook));
    all
}

/// The settings that experiments begin from: enough passes for differences to show, which half of them are not.
fn config(bench: &Bench<'_>) -> Config {
    let config: Config = bench.preset(Config::preset, ["tiny", "small"]);
    Config {
        training: config.training.at_least(4.0),
        ..config
    }
}

/// A claim of the paper, at a place in it.
fn claim(id: &str, statement: &str, evidence: &str, place: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Vaswani et al. 2017, {place}"),
    }
}

/// What comes of each of some settings, for each seed.
fn outcomes(
    bench: &Bench<'_>,
    laboratory: &Laboratory<'_>,
    configs: &[Config],
    progress: &mut dyn Progress,
) -> Result<Vec<Vec<Rc<Outcome>>>> {
    let mut all: Vec<Vec<Rc<Outcome>>> = configs.iter().map(|_| Vec::new()).collect();
    for &seed in laboratory.seeds {
        for (found, config) in all.iter_mut().zip(configs) {
            found.push(bench.train(config, seed, progress)?);
        }
    }
    Ok(all)
}

/// By how much a quantity of the second is above that of the first, for each seed.
fn rises(first: &[Rc<Outcome>], second: &[Rc<Outcome>], of: impl Fn(&Outcome) -> f64) -> Vec<f64> {
    let pairs = first.iter().zip(second);
    pairs.map(|(a, b)| of(b) - of(a)).collect()
}

/// The mean of a quantity over seeds.
fn mean_of(outcomes: &[Rc<Outcome>], of: impl Fn(&Outcome) -> f64) -> f64 {
    let values: Vec<f64> = outcomes.iter().map(|outcome| of(outcome)).collect();
    neural::bench::mean(&values)
}
