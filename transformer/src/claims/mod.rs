//! The paper's claims, each with a miniature experiment.
//!
//! Experiments share trained models ([`neural::experiments`]). Each repetition trains on its own pairs, and measures perplexity and
//! BLEU on its own test pairs. The Transformer is compared with the LSTMs of `seq2seq`. Each experiment measures in `run`; its
//! function `finding` turns measurements into a finding.

mod against_lstm;
mod decoding;
mod schedule;
mod variations;
#[cfg(test)]
mod verdict_tests;

use harness::{Claim, Experiment, ExperimentContext, Progress, Result};
use neural::experiments::{Quality, column, mean};

use crate::translation::{Config, Network};

type TrainingCache = neural::experiments::TrainingCache<Network>;
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
        training: bench.training(config.training, 4.0),
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

/// The quality with each of some configurations.
type Row<const N: usize> = [Quality; N];

/// Trains variants of the base configuration in each repetition.
fn measure<const N: usize>(
    cache: &TrainingCache,
    context: &ExperimentContext<'_>,
    variants: impl Fn(Config) -> [Config; N],
    progress: &mut dyn Progress,
) -> Result<Vec<Row<N>>> {
    let mut rows = Vec::new();
    for bench in TranslationExperiment::all(context, cache)? {
        let mut row = Vec::new();
        for variant in variants(config(&bench)) {
            row.push(bench.train(&variant, progress)?.quality());
        }
        rows.push(std::array::from_fn(|at| row[at]));
    }
    Ok(rows)
}

/// The mean perplexity with a configuration.
fn perplexity<const N: usize>(rows: &[Row<N>], at: usize) -> f64 {
    mean(&column(rows, |row| row[at].nats)).exp()
}

/// The mean BLEU with a configuration.
fn bleu<const N: usize>(rows: &[Row<N>], at: usize) -> f64 {
    mean(&column(rows, |row| row[at].bleu))
}
