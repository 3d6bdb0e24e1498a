//! Checkpoint averaging (Vaswani et al. 2017, section 6.1).

use tch::Tensor;

use crate::error::Result;
use crate::memory::catch_out_of_memory;
use crate::parameters::Parameters;

/// Checkpoints are taken from this last share of training.
const AVERAGED_SHARE: f64 = 0.1;

/// The running sum of the parameters of checkpoints.
#[derive(Debug, Default)]
pub(crate) struct CheckpointAverage {
    /// f32, `[all]`; `None` before the first checkpoint.
    pub(crate) sum: Option<Tensor>,
    /// Number of checkpoints in the sum.
    pub(crate) count: u64,
}

impl CheckpointAverage {
    /// Adds the parameters to the sum when the next of `number` checkpoints is due; `share` of the budget is spent.
    pub(crate) fn update(
        &mut self,
        parameters: &Parameters,
        step: u64,
        number: u64,
        share: f64,
    ) -> Result<()> {
        let next = self.count + 1;
        if next >= number {
            return Ok(());
        }
        let due = 1.0 - AVERAGED_SHARE * (1.0 - next as f64 / number as f64);
        if share >= due {
            let (master, _) = parameters.master();
            match &mut self.sum {
                Some(sum) => drop(tch::no_grad(|| sum.g_add_(&master))),
                sum => *sum = Some(catch_out_of_memory(step, || Ok(master.copy()))?),
            }
            self.count = next;
        }
        Ok(())
    }

    /// Replaces the parameters by the mean of the summed checkpoints and the current one. Returns whether it changed them.
    pub(crate) fn finish(&mut self, parameters: &mut Parameters) -> bool {
        let Some(sum) = self.sum.take() else {
            return false;
        };
        let (master, _) = parameters.master();
        let number = (std::mem::take(&mut self.count) + 1) as f64;
        let mean = tch::no_grad(|| (sum + &master) / number);
        parameters.overwrite(&mean);
        true
    }
}
