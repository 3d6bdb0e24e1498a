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

#[cfg(test)]
mod tests {
    use neural::{Parameters, Precision};
    use serde::Deserialize;
    use tch::{Device, Kind};

    use super::*;

    /// Made by `tests/golden/key_mixing.py`.
    #[derive(Deserialize)]
    struct Recorded {
        shape: Vec<i64>,
        keys: Vec<f32>,
        current: Vec<f32>,
        previous: Vec<f32>,
        mixed: Vec<f32>,
    }

    #[test]
    fn mixing_is_a_causal_convolution_at_once_and_in_steps() {
        let recorded = include_str!("../tests/golden/key_mixing.json");
        let recorded: Recorded = serde_json::from_str(recorded).unwrap();
        let tensor = |numbers: &[f32]| Tensor::from_slice(numbers).view(&recorded.shape[..]);
        let (keys, expected) = (tensor(&recorded.keys), tensor(&recorded.mixed));
        let mut layout = Layout::default();
        let mixing = KeyMixing::new(&mut layout, "keys", recorded.shape[2]);
        let parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let weights = parameters.eval_weights();
        tch::no_grad(|| {
            for (id, numbers) in [
                (mixing.current, &recorded.current),
                (mixing.previous, &recorded.previous),
            ] {
                weights[id]
                    .shallow_clone()
                    .copy_(&Tensor::from_slice(numbers));
            }
        });
        let difference = |mixed: &Tensor| {
            let apart = (mixed - &expected).abs().max();
            apart.to_kind(Kind::Double).double_value(&[])
        };
        let at_once = mixing.forward(&weights, &keys, None);
        assert!(difference(&at_once) < 1e-6);
        let mut last = None;
        let parts = [(0, 2), (2, 1), (3, 3)].map(|(start, length)| {
            mixing.forward(&weights, &keys.narrow(1, start, length), Some(&mut last))
        });
        assert!(difference(&Tensor::cat(&parts, 1)) < 1e-6);
    }
}
