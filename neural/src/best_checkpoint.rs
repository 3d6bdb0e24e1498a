//! The parameters with the lowest validation loss so far.

use tch::Tensor;

use crate::error::Result;
use crate::memory::catch_out_of_memory;
use crate::parameters::Parameters;

/// The best point of the learning curve.
#[derive(Debug, Default)]
pub(crate) struct BestCheckpoint {
    /// f32, `[all]`; `None` before the first validation.
    pub(crate) parameters: Option<Tensor>,
    /// Mean ln p on the validation sample.
    pub(crate) log_prob: Option<f64>,
}

impl BestCheckpoint {
    /// Keeps the parameters if their mean ln p on the validation sample is the highest so far.
    pub(crate) fn update(
        &mut self,
        parameters: &Parameters,
        step: u64,
        log_prob: f64,
    ) -> Result<()> {
        let is_best = self.log_prob.is_none_or(|best| log_prob > best);
        if is_best && log_prob.is_finite() {
            let (master, _) = parameters.master();
            match &mut self.parameters {
                Some(best) => tch::no_grad(|| best.copy_(&master)),
                best => *best = Some(catch_out_of_memory(step, || Ok(master.copy()))?),
            }
            self.log_prob = Some(log_prob);
        }
        Ok(())
    }

    /// Restores the best parameters unless the final ones, with mean ln p `last`, are at least as good. Returns a note for the
    /// user.
    pub(crate) fn restore(&self, parameters: &mut Parameters, last: Option<f64>) -> Option<String> {
        let (best, best_log_prob, last) = (self.parameters.as_ref()?, self.log_prob?, last?);
        if last >= best_log_prob {
            return None;
        }
        parameters.overwrite(best);
        Some(format!(
            "restored the best checkpoint: validation perplexity {:.2} (final: {:.2})",
            (-best_log_prob).exp(),
            (-last).exp()
        ))
    }
}
