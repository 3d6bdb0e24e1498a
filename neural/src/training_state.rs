//! The state of a training run, and its conversion to and from a checkpoint.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Kind, Tensor};

use crate::best_checkpoint::BestCheckpoint;
use crate::checkpoint::Counters;
use crate::checkpoint_average::CheckpointAverage;
use crate::error::{Error, Result};
use crate::optimizer::Optimizer;
use crate::parameters::Parameters;
use crate::task::Task;
use crate::weights::Named;

/// Everything that changes during training, except the parameters.
#[derive(Debug)]
pub(crate) struct TrainingState {
    pub(crate) counters: Counters,
    pub(crate) optimizer: Optimizer,
    pub(crate) average: CheckpointAverage,
    pub(crate) best: BestCheckpoint,
}

impl TrainingState {
    /// Counters and tensors of a checkpoint.
    pub(crate) fn to_checkpoint(
        &self,
        parameters: &Parameters,
        carried: Vec<Tensor>,
    ) -> (Counters, Named) {
        let clones = |tensors: &mut dyn Iterator<Item = &Tensor>| -> Vec<Tensor> {
            tensors.map(Tensor::shallow_clone).collect()
        };
        let lists = [
            ("average", clones(&mut self.average.sum.iter())),
            ("best", clones(&mut self.best.parameters.iter())),
            ("optimizer", clones(&mut self.optimizer.states.iter())),
            ("carried", carried),
        ];
        let (master, _) = parameters.master();
        let mut tensors = BTreeMap::from([("parameters".to_owned(), master)]);
        for (name, list) in lists {
            let named = list.into_iter().enumerate();
            tensors.extend(named.map(|(at, tensor)| (format!("{name}.{at}"), tensor)));
        }
        let counters = Counters {
            averaged: self.average.count,
            best: self.best.log_prob,
            ..self.counters.clone()
        };
        (counters, tensors)
    }

    /// Restores a checkpoint that was read from `path`; leaves everything unchanged if a part is missing.
    pub(crate) fn restore(
        &mut self,
        (counters, mut tensors): (Counters, Named),
        parameters: &mut Parameters,
        task: &mut dyn Task,
        path: &Path,
    ) -> Result<()> {
        let refuse = |what: &str| Error::Checkpoint {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        if counters.fingerprint != self.counters.fingerprint {
            return Err(refuse("belongs to a training run with other settings"));
        }
        let (master, _) = parameters.master();
        let mut take = |name: String| match tensors.remove(&name) {
            Some(tensor) if tensor.size() == master.size() && tensor.kind() == Kind::Float => {
                Ok(tensor.to_device(master.device()))
            }
            _ => Err(refuse(&format!("{name} is missing or has another shape"))),
        };
        let flat = take("parameters".to_owned())?;
        let states: Result<Vec<Tensor>> = (0..self.optimizer.states.len())
            .map(|at| take(format!("optimizer.{at}")))
            .collect();
        let states = states?;
        let average = CheckpointAverage {
            sum: match counters.averaged {
                0 => None,
                _ => Some(take("average.0".to_owned())?),
            },
            count: counters.averaged,
        };
        let best = BestCheckpoint {
            parameters: match counters.best {
                None => None,
                Some(_) => Some(take("best.0".to_owned())?),
            },
            log_prob: counters.best,
        };
        // All parts are present; the rest cannot fail.
        (self.average, self.best) = (average, best);
        for (own, saved) in self.optimizer.states.iter().zip(states) {
            own.shallow_clone().copy_(&saved);
        }
        self.optimizer.steps = counters.step;
        let device = parameters.device();
        let carried = (0..).map_while(|at| tensors.remove(&format!("carried.{at}")));
        task.restore_carried_state(carried.map(|tensor| tensor.to_device(device)).collect());
        parameters.overwrite(&flat);
        self.counters = counters;
        Ok(())
    }
}
