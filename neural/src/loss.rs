//! The loss of a batch: its value and the inputs of its gradient.

use tch::Tensor;

use crate::layout::ParameterId;

/// The loss of a batch. Autograd computes the gradient of `surrogate`; `direct` holds gradients that are known already.
#[derive(Debug)]
pub struct Loss {
    /// Mean loss in nats per token, a scalar tensor.
    pub value: Tensor,
    /// A scalar whose gradient is that of the loss, except for the part in `direct`.
    pub(crate) surrogate: Tensor,
    /// Gradients computed without autograd.
    pub(crate) direct: Vec<DirectGradient>,
    /// Number of predicted tokens.
    pub tokens: u64,
}

/// A gradient with respect to some rows of a parameter.
#[derive(Debug)]
pub(crate) struct DirectGradient {
    pub(crate) id: ParameterId,
    /// Row indices; `None` means the first rows.
    pub(crate) rows: Option<Tensor>,
    pub(crate) gradient: Tensor,
}

impl Loss {
    /// Any differentiable scalar loss, the mean over `tokens` tokens.
    pub fn new(loss: Tensor, tokens: u64) -> Loss {
        Loss {
            value: loss.detach(),
            surrogate: loss,
            direct: Vec::new(),
            tokens,
        }
    }

    /// Multiplies the gradient by `factor`, for gradient accumulation over several batches.
    pub(crate) fn scaled(self, factor: f64) -> Loss {
        if factor == 1.0 {
            return self;
        }
        let direct = self.direct.into_iter();
        Loss {
            surrogate: self.surrogate * factor,
            direct: direct
                .map(|direct| DirectGradient {
                    gradient: direct.gradient * factor,
                    ..direct
                })
                .collect(),
            ..self
        }
    }
}
