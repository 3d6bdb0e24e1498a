//! Parameters of earlier moments of a training: those whose average it ends with, and the best it had.

use tch::Tensor;

use crate::checkpoint::State;
use crate::error::Result;
use crate::parameters::Parameters;
use crate::trainer::with_memory;

/// The last part of training, from which parameters are averaged.
const AVERAGED: f64 = 0.1;

/// What is kept of them; how many they are, and how good, is in the training's [`State`].
#[derive(Debug, Default)]
pub(crate) struct Moments {
    /// The sum of the parameters at the moments so far that are averaged: f32, `[all]`.
    pub(crate) sum: Option<Tensor>,
    /// The parameters of the best point of the learning curve so far: f32, `[all]`.
    pub(crate) best: Option<Tensor>,
}

impl Moments {
    /// Adds up the parameters where one of `number` moments has come whose parameters are averaged: `share` of the budget is
    /// spent.
    pub(crate) fn gather(
        &mut self,
        parameters: &Parameters,
        state: &mut State,
        number: u64,
        share: f64,
    ) -> Result<()> {
        let gathered = state.averaged + 1;
        if gathered >= number {
            return Ok(());
        }
        let due = 1.0 - AVERAGED * (1.0 - gathered as f64 / number as f64);
        if share >= due {
            let (master, _) = parameters.master();
            match &mut self.sum {
                Some(sum) => drop(tch::no_grad(|| sum.g_add_(&master))),
                sum => *sum = Some(with_memory(state.step, || Ok(master.copy()))?),
            }
            state.averaged = gathered;
        }
        Ok(())
    }

    /// Makes the parameters the average of those that were added up and of themselves; whether there were any.
    pub(crate) fn average(&mut self, parameters: &mut Parameters, state: &mut State) -> bool {
        let Some(sum) = self.sum.take() else {
            return false;
        };
        let (mut master, _) = parameters.master();
        let number = (std::mem::take(&mut state.averaged) + 1) as f64;
        tch::no_grad(|| master.copy_(&((sum + &master) / number)));
        parameters.refresh();
        true
    }

    /// Keeps the parameters if none before had so high a mean ln p on the validation sample.
    pub(crate) fn keep(
        &mut self,
        parameters: &Parameters,
        state: &mut State,
        log_prob: f64,
    ) -> Result<()> {
        let is_best = state.best.is_none_or(|best| log_prob > best);
        if is_best && log_prob.is_finite() {
            let (master, _) = parameters.master();
            match &mut self.best {
                Some(best) => tch::no_grad(|| best.copy_(&master)),
                best => *best = Some(with_memory(state.step, || Ok(master.copy()))?),
            }
            state.best = Some(log_prob);
        }
        Ok(())
    }

    /// Makes the parameters those that were best, unless those of the end are; says so in words.
    pub(crate) fn return_to_best(
        &self,
        parameters: &mut Parameters,
        state: &State,
    ) -> Option<String> {
        let last = state.curve.last()?.valid_log_prob?;
        let (kept, best) = (self.best.as_ref()?, state.best?);
        if last >= best {
            return None;
        }
        let (mut master, _) = parameters.master();
        tch::no_grad(|| master.copy_(kept));
        parameters.refresh();
        let perplexity = |log_prob: f64| (-log_prob).exp();
        Some(format!(
            "validation perplexity was {:.2} in the end and {:.2} before; the model is that of then",
            perplexity(last),
            perplexity(best)
        ))
    }
}
