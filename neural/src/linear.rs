//! A layer that only multiplies.

use tch::Tensor;

use crate::parameters::{Init, Layout, ParameterId, Weights};

/// x W^T + b.
#[derive(Debug)]
pub struct Linear {
    /// `[outputs, inputs]`.
    weight: ParameterId,
    /// `[outputs]`.
    bias: ParameterId,
}

impl Linear {
    /// Asks for the parameters `NAME.weight` and `NAME.bias`; the bias begins at 0.
    pub fn new(layout: &mut Layout, name: &str, inputs: i64, outputs: i64, init: Init) -> Linear {
        Linear {
            weight: layout.add(format!("{name}.weight"), &[outputs, inputs], init),
            bias: layout.add(format!("{name}.bias"), &[outputs], Init::Zeros),
        }
    }

    /// `[..., inputs]` to `[..., outputs]`.
    pub fn apply(&self, weights: &Weights, x: &Tensor) -> Tensor {
        x.linear(&weights[self.weight], Some(&weights[self.bias]))
    }
}
