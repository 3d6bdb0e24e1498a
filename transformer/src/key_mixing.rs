//! Keys mixed with those of the previous position. A single layer can then find what followed an earlier occurrence of a
//! token (an induction head), which otherwise takes two layers. So et al. 2021, section 4, use wider convolutions, and also
//! apply them to queries and values.

use neural::{Init, Layout, ParameterId, Weights};
use tch::Tensor;

/// Learned weights of the current and the previous position: both [D].
#[derive(Debug)]
pub(crate) struct KeyMixing {
    current: ParameterId,
    previous: ParameterId,
}

impl KeyMixing {
    pub(crate) fn new(layout: &mut Layout, name: &str, key_size: i64) -> KeyMixing {
        let mut half =
            |part| layout.add(format!("{name}.{part}"), &[key_size], Init::Constant(0.5));
        KeyMixing {
            current: half("current"),
            previous: half("previous"),
        }
    }

    /// Mixes keys [batch, length, D]. `last` is the key of the position before them, [batch, 1, D], and is updated.
    pub(crate) fn forward(
        &self,
        weights: &Weights,
        keys: &Tensor,
        last: Option<&mut Option<Tensor>>,
    ) -> Tensor {
        let length = keys.size()[1];
        let before = keys.narrow(1, 0, length - 1);
        let first = last.as_ref().and_then(|last| last.as_ref());
        let before = match first {
            Some(first) => Tensor::cat(&[first, &before], 1),
            None => before.constant_pad_nd([0, 0, 1, 0]),
        };
        if let Some(last) = last {
            *last = Some(keys.narrow(1, length - 1, 1).copy());
        }
        keys * &weights[self.current] + before * &weights[self.previous]
    }
}
