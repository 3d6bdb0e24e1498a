//! Claims about training.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use neural::experiments::finding;
use neural::{Schedule, TrainingConfig};

use super::{
    Outcome, TrainingCache, TranslationExperiment, claim, config, mean_of, outcomes, rises,
};
use crate::stack_config::Norm;
use crate::translation::Config;

/// Post-norm needs a warm-up.
pub(super) struct WarmUp(pub(super) TrainingCache);

/// Checkpoint averaging lowers perplexity.
pub(super) struct Averaging(pub(super) TrainingCache);

fn with(config: &Config, change: impl FnOnce(&mut TrainingConfig)) -> Config {
    let mut config = config.clone();
    change(&mut config.training);
    config
}

impl Experiment for WarmUp {
    fn claim(&self) -> Claim {
        claim(
            "warm-up",
            "Post-norm layers need a learning-rate warm-up",
            "4,000 steps of warm-up, used throughout",
            "section 5.3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let post = config(&bench);
        let pre = Config {
            norm: Norm::Pre,
            ..post.clone()
        };
        // With a constant learning rate, so that only the warm-up differs.
        let configs = [post, pre].map(|own| {
            let warmup_steps = own.training.warmup_steps;
            [warmup_steps, 0].map(|warmup_steps| {
                with(&own, |training_config| {
                    training_config.schedule = Schedule::Constant;
                    training_config.warmup_steps = warmup_steps;
                })
            })
        });
        let found = outcomes(&bench, context, &configs.concat(), progress)?;
        let mean = |at: usize| mean_of(&found[at], Outcome::nats).exp();
        let losses = rises(&found[0], &found[1], Outcome::nats);
        let measured = format!(
            "perplexity {:.2} with warm-up, {:.2} without; with pre-norm {:.2} and {:.2}",
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

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let base = config(&bench);
        let configs = [1, 5].map(|average| {
            with(&base, |training_config| {
                training_config.averaged_checkpoints = average
            })
        });
        let found = outcomes(&bench, context, &configs, progress)?;
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
