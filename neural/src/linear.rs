//! The linear layer.

use tch::Tensor;

use crate::layout::{Init, Layout, ParameterId};
use crate::model_weights::Weights;

/// x W^T + b.
#[derive(Debug)]
pub struct Linear {
    /// `[outputs, inputs]`.
    weight: ParameterId,
    /// `[outputs]`.
    bias: ParameterId,
}

impl Linear {
    /// Declares the parameters `NAME.weight` and `NAME.bias`; the bias is initialised with 0.
    pub fn new(layout: &mut Layout, name: &str, inputs: i64, outputs: i64, init: Init) -> Linear {
        Linear {
            weight: layout.add(format!("{name}.weight"), &[outputs, inputs], init),
            bias: layout.add(format!("{name}.bias"), &[outputs], Init::Zeros),
        }
    }

    /// # Shapes
    /// `[..., inputs]` to `[..., outputs]`.
    pub fn forward(&self, weights: &Weights, x: &Tensor) -> Tensor {
        x.linear(&weights[self.weight], Some(&weights[self.bias]))
    }
}
