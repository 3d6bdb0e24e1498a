//! The parameters of a trained model: read by many, changed by nobody.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use crate::Precision;
use crate::error::Result;
use crate::parameters::{Layout, Parameters, Weights};

/// The parameters of a trained model, read one caller at a time: `tch` lets tensors be sent, but not shared.
#[derive(Debug)]
pub struct Trained {
    state: Mutex<State>,
    count: u64,
}

#[derive(Debug)]
struct State {
    parameters: Parameters,
    /// The same as f32, as a network reads them.
    weights: Weights,
}

/// Weights that nobody else reads.
struct Held<'a>(MutexGuard<'a, State>);

impl Deref for Held<'_> {
    type Target = Weights;

    fn deref(&self) -> &Weights {
        &self.0.weights
    }
}

const WEIGHTS: &str = "weights.safetensors";

impl Trained {
    /// Parameters as training left them.
    pub fn new(parameters: Parameters) -> Trained {
        Trained {
            count: parameters.count(),
            state: Mutex::new(State {
                weights: parameters.exact_weights(),
                parameters,
            }),
        }
    }

    /// Numbers that training set.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The weights, in f32, until what is returned is dropped.
    pub fn weights(&self) -> impl Deref<Target = Weights> {
        Held(self.state())
    }

    /// Works with the weights, without keeping track of gradients.
    pub fn with<T>(&self, work: impl FnOnce(&Weights) -> T) -> T {
        let weights = self.weights();
        tch::no_grad(|| work(&weights))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What panicked while it read cannot have changed the weights.
        let state = self.state.lock();
        state.unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Writes the weights into a folder.
    ///
    /// # Errors
    /// As [`Parameters::save`].
    pub fn save(&self, folder: &Path) -> Result<()> {
        self.state().parameters.save(&folder.join(WEIGHTS))
    }

    /// Opens what [`Trained::save`] wrote, for a network that asks for these parameters.
    ///
    /// # Errors
    /// As [`Parameters::new`] and [`Parameters::load`].
    pub fn open(layout: Layout, device: tch::Device, folder: &Path) -> Result<Trained> {
        let mut parameters = Parameters::new(layout, device, Precision::F32, 0)?;
        parameters.load(&folder.join(WEIGHTS))?;
        Ok(Trained::new(parameters))
    }
}
