//! How it is trained.

use harness::{Claim, Experiment, Finding, Laboratory, Progress, Result, decide};
use neural::bench::finding;
use neural::{Recipe, Schedule};

use super::{Bench, Notebook, Outcome, claim, config, mean_of, outcomes, rises};
use crate::shape::Norm;
use crate::translation::Config;

/// The learning rate must begin small.
pub(super) struct WarmUp(pub(super) Notebook);

/// The last checkpoints are averaged.
pub(super) struct Averaging(pub(super) Notebook);

fn with(config: &Config, change: impl FnOnce(&mut Recipe)) -> Config {
    let mut config = config.clone();
    change(&mut config.training);
    config
}

impl Experiment for WarmUp {
    fn claim(&self) -> Claim {
        claim(
            "warm-up",
            "Layers that normalise what they write need a learning rate that begins small",
            "4,000 steps of warm-up, used throughout",
            "section 5.3",
        )
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(laboratory, &self.0)?;
        let post = config(&bench);
        let pre = Config {
            norm: Norm::Pre,
            ..post.clone()
        };
        // At a constant rate, so that they differ in the beginning only.
        let configs = [post, pre].map(|own| {
            let warmup = own.training.warmup;
            [warmup, 0].map(|warmup| {
                with(&own, |recipe| {
                    recipe.schedule = Schedule::Constant;
                    recipe.warmup = warmup;
                })
            })
        });
        let found = outcomes(&bench, laboratory, &configs.concat(), progress)?;
        let mean = |at: usize| mean_of(&found[at], Outcome::nats).exp();
        let losses = rises(&found[0], &found[1], Outcome::nats);
        let measured = format!(
            "perplexity {:.2} with it, {:.2} without; normalising what they read {:.2} and {:.2}",
            mean(0),
            mean(1),
            mean(2),
            mean(3)
        );
        let verdict = decide(&losses, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, losses))
    }
}

impl Experiment for Averaging {
    fn claim(&self) -> Claim {
        claim(
            "averaging",
            "The average of the last five checkpoints is better than the last",
            "used throughout",
            "section 6.1",
        )
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(laboratory, &self.0)?;
        let base = config(&bench);
        let configs = [1, 5].map(|average| with(&base, |recipe| recipe.average = average));
        let found = outcomes(&bench, laboratory, &configs, progress)?;
        let bleu = |outcome: &Outcome| outcome.evaluation.bleu;
        let gains = rises(&found[1], &found[0], Outcome::nats);
        let measured = format!(
            "perplexity {:.2} to {:.2}, BLEU {:.1} to {:.1}",
            mean_of(&found[0], Outcome::nats).exp(),
            mean_of(&found[1], Outcome::nats).exp(),
            mean_of(&found[0], bleu),
            mean_of(&found[1], bleu)
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}
