//! The parameters of a trained model, for inference.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use harness::ModelCard;

use crate::device::Precision;
use crate::error::Result;
use crate::layout::Layout;
use crate::model_weights::Weights;
use crate::parameters::Parameters;
use crate::weights;

/// The parameters of a trained model behind a mutex: `tch` tensors are `Send` but not `Sync`.
#[derive(Debug)]
pub struct TrainedWeights {
    state: Mutex<State>,
    count: u64,
}

#[derive(Debug)]
struct State {
    parameters: Parameters,
    /// The same in f32, as the network reads them.
    weights: Weights,
}

/// Exclusive access to the weights.
struct Guard<'a>(MutexGuard<'a, State>);

impl Deref for Guard<'_> {
    type Target = Weights;

    fn deref(&self) -> &Weights {
        &self.0.weights
    }
}

/// The file of a trained model that holds its parameters.
pub(crate) const WEIGHTS: &str = "weights.safetensors";

impl TrainedWeights {
    /// The parameters at the end of training.
    pub fn new(parameters: Parameters) -> TrainedWeights {
        TrainedWeights {
            count: parameters.count(),
            state: Mutex::new(State {
                weights: parameters.eval_weights(),
                parameters,
            }),
        }
    }

    /// Total number of parameters.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The weights in f32, locked until the result is dropped.
    pub fn weights(&self) -> impl Deref<Target = Weights> {
        Guard(self.state())
    }

    /// Runs a computation on the weights without gradients.
    pub fn with<T>(&self, compute: impl FnOnce(&Weights) -> T) -> T {
        let weights = self.weights();
        tch::no_grad(|| compute(&weights))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panicking reader cannot have changed the weights.
        let state = self.state.lock();
        state.unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Writes the weights to a folder.
    ///
    /// # Errors
    /// As [`Parameters::save`].
    pub fn save(&self, folder: &Path) -> Result<()> {
        self.state().parameters.save(&folder.join(WEIGHTS))
    }

    /// Reads the weights that [`TrainedWeights::save`] wrote, for a network with this layout.
    ///
    /// # Errors
    /// As [`ModelCard::file`], [`Parameters::new`] and [`Parameters::load`]; [`crate::Error::Harness`] for a file that is too
    /// short for the layout, whose memory is then not allocated.
    pub fn open(
        layout: Layout,
        device: tch::Device,
        card: &ModelCard,
        folder: &Path,
    ) -> Result<TrainedWeights> {
        let path = card.file(folder, WEIGHTS)?;
        // Before memory is allocated for the network, whose size the card alone decides.
        weights::require_numbers(&path, layout.num_parameters())?;
        let mut parameters = Parameters::new(layout, device, Precision::F32, 0)?;
        parameters.load(&path)?;
        Ok(TrainedWeights::new(parameters))
    }
}
