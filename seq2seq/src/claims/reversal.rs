//! Claims about reversed sources.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, Verdict, decide};

use super::claim;
use super::{Outcome, TrainingCache, TranslationExperiment, config};
use crate::translation::{Config, SourceOrder};
use neural::experiments::{finding, mean};

/// Reversing the source improves perplexity and BLEU.
pub(super) struct Reversal(pub(super) TrainingCache);

/// Long sentences improve as well.
pub(super) struct ReversalOfLong(pub(super) TrainingCache);

fn words(source: &str) -> f64 {
    source.split_whitespace().count() as f64
}

/// The outcomes with reversed and with forward sources, for each seed.
fn both(
    bench: &TranslationExperiment<'_>,
    seeds: &[u64],
    progress: &mut dyn Progress,
) -> Result<Vec<[std::rc::Rc<Outcome>; 2]>> {
    let mut all = Vec::new();
    for &seed in seeds {
        let mut train = |source_order| {
            let config = Config {
                source_order,
                ..config(bench)
            };
            bench.train(&config, seed, progress)
        };
        all.push([train(SourceOrder::Reversed)?, train(SourceOrder::Forward)?]);
    }
    Ok(all)
}

impl Experiment for Reversal {
    fn claim(&self) -> Claim {
        claim(
            "reversal",
            "Reversing the source improves perplexity and BLEU",
            "perplexity 5.8 to 4.7, BLEU 25.9 to 30.6",
            "section 3.3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let outcomes = both(&bench, context.seeds, progress)?;
        let of = |number: fn(&Outcome) -> f64, which: usize| -> Vec<f64> {
            outcomes.iter().map(|pair| number(&pair[which])).collect()
        };
        let bleu = |outcome: &Outcome| outcome.evaluation.bleu;
        let nats = |outcome: &Outcome| outcome.nats();
        let gains = |number: fn(&Outcome) -> f64, sign: f64| -> Vec<f64> {
            let pairs = of(number, 0).into_iter().zip(of(number, 1));
            pairs
                .map(|(reversed, forward)| sign * (reversed - forward))
                .collect()
        };
        let (by_bleu, by_nats) = (gains(bleu, 1.0), gains(nats, -1.0));
        let verdicts = (decide(&by_bleu, 0.0).verdict, decide(&by_nats, 0.0).verdict);
        let verdict = match verdicts {
            (one, other) if one == other => one,
            _ => Verdict::NotDecided,
        };
        let better = by_bleu
            .iter()
            .zip(&by_nats)
            .filter(|gain| *gain.0 > 0.0 && *gain.1 > 0.0);
        let measured = format!(
            "perplexity {:.2} to {:.2}, BLEU {:.1} to {:.1}; better on both for {} of {} seeds",
            mean(&of(nats, 1)).exp(),
            mean(&of(nats, 0)).exp(),
            mean(&of(bleu, 1)),
            mean(&of(bleu, 0)),
            better.count(),
            by_bleu.len()
        );
        Ok(finding(self.claim(), verdict, measured, by_bleu))
    }
}

impl Experiment for ReversalOfLong {
    fn claim(&self) -> Claim {
        claim(
            "reversal-of-long",
            "Reversing the source improves the translation of long sentences as well",
            "observed by the authors",
            "section 3.3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let [_, long] = bench.halves(words);
        let (mut gains, mut reversed, mut forward) = (Vec::new(), Vec::new(), Vec::new());
        for [own, other] in both(&bench, context.seeds, progress)? {
            reversed.push(bench.bleu(&own.translator, &long)?);
            forward.push(bench.bleu(&other.translator, &long)?);
            gains.push(reversed[reversed.len() - 1] - forward[forward.len() - 1]);
        }
        let measured = format!(
            "BLEU {:.1} to {:.1} on the longer half, {:.0} words and more",
            mean(&forward),
            mean(&reversed),
            long.first().map_or(0.0, |pair| words(&pair.source))
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}
