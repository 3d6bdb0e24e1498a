//! The paper's claims, each with a miniature experiment.
//!
//! Experiments share trained models ([`neural::experiments`]). Perplexity and BLEU are measured on the test pairs; each
//! repetition uses another seed. The Transformer is compared with the LSTMs of `seq2seq`.

mod against_lstm;
mod decoding;
mod schedule;
mod variations;

use std::rc::Rc;

use harness::{Claim, Experiment, ExperimentContext, Progress, Result};

use crate::translation::{Config, Network};

type TrainingCache = neural::experiments::TrainingCache<Network>;
type Outcome = neural::experiments::Outcome<Network>;
type TranslationExperiment<'a> = neural::experiments::TranslationExperiment<'a, Network>;

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let cache = TrainingCache::default();
    let shared = || cache.clone();
    let mut all: Vec<Box<dyn Experiment>> = vec![
        Box::new(schedule::WarmUp(shared())),
        Box::new(schedule::Averaging(shared())),
        Box::new(decoding::LengthPenalty(shared())),
    ];
    all.extend(variations::all(&cache));
    all.extend(against_lstm::all(&cache));
    all
}

/// The base configuration of the experiments, with enough epochs for differences to show.
fn config(bench: &TranslationExperiment<'_>) -> Config {
    let config: Config = bench.preset(Config::preset, ["tiny", "small"]);
    Config {
        training: config.training.at_least(4.0),
        ..config
    }
}

/// A claim of the paper, with its section.
fn claim(id: &str, statement: &str, evidence: &str, section: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Vaswani et al. 2017, {section}"),
    }
}

/// The outcomes of each configuration, for each seed.
fn outcomes(
    bench: &TranslationExperiment<'_>,
    context: &ExperimentContext<'_>,
    configs: &[Config],
    progress: &mut dyn Progress,
) -> Result<Vec<Vec<Rc<Outcome>>>> {
    let mut all: Vec<Vec<Rc<Outcome>>> = configs.iter().map(|_| Vec::new()).collect();
    for &seed in context.seeds {
        for (found, config) in all.iter_mut().zip(configs) {
            found.push(bench.train(config, seed, progress)?);
        }
    }
    Ok(all)
}

/// The difference of a quantity, second minus first, for each seed.
fn rises(first: &[Rc<Outcome>], second: &[Rc<Outcome>], of: impl Fn(&Outcome) -> f64) -> Vec<f64> {
    let pairs = first.iter().zip(second);
    pairs.map(|(a, b)| of(b) - of(a)).collect()
}

/// The mean of a quantity over seeds.
fn mean_of(outcomes: &[Rc<Outcome>], of: impl Fn(&Outcome) -> f64) -> f64 {
    let values: Vec<f64> = outcomes.iter().map(|outcome| of(outcome)).collect();
    neural::experiments::mean(&values)
}
