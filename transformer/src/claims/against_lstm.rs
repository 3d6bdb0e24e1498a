//! The claims that compare the Transformer with the LSTMs of 2014 and 2015.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::TrainingConfig;
use neural::experiments::{Outcome, TrainingCache, TranslationExperiment, column, mean};

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
    let usual = bench.training(config.training, 0.0).epochs;
    let share = (epochs / usual).min(1.0);
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
            statement: "It translates better than an LSTM with attention after the same number of epochs, and reaches its BLEU \
                        with less than a third of its training operations"
                .to_owned(),
            evidence: "English to German: BLEU 27.3 with 3.3e18 operations; recurrent ensembles 26.3 with 1.8e20"
                .to_owned(),
            source: "Vaswani et al. 2017, table 2".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let lstms = TranslationExperiment::all(context, &self.0.lstms)?;
        let benches = TranslationExperiment::all(context, &self.0.transformers)?;
        let mut measured = Vec::new();
        for (recurrent, bench) in lstms.iter().zip(&benches) {
            let config = lstm(recurrent, true);
            let rival = recurrent.train(&config, progress)?;
            let mut train = |share: f64| {
                let epochs = config.training.epochs * share;
                bench.train(&transformer(bench, epochs), progress)
            };
            let whole = train(1.0)?;
            let relative = |own: &Outcome<Network>| {
                [own.flops() / rival.flops(), own.seconds() / rival.seconds()]
            };
            let mut reached = None;
            for share in SHARES {
                let own = train(share)?;
                if own.evaluation.bleu >= rival.evaluation.bleu {
                    reached = Some(relative(&own));
                    break;
                }
            }
            let [flops, seconds] = reached.unwrap_or(relative(&whole));
            measured.push(Measured {
                bleu: [rival.evaluation.bleu, whole.evaluation.bleu],
                flops,
                seconds,
                is_reached: reached.is_some(),
            });
        }
        Ok(finding_on_cost(self.claim(), &measured))
    }
}

/// What a repetition found about the cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// BLEU of the LSTM with attention, and of the Transformer after the same number of epochs.
    pub(super) bleu: [f64; 2],
    /// Operations until the Transformer reaches the LSTM's BLEU, as a share of the LSTM's. If it does not reach it: those of its
    /// whole training, which are not enough.
    pub(super) flops: f64,
    /// The same for the time.
    pub(super) seconds: f64,
    /// Whether it reaches the LSTM's BLEU.
    pub(super) is_reached: bool,
}

/// The finding from all repetitions. Where the LSTM's BLEU is not reached the share is only a lower bound. The mean with such bounds
/// is at most the true mean: it can contradict the claim, but never confirm it.
pub(super) fn finding_on_cost(claim: Claim, measured: &[Measured]) -> Finding {
    let shares = column(measured, |own| own.flops);
    let share = Criterion {
        has_bounds: measured.iter().any(|own| !own.is_reached),
        ..Criterion::below("share of the LSTM's operations", shares, ENOUGH)
    };
    let gains = column(measured, |own| own.bleu[1] - own.bleu[0]);
    let gain = Criterion::above("gain in BLEU after the same number of epochs", gains, 0.0);
    let by_repetition = measured.iter().map(|own| {
        let above = if own.is_reached { "" } else { "more than " };
        format!("{above}{:.2} ({:.2})", own.flops, own.seconds)
    });
    let sentence = format!(
        "BLEU of the LSTM with attention {:.1}, of the Transformer after the same number of epochs {:.1} ({gain:.1} more); share of \
         the LSTM's operations (of its time) to reach its BLEU, by repetition: {}",
        mean(&column(measured, |own| own.bleu[0])),
        mean(&column(measured, |own| own.bleu[1])),
        by_repetition.collect::<Vec<_>>().join(", "),
    );
    Finding::new(claim, sentence, vec![share, gain])
}

impl Experiment for LongSentences {
    fn claim(&self) -> Claim {
        Claim {
            id: "long-sentences".to_owned(),
            statement:
                "Any two words are one step apart: the gain over an LSTM is larger on the longer half of the sentences"
                    .to_owned(),
            evidence: "maximum path length O(1) instead of O(n)".to_owned(),
            source: "Vaswani et al. 2017, table 1".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let lstms = TranslationExperiment::all(context, &self.0.lstms)?;
        let benches = TranslationExperiment::all(context, &self.0.transformers)?;
        let mut measured = Vec::new();
        for (recurrent, bench) in lstms.iter().zip(&benches) {
            let config = lstm(recurrent, false);
            let plain = recurrent.train(&config, progress)?;
            let own = bench.train(&transformer(bench, config.training.epochs), progress)?;
            let mut by_half = [[0.0; 2]; 2];
            let halves = bench.halves(|source| source.split_whitespace().count() as f64);
            for (bleu, half) in by_half.iter_mut().zip(&halves) {
                let lstm = recurrent.bleu(&plain.translator, half)?;
                *bleu = [lstm, bench.bleu(&own.translator, half)?];
            }
            measured.push(by_half);
        }
        Ok(finding_on_long(self.claim(), &measured))
    }
}

/// The finding from BLEU of the LSTM and of the Transformer, on the shorter and on the longer half.
pub(super) fn finding_on_long(claim: Claim, measured: &[[[f64; 2]; 2]]) -> Finding {
    let gains = column(measured, |[short, long]| {
        (long[1] - long[0]) - (short[1] - short[0])
    });
    let lead = Criterion::above(
        "gain on the longer half less that on the shorter, BLEU",
        gains,
        0.0,
    );
    let of = |half: usize, model: usize| mean(&column(measured, |by_half| by_half[half][model]));
    let sentence = format!(
        "BLEU of LSTM and Transformer {:.1}, {:.1} on the shorter half, {:.1}, {:.1} on the longer: the gain is {lead:.1} larger",
        of(0, 0),
        of(0, 1),
        of(1, 0),
        of(1, 1),
    );
    Finding::new(claim, sentence, vec![lead])
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
