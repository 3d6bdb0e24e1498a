//! The claims that compare the Transformer with the LSTMs of 2014 and 2015.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use neural::TrainingConfig;
use neural::experiments::{TrainingCache, TranslationExperiment, finding, mean};

use crate::{Config, Network};

/// Trained models of both eras.
#[derive(Clone, Default)]
struct Caches {
    transformers: TrainingCache<Network>,
    lstms: TrainingCache<seq2seq::Network>,
}

/// Better translations at a lower training cost: the paper's main claim.
struct Cost(Caches);

/// Path length 1 between any two words: long sentences.
struct LongSentences(Caches);

/// The Transformer's epochs as shares of the LSTM's, in ascending order.
const SHARES: [f64; 6] = [0.05, 0.1, 0.2, 0.333, 0.5, 1.0];
/// The share of the LSTM's operations that must suffice.
const ENOUGH: f64 = 1.0 / 3.0;

/// Presets for small and full scale.
const PRESETS: [&str; 2] = ["tiny", "small"];

/// The LSTM of the comparison, with or without attention.
fn lstm(bench: &TranslationExperiment<'_, seq2seq::Network>, attention: bool) -> seq2seq::Config {
    seq2seq::Config {
        attention,
        ..seq2seq::config_of_experiments(bench)
    }
}

/// The Transformer for this number of epochs, with a shorter warm-up for fewer epochs.
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
            statement: "It translates better at a fraction of the training cost".to_owned(),
            evidence: "English to German: BLEU 27.3 with 3.3e18 operations; recurrent ensembles 26.3 with 1.8e20"
                .to_owned(),
            source: "Vaswani et al. 2017, table 2".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let recurrent = TranslationExperiment::open(context, &self.0.lstms)?;
        let bench = TranslationExperiment::open(context, &self.0.transformers)?;
        let config = lstm(&recurrent, false);
        let (mut shares, mut bleu, mut by_seed) =
            (Vec::new(), [const { Vec::new() }; 3], Vec::new());
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
            // If it never reached the LSTM's BLEU, it needs more than the full training.
            let above = if reached.is_some() { "" } else { "more than " };
            let own = reached.unwrap_or(whole);
            let flops = own.flops() / plain.flops();
            let seconds = own.seconds() / plain.seconds();
            by_seed.push(format!("{above}{flops:.2} ({seconds:.2})"));
            shares.push(flops);
        }
        let measured = format!(
            "BLEU of LSTM, LSTM with attention, Transformer after the same number of epochs: {:.1}, {:.1}, {:.1}; share of the \
             LSTM's operations (of its time) to reach its BLEU, by seed: {}",
            mean(&bleu[0]),
            mean(&bleu[1]),
            mean(&bleu[2]),
            by_seed.join(", ")
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
            statement:
                "Any two words are one step apart, so long sentences gain the most over an LSTM"
                    .to_owned(),
            evidence: "maximum path length O(1) instead of O(n)".to_owned(),
            source: "Vaswani et al. 2017, table 1".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let recurrent = TranslationExperiment::open(context, &self.0.lstms)?;
        let bench = TranslationExperiment::open(context, &self.0.transformers)?;
        let config = lstm(&recurrent, false);
        let words = |source: &str| source.split_whitespace().count() as f64;
        let halves = bench.halves(words);
        let (mut gains, mut by_half) = (Vec::new(), [const { Vec::new() }; 4]);
        for &seed in context.seeds {
            let plain = recurrent.train(&config, seed, progress)?;
            let epochs = config.training.epochs;
            let own = bench.train(&transformer(&bench, epochs), seed, progress)?;
            let mut gain = [0.0; 2];
            for (at, half) in halves.iter().enumerate() {
                let lstm = recurrent.bleu(&plain.translator, half)?;
                let transformer = bench.bleu(&own.translator, half)?;
                gain[at] = transformer - lstm;
                by_half[2 * at].push(lstm);
                by_half[2 * at + 1].push(transformer);
            }
            gains.push(gain[1] - gain[0]);
        }
        let [short, short_own, long, long_own] = by_half.map(|values| mean(&values));
        let measured = format!(
            "BLEU of LSTM and Transformer {short:.1}, {short_own:.1} on the shorter half, {long:.1}, {long_own:.1} on the longer"
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}

/// The experiments, which share trained models.
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
