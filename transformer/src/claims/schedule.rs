//! Claims about training.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::column;
use neural::{Schedule, TrainingConfig};

use super::{Row, TrainingCache, bleu, claim, measure, perplexity};
use crate::stack_config::Norm;
use crate::translation::Config;

/// Post-norm needs a warm-up. The paper's layers are post-norm; pre-norm is the comparison of later work.
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
            "Without a learning-rate warm-up post-norm layers have a higher perplexity, and lose more than pre-norm layers",
            "4,000 steps of warm-up, used throughout",
            "section 5.3",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let variants = |post: Config| {
            let pre = Config {
                norm: Norm::Pre,
                ..post.clone()
            };
            // With a constant learning rate, so that only the warm-up differs.
            let schedule = |own: &Config, warmup_steps| {
                with(own, |training_config| {
                    training_config.schedule = Schedule::Constant;
                    training_config.warmup_steps = warmup_steps;
                })
            };
            let steps = post.training.warmup_steps;
            [
                schedule(&post, steps),
                schedule(&post, 0),
                schedule(&pre, steps),
                schedule(&pre, 0),
            ]
        };
        let measured = measure(&self.0, context, variants, progress)?;
        Ok(finding_on_warm_up(self.claim(), &measured))
    }
}

/// The finding from the quality with post-norm with and without warm-up, then with pre-norm.
pub(super) fn finding_on_warm_up(claim: Claim, measured: &[Row<4>]) -> Finding {
    let post = column(measured, |row| row[1].nats - row[0].nats);
    let excess = column(measured, |row| {
        (row[1].nats - row[0].nats) - (row[3].nats - row[2].nats)
    });
    let rise = Criterion::above("rise with post-norm, nats per token", post, 0.0);
    let excess = Criterion::above(
        "excess over the rise with pre-norm, nats per token",
        excess,
        0.0,
    );
    let [with, without, pre_with, pre_without] = [0, 1, 2, 3].map(|at| perplexity(measured, at));
    let sentence = format!(
        "perplexity {with:.2} with warm-up, {without:.2} without ({rise:.3} nats per token); with pre-norm {pre_with:.2} and \
         {pre_without:.2}"
    );
    Finding::new(claim, sentence, vec![rise, excess])
}

impl Experiment for Averaging {
    fn claim(&self) -> Claim {
        claim(
            "averaging",
            "The average of the last five checkpoints has a lower perplexity than the last",
            "used throughout",
            "section 6.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let variants = |base: Config| {
            [1, 5].map(|average| {
                with(&base, |training_config| {
                    training_config.averaged_checkpoints = average
                })
            })
        };
        let measured = measure(&self.0, context, variants, progress)?;
        Ok(finding_on_averaging(self.claim(), &measured))
    }
}

/// The finding from the quality of the last checkpoint and of the average.
pub(super) fn finding_on_averaging(claim: Claim, measured: &[Row<2>]) -> Finding {
    let changes = column(measured, |[last, average]| average.nats - last.nats);
    let change = Criterion::below("change of the cross-entropy, nats per token", changes, 0.0);
    let sentence = format!(
        "perplexity {:.2} to {:.2} ({change:.3} nats per token), BLEU {:.1} to {:.1}",
        perplexity(measured, 0),
        perplexity(measured, 1),
        bleu(measured, 0),
        bleu(measured, 1),
    );
    Finding::new(claim, sentence, vec![change])
}
