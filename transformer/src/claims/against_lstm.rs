//! The claims that compare the Transformer with the LSTMs of 2014 and 2015.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use neural::TrainingConfig;
use neural::experiments::{TrainingCache, TranslationExperiment, finding, mean};

use crate::{Config, Network};

/// What was trained already, of both eras.
#[derive(Clone, Default)]
struct Caches {
    transformers: TrainingCache<Network>,
    lstms: TrainingCache<seq2seq::Network>,
}

/// Better translations for less training: the paper's main claim.
struct Cost(Caches);

/// Bridging any distance in one step: long sentences.
struct LongSentences(Caches);

/// The passes of the LSTM that the Transformer is given, the fewest first.
const SHARES: [f64; 6] = [0.05, 0.1, 0.2, 0.333, 0.5, 1.0];
/// The share of the LSTM's operations that is to suffice.
const ENOUGH: f64 = 1.0 / 3.0;

/// Presets for little time and for much.
const PRESETS: [&str; 2] = ["tiny", "small"];

/// The LSTM that is compared with, without or with attention.
fn lstm(bench: &TranslationExperiment<'_, seq2seq::Network>, attention: bool) -> seq2seq::Config {
    seq2seq::Config {
        attention,
        ..seq2seq::config_of_experiments(bench)
    }
}

/// The Transformer for so many passes; it needs little time to warm up where there are few.
fn transformer(bench: &TranslationExperiment<'_, Network>, epochs: f64) -> Config {
    let config: Config = bench.preset(Config::preset, PRESETS);
    let share = (epochs / config.training.epochs).min(1.0);
    Config {
        training: TrainingConfig {
            epochs,
            warmup_steps: (config.training.warmup_steps as f64 * share).ceil() as u64,
            ..config.training
        },
        ..config
    }
}

impl Experiment for Cost {
    fn claim(&self) -> Claim {
        Claim {
            id: "cost".to_owned(),
            statement: "It translates better for a fraction of the training".to_owned(),
            evidence: "English to German BLEU 27.3 for 3.3e18 operations, recurrent ensembles 26.3 for 1.8e20"
                .to_owned(),
            source: "Vaswani et al. 2017, table 2".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let recurrent = TranslationExperiment::open(context, &self.0.lstms)?;
        let bench = TranslationExperiment::open(context, &self.0.transformers)?;
        let config = lstm(&recurrent, false);
        let (mut shares, mut bleu, mut told) = (Vec::new(), [const { Vec::new() }; 3], Vec::new());
        for &seed in context.seeds {
            let plain = recurrent.train(&config, seed, progress)?;
            let attentive = recurrent.train(&lstm(&recurrent, true), seed, progress)?;
            bleu[0].push(plain.evaluation.bleu);
            bleu[1].push(attentive.evaluation.bleu);
            let mut train = |share: f64| {
                let epochs = config.training.epochs * share;
                bench.train(&transformer(&bench, epochs), seed, progress)
            };
            let whole = train(1.0)?;
            bleu[2].push(whole.evaluation.bleu);
            let mut reached = None;
            for share in SHARES {
                let own = train(share)?;
                if own.evaluation.bleu >= plain.evaluation.bleu {
                    reached = Some(own);
                    break;
                }
            }
            // Where it never came so far, it needs more than all that it was given.
            let above = if reached.is_some() { "" } else { "more than " };
            let own = reached.unwrap_or(whole);
            let flops = own.flops() / plain.flops();
            let seconds = own.seconds() / plain.seconds();
            told.push(format!("{above}{flops:.2} ({seconds:.2})"));
            shares.push(flops);
        }
        let measured = format!(
            "BLEU of LSTM, LSTM with attention, Transformer after as many passes: {:.1}, {:.1}, {:.1}; the LSTM's reached for \
             this share of its operations (seconds), by seed: {}",
            mean(&bleu[0]),
            mean(&bleu[1]),
            mean(&bleu[2]),
            told.join(", ")
        );
        let saved: Vec<f64> = shares.iter().map(|share| -share).collect();
        let verdict = decide(&saved, -ENOUGH).verdict;
        Ok(finding(self.claim(), verdict, measured, shares))
    }
}

impl Experiment for LongSentences {
    fn claim(&self) -> Claim {
        Claim {
            id: "long-sentences".to_owned(),
            statement: "Any two words are one step apart: long sentences gain most over an LSTM"
                .to_owned(),
            evidence: "path lengths of O(1) for O(n)".to_owned(),
            source: "Vaswani et al. 2017, table 1".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let recurrent = TranslationExperiment::open(context, &self.0.lstms)?;
        let bench = TranslationExperiment::open(context, &self.0.transformers)?;
        let config = lstm(&recurrent, false);
        let words = |source: &str| source.split_whitespace().count() as f64;
        let halves = bench.halves(words);
        let (mut gains, mut told) = (Vec::new(), [const { Vec::new() }; 4]);
        for &seed in context.seeds {
            let plain = recurrent.train(&config, seed, progress)?;
            let epochs = config.training.epochs;
            let own = bench.train(&transformer(&bench, epochs), seed, progress)?;
            let mut gain = [0.0; 2];
            for (at, half) in halves.iter().enumerate() {
                let lstm = recurrent.bleu(&plain.translator, half)?;
                let transformer = bench.bleu(&own.translator, half)?;
                gain[at] = transformer - lstm;
                told[2 * at].push(lstm);
                told[2 * at + 1].push(transformer);
            }
            gains.push(gain[1] - gain[0]);
        }
        let [short, short_own, long, long_own] = told.map(|values| mean(&values));
        let measured = format!(
            "BLEU of LSTM and Transformer {short:.1}, {short_own:.1} on the shorter half, {long:.1}, {long_own:.1} on the longer"
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}

/// The experiments, which share their trainings.
pub(super) fn all(transformers: &TrainingCache<Network>) -> Vec<Box<dyn Experiment>> {
    let caches = Caches {
        transformers: transformers.clone(),
        lstms: TrainingCache::default(),
    };
    vec![
        Box::new(Cost(caches.clone())),
        Box::new(LongSentences(caches)),
    ]
}
