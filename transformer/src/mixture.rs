//! Keys that know the place before: what followed a word the last time is then found by one layer, where it takes two
//! otherwise (after So et al. 2021, section 4, whose convolutions are wider and of queries and values, too).

use neural::{Init, Layout, ParameterId, Weights};
use tch::Tensor;

/// What each number of a key has of its own place, and of the place before: both [D].
#[derive(Debug)]
pub(crate) struct Mixture {
    own: ParameterId,
    before: ParameterId,
}

impl Mixture {
    pub(crate) fn new(layout: &mut Layout, name: &str, width: i64) -> Mixture {
        let mut half = |part| layout.add(format!("{name}.{part}"), &[width], Init::Constant(0.5));
        Mixture {
            own: half("own"),
            before: half("before"),
        }
    }

    /// Mixes keys [batch, length, D]; `last` is the key before them, and becomes the last of them: [batch, 1, D].
    pub(crate) fn apply(
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
        keys * &weights[self.own] + before * &weights[self.before]
    }
}
